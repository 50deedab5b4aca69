"""Units, each with its unique code."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.models import Organization, TenantModel, TenantQuerySet
from qrtracking.models.batch import Batch
from qrtracking.models.case import MasterCode
from qrtracking.models.catalog import Order, Product, ProductVariant
from qrtracking.models.constraints import CodeField, Link, at_least, one_of
from qrtracking.rules.text import match_key


class UnitStatus(models.TextChoices):
    PENDING = "pending"
    GENERATED = "generated"
    PRINTED = "printed"
    AVAILABLE = "available"
    PACKED = "packed"
    READY_TO_SHIP = "ready_to_ship"
    RECEIVED_WAREHOUSE = "received_warehouse"
    WAREHOUSE_PACKED = "warehouse_packed"
    SHIPPED_DISTRIBUTOR = "shipped_distributor"
    ACTIVATED = "activated"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    USED_OK = "used_ok"
    SPOILED = "spoiled"
    BUFFER_AVAILABLE = "buffer_available"
    BUFFER_USED = "buffer_used"


FREE = (UnitStatus.PENDING, UnitStatus.GENERATED, UnitStatus.PRINTED, UnitStatus.AVAILABLE)
OUTSIDE_CASES = (*FREE, UnitStatus.BUFFER_AVAILABLE)
INSIDE_CASES = (UnitStatus.PACKED, UnitStatus.READY_TO_SHIP, UnitStatus.BUFFER_USED)


class UnitCodeQuerySet(TenantQuerySet["UnitCode"]):
    def eligible(self) -> Self:
        """Units that a job may prepare and a case may take: free, and no spares."""
        return self.filter(is_buffer=False, status__in=FREE)

    def spares(self) -> Self:
        return self.filter(is_buffer=True)

    def free_spares(self) -> Self:
        return self.filter(is_buffer=True, status=UnitStatus.BUFFER_AVAILABLE)

    def with_code(self, text: str) -> Self:
        return self.annotate(upper_code=Upper("code")).filter(upper_code=match_key(text))


class UnitCode(TenantModel):
    """A row per label: up to a million in a batch. Only some keys are constraints."""

    organization = Link(Organization, models.PROTECT)
    batch = Link(Batch, related_name="units")
    order = Link(Order)
    product = Link(Product)
    variant = Link(ProductVariant)
    code = CodeField(max_length=200)
    sequence_number = models.IntegerField()
    planned_case_number = models.IntegerField(null=True, blank=True, help_text="The label plan.")
    master_code = Link(
        MasterCode,
        null=True,
        blank=True,
        related_name="units",
        help_text="The case that the unit is packed into.",
    )
    status = models.CharField(
        max_length=20, choices=UnitStatus, default=UnitStatus.GENERATED, db_default="generated"
    )
    previous_status = models.CharField(max_length=20, null=True, blank=True, choices=UnitStatus)  # noqa: DJ001 (null: never packed)
    is_buffer = models.BooleanField(default=False, db_default=False, help_text="A spare.")
    replaces_sequence_no = models.IntegerField(null=True, blank=True)
    packed_event = Link("qrtracking.ScanEvent", null=True, blank=True)
    last_scanned_at = models.DateTimeField(null=True, blank=True)
    last_scanned_by = Link(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_column="last_scanned_by"
    )
    current_location_org = Link(Organization, null=True, blank=True)

    objects: ClassVar = UnitCodeQuerySet.as_manager()

    class Meta:
        db_table = "qr_codes"
        indexes = [
            models.Index("batch", "planned_case_number", name="qr_codes_planned_case"),
            models.Index(
                "master_code", condition=Q(master_code__isnull=False), name="qr_codes_case"
            ),
            models.Index(
                "batch", "status", condition=Q(is_buffer=True), name="qr_codes_spare_status"
            ),
        ]
        constraints = [
            models.UniqueConstraint("organization", Upper("code"), name="qr_codes_org_code_uniq"),
            models.UniqueConstraint(
                fields=["batch", "sequence_number"], name="qr_codes_batch_seq_uniq"
            ),
            at_least("qr_codes", "sequence_number", 1),
            one_of("qr_codes", "status", UnitStatus),
            models.CheckConstraint(
                condition=~Q(status__in=OUTSIDE_CASES) | Q(master_code__isnull=True),
                name="qr_codes_free_not_in_case",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=INSIDE_CASES) | Q(master_code__isnull=False),
                name="qr_codes_packed_in_case",
            ),
            models.CheckConstraint(
                condition=Q(is_buffer=False) | Q(planned_case_number__isnull=True),
                name="qr_codes_spare_unplanned",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_free(self) -> bool:
        return self.status in FREE
