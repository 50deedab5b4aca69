"""Stock: one device per IMEI, what it is, how it tested, where it is and where it has been.

The `imei_*` tables stay apart because clients read them by IMEI.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now, Reverse, Upper

from accounts.models import TenantQuerySet
from inventory.models.base import DeviceRow, OneToOneField, StockTable, one_of

TEXT, NAME = 100, 200


def text(length: int = TEXT) -> Any:
    return models.CharField(max_length=length, null=True, blank=True)


def beginning(of: Any) -> OpClass:
    """For an index that finds texts by how they begin, whatever the database's collation."""
    return OpClass(of, "text_pattern_ops")


class Warehouse(StockTable):
    name = models.CharField(max_length=TEXT)
    name_key = models.CharField(max_length=TEXT, editable=False)
    is_default = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "warehouse"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name_key"], name="warehouse_name_uniq"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(is_default=True),
                name="warehouse_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Location(StockTable):
    """A place; its first spelling stays, `name_key` is how it is found."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(max_length=TEXT)
    name_key = models.CharField(max_length=TEXT, editable=False)
    description = models.TextField(default="", db_default="", blank=True)
    auto_created = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "location"
        indexes = [models.Index(fields=["organization", "name_key"], name="location_org_key_idx")]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "name_key"], name="location_name_uniq")
        ]

    def __str__(self) -> str:
        return self.name


class DeviceStatus(models.TextChoices):
    ACTIVE = "active"
    REMOVED = "removed"


class Device(StockTable):
    imei = models.CharField(max_length=15)
    luhn_valid = models.BooleanField()
    name = models.CharField(max_length=NAME)
    sku = text()
    description = models.TextField(default="", db_default="", blank=True)
    status = models.CharField(
        max_length=20, choices=DeviceStatus, default=DeviceStatus.ACTIVE, db_default="active"
    )
    # Names of fields whose value is a fallback: anything real replaces it.
    assumed = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    suggested = models.JSONField(null=True, blank=True)
    last_queue_item_id = models.BigIntegerField(null=True, blank=True)
    last_batch_id = models.CharField(max_length=50, null=True, blank=True)  # noqa: DJ001 (null: none)
    manual_changed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "item"
        indexes = [
            models.Index(fields=["organization", "updated_at", "id"], name="item_org_updated_idx"),
            models.Index("organization", beginning(Upper("sku")), name="item_org_sku_begin_idx"),
            # People read the last digits of a phone out.
            models.Index("organization", beginning(Reverse("imei")), name="item_org_imei_end_idx"),
            models.Index(
                fields=["organization", "id"],
                condition=Q(luhn_valid=False),
                name="item_luhn_invalid_idx",
            ),
            models.Index(
                fields=["organization", "id"],
                condition=Q(status="removed"),
                name="item_removed_idx",
            ),
            models.Index(
                fields=["organization", "id"],
                condition=Q(suggested__isnull=False),
                name="item_suggested_idx",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "imei"], name="item_imei_uniq"),
            models.CheckConstraint(
                condition=Q(imei__regex=r"^[0-9]{15}$"), name="item_imei_digits"
            ),
            one_of("item_status_valid", "status", DeviceStatus),
        ]
        permissions = [
            ("move_device", "Can move, remove and restore devices"),
            ("export_stock", "Can export stock"),
        ]

    def __str__(self) -> str:
        return self.imei


class DevicePart(models.Model):
    """One row a device, with the device's key as its own."""

    item = OneToOneField(
        Device,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        related_name="%(class)s",
        db_constraint=False,
        db_column="item_id",
    )
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    imei = models.CharField(max_length=15)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.imei


class SkuSource(models.TextChoices):
    SUPPLIED = "supplied"
    RULE = "rule"
    GENERATED = "generated"


class SkuInfo(DevicePart):
    """What the device is."""

    sku = text()
    sku_source = models.CharField(max_length=10, null=True, blank=True, choices=SkuSource)  # noqa: DJ001 (null: no SKU)
    brand = models.CharField(max_length=TEXT)
    model = models.CharField(max_length=TEXT)
    model_number = text()
    storage = models.CharField(max_length=TEXT)
    ram = text()
    color = models.CharField(max_length=TEXT)
    carrier = models.CharField(max_length=TEXT)
    tac = models.CharField(max_length=8)

    class Meta:
        db_table = "imei_sku_info"
        indexes = [
            # Models other than the one of their TAC lie beside it.
            models.Index("organization", "tac", Lower("model"), name="imei_sku_info_tac_model_idx"),
            models.Index(
                "organization", Upper("model"), Upper("brand"), name="imei_sku_info_what_idx"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "imei"], name="imei_sku_info_imei_uniq"
            ),
            one_of("imei_sku_info_source_valid", "sku_source", SkuSource),
        ]


class WorkingStatus(models.TextChoices):
    YES = "YES"
    NO = "NO"
    PENDING = "PENDING"


