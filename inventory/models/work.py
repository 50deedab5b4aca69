"""Work over the queue: the switch, drains, what their slices did, and jobs over stock."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import TenantQuerySet
from inventory.models.base import StockTable, one_of
from jobs.models import Job, kernel_constraints, kernel_indexes, kernel_permissions
from jobs.states import States

WORK_STATES = States(
    waiting="queued", active="running", done="completed", failed="failed", cancelled="cancelled"
)


class WorkStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


def work_status() -> Any:
    return models.CharField(
        max_length=20, choices=WorkStatus, default=WorkStatus.QUEUED, db_default="queued"
    )


class DesiredState(models.TextChoices):
    RUNNING = "running"
    STOPPED = "stopped"


class QueueControl(models.Model):
    """The switch of an organization's queue; without a row it runs."""

    organization = models.OneToOneField(
        "accounts.Organization", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    desired_state = models.CharField(
        max_length=10, choices=DesiredState, default=DesiredState.RUNNING, db_default="running"
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_column="changed_by",
    )
    changed_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        db_table = "queue_control"
        verbose_name = "queue"
        constraints = [one_of("queue_control_state_valid", "desired_state", DesiredState)]

    def __str__(self) -> str:
        return self.desired_state


class QueueDrain(Job):
    """One worker's run over the items of one organization. Lane 1 opens with every add."""

    states: ClassVar[States] = WORK_STATES

    status = work_status()
    lane = models.SmallIntegerField(default=1, db_default=1)
    claimed = models.IntegerField(default=0, db_default=0, editable=False)
    completed = models.IntegerField(default=0, db_default=0, editable=False)
    failed = models.IntegerField(default=0, db_default=0, editable=False)
    retried = models.IntegerField(default=0, db_default=0, editable=False)

    class Meta:
        db_table = "queue_drain"
        indexes = kernel_indexes("queue_drain", WORK_STATES)
        constraints = [
            *kernel_constraints("queue_drain"),
            one_of("queue_drain_status_valid", "status", WorkStatus),
            models.UniqueConstraint(
                fields=["organization", "lane"],
                condition=Q(status__in=["queued", "running"]),
                name="queue_drain_open_lane_uniq",
            ),
        ]
        permissions = [*kernel_permissions("queuedrain", "drains")]

    def __str__(self) -> str:
        return f"Drain, lane {self.lane}"


class QueueSlice(StockTable):
    """What one slice did; a schedule folds old ones to hours."""

    finished_at = models.DateTimeField(db_default=Now())
    source = models.CharField(max_length=50, default="", db_default="", blank=True)
    claimed = models.IntegerField(default=0, db_default=0)
    completed = models.IntegerField(default=0, db_default=0)
    failed = models.IntegerField(default=0, db_default=0)
    retried = models.IntegerField(default=0, db_default=0)
    wait_ms_sum = models.BigIntegerField(default=0, db_default=0)
    wait_ms_max = models.BigIntegerField(default=0, db_default=0)
    run_ms = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "queue_slice"
        # By this name people find what slices tell.
        verbose_name_plural = "analytics"
        indexes = [
            models.Index(fields=["organization", "finished_at"], name="queue_slice_org_time_idx")
        ]

    def __str__(self) -> str:
        return f"{self.claimed} items"


IMPORT_STATES = States(
    waiting="uploaded", active="reading", done="ready", failed="failed", cancelled="cancelled"
)


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded"
    READING = "reading"
    READY = "ready"
    QUEUED = "queued"
    CANCELLED = "cancelled"
    FAILED = "failed"


class QueueImport(Job):
    """A file of phones: read and judged by a job, looked at by a person, then queued."""

    states: ClassVar[States] = IMPORT_STATES

    status = models.CharField(
        max_length=20, choices=ImportStatus, default=ImportStatus.UPLOADED, db_default="uploaded"
    )
    file = models.FileField(upload_to="inventory-imports/", max_length=200, blank=True)
    file_name = models.CharField(max_length=255, default="", db_default="", blank=True)
    file_size = models.BigIntegerField(default=0, db_default=0, editable=False)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=10, default="", db_default="", blank=True)
    # Column -> field of the mapping table, or "" for a column that is only kept in raw_data.
    mapping = models.JSONField(default=dict, db_default={}, blank=True)
    options = models.JSONField(default=dict, db_default={}, blank=True)
    counts = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    batch_id = models.CharField(max_length=50, null=True, blank=True, editable=False)  # noqa: DJ001 (null: not queued)

    class Meta:
        db_table = "queue_import"
        indexes = [
            *kernel_indexes("queue_import", IMPORT_STATES),
            models.Index(fields=["organization", "sha256"], name="queue_import_sha_idx"),
        ]
        constraints = [
            *kernel_constraints("queue_import"),
            one_of("queue_import_status_valid", "status", ImportStatus),
            models.UniqueConstraint(fields=["organization", "id"], name="queue_import_org_id_uniq"),
        ]
        permissions = [
            *kernel_permissions("queueimport", "imports"),
            ("import_file", "Can import files"),
        ]

    def __str__(self) -> str:
        return self.file_name or f"Import {self.pk}"


class RowVerdict(models.TextChoices):
    NEW = "new"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


class QueueImportRow(models.Model):
    pk = models.CompositePrimaryKey("queue_import_id", "line_no")
    queue_import = models.ForeignKey(
        QueueImport,
        on_delete=models.DO_NOTHING,
        related_name="rows",
        db_constraint=False,
        db_index=False,
        db_column="import_id",
    )
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    line_no = models.IntegerField()
    data = models.JSONField()
    imei_norm = models.CharField(max_length=15, null=True, blank=True)  # noqa: DJ001 (null: none)
    verdict = models.CharField(max_length=10, choices=RowVerdict, null=True, blank=True)  # noqa: DJ001 (null: not judged yet)
    error_code = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 (null: none)
    error_message = models.TextField(null=True, blank=True)  # noqa: DJ001 (null: none)
    warnings = models.JSONField(default=list, db_default=[], blank=True)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        db_table = "queue_import_row"
        indexes = [
            models.Index(fields=["queue_import", "verdict", "line_no"], name="qir_verdict_idx"),
        ]
        constraints = [one_of("qir_verdict_valid", "verdict", RowVerdict)]

    def __str__(self) -> str:
        return f"Line {self.line_no}"


class StockJobKind(models.TextChoices):
    EXPORT = "export"
    APPLY_SKU_RULES = "apply_sku_rules"


class StockJob(Job):
    """Long work over devices: an export to a file, or SKU rules applied to all."""

    states: ClassVar[States] = WORK_STATES
    type_field: ClassVar[str | None] = "kind"

    status = work_status()
    kind = models.CharField(max_length=20, choices=StockJobKind)
    options = models.JSONField(default=dict, db_default={}, blank=True)
    row_count = models.IntegerField(default=0, db_default=0, editable=False)
    file = models.FileField(upload_to="inventory-exports/", max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "stock_job"
        verbose_name = "export"
        verbose_name_plural = "exports and stock jobs"
        indexes = [
            *kernel_indexes("stock_job", WORK_STATES),
            models.Index("kind", "created_at", "id", name="stock_job_kind_idx"),
        ]
        constraints = [
            *kernel_constraints("stock_job"),
            one_of("stock_job_status_valid", "status", WorkStatus),
            one_of("stock_job_kind_valid", "kind", StockJobKind),
        ]
        permissions = [*kernel_permissions("stockjob", "stock jobs")]

    def __str__(self) -> str:
        return self.get_kind_display()
