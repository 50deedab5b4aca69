"""What people and worker hosts tell each other: paused job types, signs of life."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.ids import UUID7


class PausedJobType(models.Model):
    """While the row exists, no job with this handler name is claimed."""

    name = models.CharField(primary_key=True, max_length=100)
    reason = models.CharField(max_length=500, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    paused_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "jobs_paused_type"
        # The admin's page lists every type, to be paused or resumed.
        verbose_name = "job type"
        permissions = [("pause_job_type", "Can pause and resume a type of job")]

    def __str__(self) -> str:
        return self.name


class WorkerHostQuerySet(models.QuerySet["WorkerHost"]):
    def alive(self, *, within_seconds: float = 60) -> "WorkerHostQuerySet":
        return self.filter(seen_at__gte=Now() - timedelta(seconds=within_seconds))

    def heard(self, *, within_seconds: float) -> "WorkerHostQuerySet":
        """Whose workers have taken a task lately."""
        return self.filter(beat_at__gte=Now() - timedelta(seconds=within_seconds))


class WorkerHost(models.Model):
    """One cluster of worker processes: a host, a watchdog and a queue."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    name = models.CharField(max_length=160, unique=True)
    host = models.CharField(max_length=120)
    queue = models.CharField(max_length=20)
    workers = models.SmallIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    # The watchdog's own sign of life, and the last task that a worker of the cluster took.
    seen_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now())
    restarts = models.IntegerField(db_default=0)

    objects = WorkerHostQuerySet.as_manager()

    class Meta:
        db_table = "jobs_worker_host"
        indexes = [models.Index("seen_at", name="jobs_worker_host_seen")]

    def __str__(self) -> str:
        return self.name