class Inspection(DevicePart):
    """How the device is now."""

    working_status = models.CharField(max_length=10, choices=WorkingStatus)
    defects = models.TextField(null=True, blank=True)  # noqa: DJ001 (null: not known)
    battery_health = models.SmallIntegerField(null=True, blank=True)
    battery_health_raw = text()
    battery_cycle = models.IntegerField(null=True, blank=True)
    grade = text()
    mdm = text()
    tester_name = text()
    station = text()
    repair_notes = models.TextField(null=True, blank=True)  # noqa: DJ001 (null: not known)
    check_date = models.DateTimeField(null=True, blank=True)
    test_results = models.JSONField(null=True, blank=True)
    screen_condition = models.CharField(max_length=NAME)
    body_condition = models.CharField(max_length=NAME)
    notes = models.TextField(default="", db_default="", blank=True)
    queue_item_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "imei_inspect_data"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "imei"], name="imei_inspect_data_imei_uniq"
            ),
            one_of("imei_inspect_data_working_valid", "working_status", WorkingStatus),
            models.CheckConstraint(
                condition=Q(battery_health__gte=0, battery_health__lte=100),
                name="imei_inspect_data_battery_range",
            ),
        ]


class UnitInfo(DevicePart):
    """The physical unit."""

    unit_name = models.CharField(max_length=NAME)
    unit_type = models.CharField(max_length=20, default="device", db_default="device")
    serial_number = text()
    imei2 = models.CharField(max_length=15, null=True, blank=True)  # noqa: DJ001 (null: not known)

    class Meta:
        db_table = "imei_units"
        indexes = [
            models.Index(fields=["organization", "imei2"], name="imei_units_imei2_idx"),
            models.Index(
                "organization",
                beginning(Upper("serial_number")),
                name="imei_units_serial_begin_idx",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "imei"], name="imei_units_imei_uniq")
        ]


class TestResult(models.TextChoices):
    PASSED = "PASSED"
    FAILED = "FAILED"
    PENDING = "PENDING"

    # Not a class of tests.
    __test__ = False


class DeviceTest(StockTable):
    """One test of a device: each completed item is one."""

    item = DeviceRow(related_name="tests")
    imei = models.CharField(max_length=15)
    queue_item_id = models.BigIntegerField(null=True, blank=True)
    test_type = models.CharField(max_length=30, default="PHONECHECK", db_default="PHONECHECK")
    test_result = models.CharField(max_length=10, choices=TestResult)
    working = models.CharField(max_length=10, choices=WorkingStatus)
    defects = models.TextField(null=True, blank=True)  # noqa: DJ001 (null: not known)
    tester_name = text()
    notes = models.TextField(
        default="Auto-generated from queue processing",
        db_default="Auto-generated from queue processing",
    )
    tested_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "device_test"
        indexes = [models.Index(fields=["item", "tested_at"], name="device_test_item_idx")]
        constraints = [
            models.UniqueConstraint(fields=["queue_item_id"], name="device_test_once"),
            one_of("device_test_result_valid", "test_result", TestResult),
        ]

    def __str__(self) -> str:
        return f"{self.test_type} {self.test_result}"


class StockStatus(models.TextChoices):
    IN_STOCK = "in_stock"
    REMOVED = "removed"


class StockEntry(StockTable):
    """Where a device is: one row each, moved, never added up."""

    item = OneToOneField(
        Device,
        on_delete=models.DO_NOTHING,
        related_name="stock",
        db_constraint=False,
        db_column="item_id",
    )
    imei = models.CharField(max_length=15)
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    quantity = models.IntegerField(default=1, db_default=1)
    status = models.CharField(
        max_length=20, choices=StockStatus, default=StockStatus.IN_STOCK, db_default="in_stock"
    )
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "inventory"
        verbose_name = "device in stock"
        verbose_name_plural = "stock"
        indexes = [models.Index(fields=["location", "status"], name="inventory_location_idx")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity=1), name="inventory_one_unit"),
            one_of("inventory_status_valid", "status", StockStatus),
        ]

    def __str__(self) -> str:
        return self.imei


class MovementReason(models.TextChoices):
    INTAKE = "intake"
    MOVE = "move"
    RETURN = "return"
    REMOVE = "remove"
    UNDO = "undo"


class Movement(StockTable):
    item = DeviceRow(related_name="movements")
    imei = models.CharField(max_length=15)
    from_location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    to_location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=10, choices=MovementReason)
    queue_item_id = models.BigIntegerField(null=True, blank=True)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_column="moved_by",
    )
    note = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "movement"
        indexes = [
            models.Index(fields=["item", "id"], name="movement_item_idx"),
            models.Index(fields=["organization", "created_at", "id"], name="movement_org_idx"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["queue_item_id"], name="movement_once"),
            one_of("movement_reason_valid", "reason", MovementReason),
        ]

    def __str__(self) -> str:
        return f"{self.imei} {self.reason}"
