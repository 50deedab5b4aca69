"""A batch: the units and cases of one order, and the job that makes their codes."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from jobs.models import Job, JobQuerySet, kernel_constraints, kernel_indexes
from jobs.models.job import KERNEL_VERBS
from jobs.states import States
from qrtracking.models.catalog import Order
from qrtracking.models.constraints import (
    DEFAULT_BUFFER_PERCENT,
    at_least,
    one_of,
    percent,
    tenant_key,
)

GENERATION_STATES = States(
    waiting="queued",
    active="processing",
    done="generated",
    failed="failed",
    cancelled="cancelled",
)


class BatchStatus(models.TextChoices):
    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    GENERATED = "generated"
    PRINTING = "printing"
    IN_PRODUCTION = "in_production"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


PACKABLE = (BatchStatus.GENERATED, BatchStatus.PRINTING, BatchStatus.IN_PRODUCTION)


class BatchQuerySet(JobQuerySet):
    def packable(self) -> Self:
        return self.filter(status__in=PACKABLE)


class Batch(Job):
    """Before and after its generation the status leaves the job's words: see BatchStatus."""

    states: ClassVar[States] = GENERATION_STATES
    # One right for all that concerns the making of codes.
    verb_permissions: ClassVar[Mapping[str, str]] = dict.fromkeys(KERNEL_VERBS, "generate")

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, related_name="batch", db_constraint=False
    )
    status = models.CharField(
        max_length=20, choices=BatchStatus, default=BatchStatus.PENDING, db_default="pending"
    )
    total_master_codes = models.IntegerField(default=0, db_default=0)
    total_unique_codes = models.IntegerField(default=0, db_default=0, help_text="With spares.")
    planned_unique_codes = models.IntegerField(default=0, db_default=0, help_text="Without spares.")
    buffer_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=DEFAULT_BUFFER_PERCENT,
        db_default=DEFAULT_BUFFER_PERCENT,
    )
    use_item_case_sizes = models.BooleanField(default=False, db_default=False)
    production_completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    production_completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_column="production_completed_by",
    )

    objects: ClassVar = BatchQuerySet.as_manager()

    class Meta:
        db_table = "qr_batches"
        verbose_name_plural = "batches"
        indexes = kernel_indexes("qr_batches", GENERATION_STATES)
        constraints = [
            *kernel_constraints("qr_batches"),
            one_of("qr_batches", "status", BatchStatus),
            percent("qr_batches", "buffer_percent"),
            at_least("qr_batches", "total_master_codes", 0),
            at_least("qr_batches", "total_unique_codes", 0),
            at_least("qr_batches", "planned_unique_codes", 0),
            tenant_key("qr_batches"),
            models.UniqueConstraint(
                fields=["organization", "order", "id"], name="qr_batches_org_order_id_uniq"
            ),
        ]
        permissions = [
            ("generate_batch", "Can generate codes and labels, cancel and retry"),
            ("complete_batch", "Can complete production"),
        ]

    def __str__(self) -> str:
        return self.batch_code

    @property
    def batch_code(self) -> str:
        return f"BATCH-{self.order.order_no}"

    @property
    def is_packable(self) -> bool:
        return self.status in PACKABLE

    @property
    def spare_count(self) -> int:
        return self.total_unique_codes - self.planned_unique_codes
