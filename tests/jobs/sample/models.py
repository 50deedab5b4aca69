from typing import ClassVar

from django.db import models

from accounts.models import TenantModel
from jobs.models import Job, kernel_constraints, kernel_indexes, kernel_permissions
from jobs.states import States

SAMPLE_STATES = States(
    waiting="queued", active="running", done="completed", failed="failed", cancelled="cancelled"
)


class SampleJob(Job):
    """Writes `total` effects, one for each number; `kind` chooses the handler."""

    states: ClassVar[States] = SAMPLE_STATES
    type_field = "kind"

    status = models.CharField(max_length=20, default="queued", db_default="queued")
    kind = models.CharField(max_length=30, default="count")
    total = models.IntegerField(default=10)
    written = models.IntegerField(default=0)
    ends = models.IntegerField(default=0)
    # What the handler is to do wrong, if anything.
    fault = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        db_table = "sample_job"
        indexes = [
            *kernel_indexes("sample_job", SAMPLE_STATES),
            models.Index("kind", "created_at", "id", name="sample_job_kind"),
        ]
        constraints = kernel_constraints("sample_job")
        permissions = kernel_permissions("samplejob", "sample job")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Effect(TenantModel):
    """Without unique constraints on purpose: a doubled effect must be seen, not refused."""

    job_id = models.UUIDField()
    number = models.IntegerField()
    worker = models.CharField(max_length=60, default="")

    class Meta:
        db_table = "sample_effect"
        indexes = [models.Index("job_id", "number", name="sample_effect_job")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number}"
