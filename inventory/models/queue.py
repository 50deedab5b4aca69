"""The queue: items as they were posted, the batches they came in, and the log of what happened."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now

from accounts.models import TenantQuerySet
from inventory.models.base import StockTable, one_of

NORMAL_PRIORITY = 5
DEFAULT_RETRIES = 3


@models.JSONField.register_lookup
class JsonbTypeof(models.Transform):
    lookup_name = "jsonb_typeof"
    function = "jsonb_typeof"
    output_field = models.TextField()


class ItemStatus(models.TextChoices):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Validation(models.TextChoices):
    """What a wrong check digit means: a warning, or a refusal."""

    WARN = "warn"
    STRICT = "strict"


class QueueItemQuerySet(TenantQuerySet[Any]):
    def pending(self) -> Self:
        return self.filter(status=ItemStatus.PENDING)

    def failed(self) -> Self:
        return self.filter(status=ItemStatus.FAILED)

    def due(self) -> Self:
        """What a worker may take now; a time in `run_after` keeps a row out of the due indexes."""
        return self.pending().filter(run_after=None)

    def in_queue_order(self) -> Self:
        return self.order_by("priority", "created_at", "id")


class QueueItem(StockTable):
    raw_data = models.JSONField(help_text="Exactly as it was posted.")
    status = models.CharField(
        max_length=20, choices=ItemStatus, default=ItemStatus.PENDING, db_default="pending"
    )
    priority = models.IntegerField(default=NORMAL_PRIORITY, db_default=NORMAL_PRIORITY)
    retry_count = models.IntegerField(default=0, db_default=0, help_text="Retries used.")
    max_retries = models.IntegerField(default=DEFAULT_RETRIES, db_default=DEFAULT_RETRIES)
    source = models.CharField(max_length=50, null=True, blank=True)  # noqa: DJ001 (contract)
    # No key: rows put in by SQL may have no batch.
    batch_id = models.CharField(max_length=50, null=True, blank=True)  # noqa: DJ001 (contract)
    error_message = models.TextField(null=True, blank=True)  # noqa: DJ001 (contract)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)
    imei_norm = models.CharField(max_length=15, null=True, blank=True)  # noqa: DJ001 (null: none)
    error_code = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 (null: none)
    warnings = models.JSONField(default=list, db_default=Value([], models.JSONField()), blank=True)
    validation = models.CharField(max_length=6, null=True, blank=True, choices=Validation)  # noqa: DJ001 (null: not asked for)
    run_after = models.DateTimeField(null=True, blank=True, help_text="Empty: due now.")
    started_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001 (null: unlocked)
    lease_token = models.UUIDField(null=True, blank=True)
    isolate = models.BooleanField(default=False, db_default=False, help_text="Handled alone.")
    client_ref = models.UUIDField(null=True, blank=True)
    line_no = models.IntegerField(null=True, blank=True)

    objects: ClassVar[Any] = QueueItemQuerySet.as_manager()

    class Meta:
        db_table = "imei_data_queue"
        verbose_name = "queue item"
        indexes = [
            models.Index(
                "organization",
                "priority",
                "created_at",
                "id",
                condition=Q(status="pending", run_after=None, isolate=False),
                name="iq_due_idx",
            ),
            models.Index(
                "organization",
                "priority",
                "created_at",
                "id",
                condition=Q(status="pending", run_after=None, isolate=True),
                name="iq_isolated_idx",
            ),
            models.Index(
                "organization",
                "run_after",
                condition=Q(status="pending", run_after__isnull=False),
                name="iq_delayed_idx",
            ),
            models.Index("locked_at", condition=Q(status="processing"), name="iq_lease_idx"),
            models.Index(
                fields=["organization", "status", "priority", "created_at", "id"],
                include=["source"],
                name="iq_list_idx",
            ),
            models.Index(
                "organization",
                "batch_id",
                "status",
                "priority",
                "created_at",
                "id",
                name="iq_batch_idx",
            ),
            models.Index("organization", "imei_norm", "id", name="iq_imei_idx"),
            models.Index(
                "organization", "error_code", condition=Q(status="failed"), name="iq_failed_idx"
            ),
        ]
        constraints = [
            one_of("iq_status_valid", "status", ItemStatus),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=10), name="iq_priority_range"
            ),
            models.CheckConstraint(
                condition=Q(
                    retry_count__gte=0, retry_count__lte=F("max_retries"), max_retries__lte=10
                ),
                name="iq_retry_range",
            ),
            models.CheckConstraint(
                condition=Q(raw_data__jsonb_typeof="object"), name="iq_raw_is_object"
            ),
            one_of("iq_validation_valid", "validation", Validation),
            models.UniqueConstraint(
                fields=["organization", "client_ref"],
                condition=Q(client_ref__isnull=False),
                name="iq_client_ref_uniq",
            ),
        ]
        permissions = [
            ("retry_item", "Can queue failed items again"),
            ("process_queue", "Can process items in the foreground"),
            ("clear_completed", "Can move completed items to the archive"),
            ("control_queue", "Can start and stop the queue"),
        ]

    def __str__(self) -> str:
        return f"Item {self.pk}"


class LogAction(models.TextChoices):
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    RETRY = "retry"
    CLEARED = "cleared"
    UNDONE = "undone"


class ProcessingLog(StockTable):
    """Append-only; it outlives its item, so the item is no key."""

    queue_item_id = models.BigIntegerField()
    action = models.CharField(max_length=20, choices=LogAction)
    message = models.TextField(null=True, blank=True)  # noqa: DJ001 (contract)
    error = models.TextField(null=True, blank=True)  # noqa: DJ001 (contract)
    error_code = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 (contract)

    class Meta:
        db_table = "queue_processing_log"
        indexes = [
            models.Index("queue_item_id", "id", name="qpl_item_idx"),
            BrinIndex("created_at", name="qpl_created_brin"),
        ]
        constraints = [one_of("qpl_action_valid", "action", LogAction)]

    def __str__(self) -> str:
        return self.message or self.action


class BatchStatus(models.TextChoices):
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"


class QueueBatch(StockTable):
    """The items of one add. Its counters move with its items, in their transactions."""

    batch_id = models.CharField(max_length=50, unique=True)
    source = models.CharField(max_length=50, default="bulk-add", db_default="bulk-add")
    total_items = models.IntegerField(default=0, db_default=0)
    processed_items = models.IntegerField(default=0, db_default=0, help_text="Succeeded.")
    failed_items = models.IntegerField(default=0, db_default=0, help_text="Failed for good.")
    status = models.CharField(
        max_length=20, choices=BatchStatus, default=BatchStatus.ACTIVE, db_default="active"
    )
    started_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_column="created_by",
    )
    priority = models.IntegerField(default=NORMAL_PRIORITY, db_default=NORMAL_PRIORITY)
    max_retries = models.IntegerField(default=DEFAULT_RETRIES, db_default=DEFAULT_RETRIES)
    validation = models.CharField(max_length=6, null=True, blank=True, choices=Validation)  # noqa: DJ001 (null: not asked for)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    import_id = models.UUIDField(null=True, blank=True)
    undoable = models.BooleanField(default=False, db_default=False)
    cleared_items = models.IntegerField(
        default=0, db_default=0, help_text="Completed and moved to the archive."
    )
    discarded_items = models.IntegerField(
        default=0, db_default=0, help_text="Failed and moved to the archive."
    )
    completion_no = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "queue_batch"
        verbose_name_plural = "queue batches"
        indexes = [
            models.Index(
                "organization",
                F("created_at").desc(),
                F("id").desc(),
                name="qb_org_created_idx",
            ),
        ]
        constraints = [
            one_of("qb_status_valid", "status", BatchStatus),
            models.CheckConstraint(
                condition=Q(
                    total_items__gte=F("processed_items") + F("failed_items"),
                    processed_items__gte=0,
                    failed_items__gte=0,
                    cleared_items__gte=0,
                    discarded_items__gte=0,
                    completion_no__gte=0,
                ),
                name="qb_counts_valid",
            ),
        ]
        permissions = [
            ("cancel_batch", "Can cancel pending items"),
            ("undo_batch", "Can undo a batch"),
        ]

    def __str__(self) -> str:
        return self.batch_id


class QueueCount(models.Model):
    """A ledger that triggers on the queue write and a schedule folds: its sums are the counts."""

    id = models.BigAutoField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        "accounts.Organization",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    status = models.CharField(max_length=20)
    row_delta = models.BigIntegerField()
    # Sum of processed_at - created_at of the rows that entered or left completed.
    second_delta = models.FloatField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        db_table = "queue_count"
        indexes = [models.Index(fields=["organization", "id"], name="queue_count_org_idx")]

    def __str__(self) -> str:
        return f"{self.status} {self.row_delta:+}"


class QueueArchive(StockTable):
    """Items that have left the queue."""

    queue_id = models.BigIntegerField()
    imei = models.CharField(max_length=15, null=True, blank=True)  # noqa: DJ001 (contract)
    source = models.CharField(max_length=50, null=True, blank=True)  # noqa: DJ001 (contract)
    batch_id = models.CharField(max_length=50, null=True, blank=True)  # noqa: DJ001 (contract)
    raw_data = models.JSONField()
    processing_status = models.CharField(max_length=20)
    error_message = models.TextField(null=True, blank=True)  # noqa: DJ001 (contract)
    error_code = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 (contract)
    processing_time_ms = models.BigIntegerField(null=True, blank=True)
    # When the item was added; the row's own time is archived_at.
    created_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "imei_data_log"
        verbose_name = "archived item"
        indexes = [
            models.Index("organization", "queue_id", name="idl_org_queue_idx"),
            models.Index("organization", "archived_at", "id", name="idl_org_archived_idx"),
            models.Index("organization", "imei", "id", name="idl_org_imei_idx"),
            BrinIndex("archived_at", name="idl_archived_brin"),
        ]

    def __str__(self) -> str:
        return f"Item {self.queue_id}"


class QueueItemUndo(models.Model):
    """What a device was before an item of an undoable batch changed it."""

    queue_item_id = models.BigIntegerField(primary_key=True)
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    batch_id = models.CharField(max_length=50)
    imei = models.CharField(max_length=15)
    created = models.BooleanField(help_text="The item made the device.")
    before = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        db_table = "queue_item_undo"
        indexes = [
            models.Index(
                "organization",
                "batch_id",
                "imei",
                "queue_item_id",
                name="queue_item_undo_batch_idx",
            ),
            BrinIndex("created_at", name="queue_item_undo_created_brin"),
        ]

    def __str__(self) -> str:
        return f"Item {self.queue_item_id}"
