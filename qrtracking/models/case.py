"""Cases, each with its master label."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from accounts.models import Organization, TenantModel, TenantQuerySet
from qrtracking.models.batch import Batch
from qrtracking.models.catalog import Order, ProductVariant
from qrtracking.models.constraints import CodeField, Link, at_least, one_of
from qrtracking.rules.text import match_key


class CaseStatus(models.TextChoices):
    GENERATED = "generated"
    PRINTED = "printed"
    PACKED = "packed"
    READY_TO_SHIP = "ready_to_ship"
    IN_TRANSIT = "in_transit"
    RECEIVED_WAREHOUSE = "received_warehouse"
    WAREHOUSE_PACKED = "warehouse_packed"
    SHIPPED_DISTRIBUTOR = "shipped_distributor"
    OPENED = "opened"


# One case in one of these locks its whole order.
LOCKED = (
    CaseStatus.RECEIVED_WAREHOUSE,
    CaseStatus.WAREHOUSE_PACKED,
    CaseStatus.SHIPPED_DISTRIBUTOR,
    CaseStatus.OPENED,
)


class MasterCodeQuerySet(TenantQuerySet["MasterCode"]):
    def locked(self) -> Self:
        return self.filter(status__in=LOCKED)

    def packed(self) -> Self:
        """Full cases, whatever has happened to them since."""
        return self.filter(actual_unit_count__gte=F("expected_unit_count"))

    def with_code(self, text: str) -> Self:
        return self.annotate(upper_code=Upper("master_code")).filter(upper_code=match_key(text))


class MasterCode(TenantModel):
    batch = Link(Batch, related_name="cases")
    order = Link(Order)
    master_code = CodeField(max_length=200)
    case_number = models.IntegerField()
    planned_unit_count = models.IntegerField()
    expected_unit_count = models.IntegerField()
    actual_unit_count = models.IntegerField(default=0, db_default=0)
    planned_variant = Link(ProductVariant, null=True, blank=True)
    is_mixed = models.BooleanField(default=False, db_default=False)
    status = models.CharField(
        max_length=20, choices=CaseStatus, default=CaseStatus.GENERATED, db_default="generated"
    )
    manufacturer_scanned_at = models.DateTimeField(null=True, blank=True)
    manufacturer_scanned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_column="manufacturer_scanned_by",
    )
    manufacturer_org = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    warehouse_org = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    warehouse_received_at = models.DateTimeField(null=True, blank=True)
    warehouse_received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_column="warehouse_received_by",
    )
    short_reason = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001 (null: not closed short)
    sscc = models.CharField(max_length=18, null=True, blank=True)  # noqa: DJ001 (unique where there is one)

    objects: ClassVar = MasterCodeQuerySet.as_manager()

    class Meta:
        db_table = "qr_master_codes"
        indexes = [
            models.Index("order", condition=Q(status__in=LOCKED), name="qr_master_codes_locked"),
            models.Index(
                "batch",
                F("manufacturer_scanned_at").desc(nulls_last=True),
                name="qr_master_codes_scanned",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "organization", Upper("master_code"), name="qr_master_codes_org_code_uniq"
            ),
            models.UniqueConstraint(
                fields=["batch", "case_number"], name="qr_master_codes_batch_case_uniq"
            ),
            models.UniqueConstraint(
                fields=["organization", "sscc"], name="qr_master_codes_org_sscc_uniq"
            ),
            models.UniqueConstraint(fields=["batch", "id"], name="qr_master_codes_batch_id_uniq"),
            models.CheckConstraint(
                condition=Q(
                    actual_unit_count__gte=0, actual_unit_count__lte=F("expected_unit_count")
                ),
                name="qr_master_codes_not_overfilled",
            ),
            at_least("qr_master_codes", "case_number", 1),
            at_least("qr_master_codes", "planned_unit_count", 1),
            at_least("qr_master_codes", "expected_unit_count", 1),
            one_of("qr_master_codes", "status", CaseStatus),
        ]
        permissions = [
            ("unlink_mastercode", "Can take all units out of a case"),
            ("close_mastercode", "Can close a case short"),
            ("receive_mastercode", "Can mark a case as received"),
        ]

    def __str__(self) -> str:
        return self.master_code

    @property
    def is_locked(self) -> bool:
        return self.status in LOCKED

    @property
    def is_full(self) -> bool:
        return self.actual_unit_count >= self.expected_unit_count

    @property
    def remaining_capacity(self) -> int:
        return max(self.expected_unit_count - self.actual_unit_count, 0)
