from django.db import models

from accounts.models import TenantModel


class Level(models.TextChoices):
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


class JobLog(TenantModel):
    """A line of a job's append-only log. A concrete model adds `job`, a key to its job."""

    level = models.CharField(max_length=5, choices=Level, default=Level.INFO, db_default="info")
    message = models.TextField()
    correlation_id = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        abstract = True


class JobEvent(JobLog):
    """The log of the job models that have no log table of their own."""

    job_label = models.CharField(max_length=60)
    job_id = models.UUIDField()

    class Meta:
        db_table = "jobs_event"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values), name="jobs_event_level_valid"
            )
        ]
        indexes = [
            models.Index("job_id", "id", name="jobs_event_job"),
            models.Index("created_at", name="jobs_event_created"),
            # Finds the few among the many.
            models.Index(
                "id",
                condition=models.Q(level__in=[Level.WARN, Level.ERROR]),
                name="jobs_event_trouble",
            ),
        ]

    def __str__(self) -> str:
        return self.message
