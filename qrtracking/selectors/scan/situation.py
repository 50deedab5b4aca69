"""What a batch needs next."""

from django.db.models import Sum

from qrtracking.models import (
    Batch,
    EventKind,
    PackingPlan,
    PlanPhase,
    ReverseJobStatus,
    ScanEvent,
)
from qrtracking.rules.modes import Situation
from qrtracking.selectors.scan.jobs import has_ready_units

PACKING = (EventKind.LINK_SCAN, EventKind.LINK_QUEUE, EventKind.PERFECT, EventKind.PLAN_IMPORT)
SPOILING = (EventKind.SPOIL, EventKind.REPLACE)


def get_situation(*, batch: Batch, units_left: int) -> Situation:
    """Cheap whatever the size of the batch: no unit is counted."""
    is_perfect = _last_packing(batch) == EventKind.PERFECT
    return Situation(
        units_left=units_left,
        is_queue_filled=has_ready_units(batch=batch),
        is_plan_checked=_is_plan_checked(batch),
        is_perfect_in_use=is_perfect,
        # Whether units are damaged matters to perfect cases only.
        damaged_units=_count_spoiled(batch) if is_perfect else 0,
    )


def _last_packing(batch: Batch) -> str | None:
    events = ScanEvent.objects.filter(batch=batch, kind__in=PACKING, undone_by_event=None)
    return events.order_by("-pk").values_list("kind", flat=True).first()


def _is_plan_checked(batch: Batch) -> bool:
    """Of several plans only the newest one counts: it was made to replace those before."""
    plans = PackingPlan.objects.filter(batch=batch).order_by("-created_at", "-pk")
    newest = plans.values_list("phase", "status", "ready_count").first()
    if newest is None:
        return False
    phase, status, ready = newest
    return bool(phase == PlanPhase.CHECK and status == ReverseJobStatus.COMPLETED and ready)


def _count_spoiled(batch: Batch) -> int:
    events = ScanEvent.objects.filter(batch=batch, kind__in=SPOILING, undone_by_event=None)
    return events.aggregate(units=Sum("unit_count"))["units"] or 0
