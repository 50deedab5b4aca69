"""What people did with units and cases, and what they have scanned so far."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.ids import UUID7
from accounts.models import TenantModel
from qrtracking.models.batch import Batch
from qrtracking.models.case import MasterCode
from qrtracking.models.catalog import Order
from qrtracking.models.constraints import Link, one_of
from qrtracking.models.unit import UnitCode


class EventKind(models.TextChoices):
    LINK_SCAN = "link_scan", "Scanned into the case"
    LINK_QUEUE = "link_queue", "Packed from the queue"
    PERFECT = "perfect", "Perfect case"
    PLAN_IMPORT = "plan_import", "Packed by plan"
    UNLINK = "unlink", "Taken out of the case"
    UNDO = "undo", "Undone"
    SPOIL = "spoil", "Marked spoiled"
    REPLACE = "replace", "Replaced by spares"
    CLOSE_SHORT = "close_short", "Closed short"
    RECEIVE = "receive", "Received at the warehouse"
    COMPLETE = "complete", "Production completed"


class ScanEvent(TenantModel):
    """Append-only: an event is undone by a later one, never changed."""

    batch = Link(Batch)
    order = Link(Order)
    kind = models.CharField(max_length=20, choices=EventKind)
    master_code = Link(MasterCode, null=True, blank=True)
    unit_count = models.IntegerField(default=0, db_default=0)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    client_uuid = models.UUIDField(null=True, blank=True)
    note = models.TextField(default="", db_default="", blank=True)
    undone_by_event = Link("self", null=True, blank=True)

    class Meta:
        db_table = "qr_scan_events"
        indexes = [
            models.Index("batch", "id", name="qr_scan_events_batch"),
            models.Index("master_code", "id", name="qr_scan_events_case"),
            models.Index("order", "id", name="qr_scan_events_order"),
            models.Index(
                "undone_by_event",
                condition=Q(undone_by_event__isnull=False),
                name="qr_scan_events_undone_by",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "client_uuid"], name="qr_scan_events_org_client_uniq"
            ),
            one_of("qr_scan_events", "kind", EventKind),
            models.CheckConstraint(
                condition=Q(unit_count__gte=0), name="qr_scan_events_unit_count_at_least_0"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.unit_count})"


class ScanOutcome(models.TextChoices):
    LISTED = "listed"
    LINKED = "linked"
    REMOVED = "removed"
    REFUSED = "refused"


class ScanItem(TenantModel):
    """One scan of one person; listed ones wait for a case."""

    batch = Link(Batch)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    client_uuid = models.UUIDField(db_default=UUID7())
    raw_text = models.CharField(max_length=500)
    unit = Link(UnitCode, null=True, blank=True, db_column="code_id")
    outcome = models.CharField(max_length=20, choices=ScanOutcome)
    message = models.TextField(default="", db_default="", blank=True)
    event = Link(ScanEvent, null=True, blank=True)

    class Meta:
        db_table = "qr_scan_items"
        indexes = [
            models.Index("batch", "user", "id", name="qr_scan_items_batch_user"),
            models.Index("unit", condition=Q(unit__isnull=False), name="qr_scan_items_unit"),
            models.Index("event", condition=Q(event__isnull=False), name="qr_scan_items_event"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "client_uuid"], name="qr_scan_items_org_client_uniq"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(outcome="listed"), name="qr_scan_items_listed_unit"
            ),
            one_of("qr_scan_items", "outcome", ScanOutcome),
        ]

    def __str__(self) -> str:
        return self.raw_text
