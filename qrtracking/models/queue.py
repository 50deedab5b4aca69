"""Reverse jobs and the queue of prepared codes that they fill."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Organization, TenantModel, TenantQuerySet
from jobs.models import (
    Job,
    JobLog,
    JobQuerySet,
    kernel_constraints,
    kernel_indexes,
    kernel_permissions,
)
from jobs.states import States
from qrtracking.models.batch import Batch
from qrtracking.models.case import MasterCode
from qrtracking.models.catalog import Order, ProductVariant
from qrtracking.models.constraints import CodeField, Link, at_least, one_of, tenant_key
from qrtracking.models.unit import UnitCode

REVERSE_JOB_STATES = States(
    waiting="queued",
    active="running",
    done="completed",
    failed="failed",
    cancelled="cancelled",
)


class ReverseJobStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReverseJobQuerySet(JobQuerySet):
    def unfinished(self) -> Self:
        return self.filter(status__in=[ReverseJobStatus.QUEUED, ReverseJobStatus.RUNNING])

    def not_cancelled(self) -> Self:
        """Jobs whose rows may be linked and whose excludes hold."""
        return self.exclude(status=ReverseJobStatus.CANCELLED)


class ReverseJob(Job):
    """Prepares every unit of a batch but the excluded ones."""

    states: ClassVar[States] = REVERSE_JOB_STATES
    log_model: ClassVar[str | None] = "qrtracking.ReverseJobLog"
    lazy_fields: ClassVar[tuple[str, ...]] = ("exclude_codes",)

    batch = Link(Batch, related_name="reverse_jobs")
    order = Link(Order)
    manufacturer_org = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    # Each entry as `rules.text.Entry.stored`: `restore_entries` reads them back.
    exclude_codes = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    filter_variant = Link(ProductVariant, null=True, blank=True)
    filter_case_numbers = ArrayField(models.IntegerField(), null=True, blank=True)
    total_available_in_batch = models.IntegerField(null=True, blank=True, editable=False)
    remaining_to_prepare = models.IntegerField(null=True, blank=True, editable=False)
    prepared_count = models.IntegerField(default=0, db_default=0, editable=False)
    duplicate_count = models.IntegerField(default=0, db_default=0, editable=False)
    invalid_count = models.IntegerField(default=0, db_default=0, editable=False)
    excluded_matched_count = models.IntegerField(default=0, db_default=0, editable=False)
    invalidated_count = models.IntegerField(default=0, db_default=0, editable=False)
    status = models.CharField(
        max_length=20,
        choices=ReverseJobStatus,
        default=ReverseJobStatus.QUEUED,
        db_default="queued",
    )
    process_now = models.BooleanField(default=False, db_default=False)
    notify_email = models.BooleanField(default=True, db_default=True)
    label = models.CharField(max_length=200, default="", db_default="", blank=True)

    objects: ClassVar = ReverseJobQuerySet.as_manager()

    class Meta:
        db_table = "qr_reverse_jobs"
        indexes = [
            *kernel_indexes("qr_reverse_jobs", REVERSE_JOB_STATES),
            models.Index("batch", "created_at", name="qr_reverse_jobs_batch_created"),
        ]
        constraints = [
            *kernel_constraints("qr_reverse_jobs"),
            one_of("qr_reverse_jobs", "status", ReverseJobStatus),
            models.CheckConstraint(
                condition=Q(manufacturer_org=F("organization")),
                name="qr_reverse_jobs_manufacturer_is_organization",
            ),
            tenant_key("qr_reverse_jobs"),
        ]
        permissions = [*kernel_permissions("reversejob", "reverse jobs")]

    def __str__(self) -> str:
        return self.label or f"Reverse job {self.pk}"


class ReverseJobExclude(models.Model):
    """A unit that a job's excludes were resolved to."""

    pk = models.CompositePrimaryKey("job_id", "sequence_number")
    job = Link(ReverseJob, related_name="excludes")
    sequence_number = models.IntegerField()
    organization = Link(Organization, models.PROTECT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar = TenantQuerySet.as_manager()

    class Meta:
        db_table = "qr_reverse_job_excludes"
        constraints = [at_least("qr_reverse_job_excludes", "sequence_number", 1)]

    def __str__(self) -> str:
        return f"#{self.sequence_number}"


class ReverseJobLog(JobLog):
    job = Link(ReverseJob, related_name="logs")

    class Meta:
        db_table = "qr_reverse_job_logs"
        indexes = [models.Index("job", "id", name="qr_reverse_job_logs_job")]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["info", "warn", "error"]),
                name="qr_reverse_job_logs_level_valid",
            )
        ]

    def __str__(self) -> str:
        return self.message


class PreparedStatus(models.TextChoices):
    PREPARED = "prepared"
    CONSUMED = "consumed"
    INVALID = "invalid"


class InvalidReason(models.TextChoices):
    EXCLUDED = "excluded"
    PACKED_ELSEWHERE = "packed_elsewhere"
    NOT_AVAILABLE = "not_available"
    JOB_CANCELLED = "job_cancelled"


class PreparedCodeQuerySet(TenantQuerySet["PreparedCode"]):
    def live(self) -> Self:
        """Rows that wait for a case; a unit has at most one of them."""
        return self.filter(status=PreparedStatus.PREPARED)

    def in_queue_order(self) -> Self:
        return self.order_by("sequence_number", "unit")


class PreparedCode(TenantModel):
    """A row of the queue. Like units, a big table: only some keys are constraints."""

    organization = Link(Organization, models.PROTECT)
    job = Link(ReverseJob, related_name="prepared_codes")
    batch = Link(Batch)
    order = Link(Order)
    unit = Link(UnitCode, db_column="code_id", related_name="prepared_codes")
    code = CodeField(max_length=200)
    sequence_number = models.IntegerField()
    variant = Link(ProductVariant)
    planned_case_number = models.IntegerField(null=True, blank=True)
    status = models.CharField(
        max_length=20,
        choices=PreparedStatus,
        default=PreparedStatus.PREPARED,
        db_default="prepared",
    )
    invalid_reason = models.CharField(max_length=20, null=True, blank=True, choices=InvalidReason)  # noqa: DJ001 (null: not invalid)
    master_code = Link(MasterCode, null=True, blank=True)
    consumed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = PreparedCodeQuerySet.as_manager()

    class Meta:
        db_table = "qr_prepared_codes"
        indexes = [
            models.Index(
                "batch",
                "variant",
                "sequence_number",
                "unit",
                condition=Q(status="prepared"),
                name="qr_prepared_codes_queue",
            ),
            models.Index("job", "sequence_number", name="qr_prepared_codes_job"),
            # Deleting units without it would read the whole queue for each of them.
            models.Index("unit", name="qr_prepared_codes_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(status="prepared"),
                name="qr_prepared_codes_live_unit",
            ),
            one_of("qr_prepared_codes", "status", PreparedStatus),
            one_of("qr_prepared_codes", "invalid_reason", InvalidReason),
            models.CheckConstraint(
                condition=~Q(status="consumed") | Q(master_code__isnull=False),
                name="qr_prepared_codes_consumed_in_case",
            ),
        ]

    def __str__(self) -> str:
        return self.code
