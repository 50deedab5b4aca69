"""Undo: the last thing that a person did in a batch is taken back, and nothing else."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    INSIDE_CASES,
    Batch,
    EventKind,
    MasterCode,
    ScanEvent,
    ScanItem,
    ScanOutcome,
    UnitCode,
    UnitStatus,
)
from qrtracking.services.case_effects import reopen_cases, take_out
from qrtracking.services.case_locks import HeldCase, hold_case
from qrtracking.services.open_batches import enter_open_batch
from qrtracking.services.preparing import lock_batch
from qrtracking.services.scan_list import list_items, take_off
from qrtracking.services.spoiling import undo_spoiling

PACKING = (EventKind.LINK_SCAN, EventKind.LINK_QUEUE, EventKind.PERFECT, EventKind.PLAN_IMPORT)
SPOILING = (EventKind.SPOIL, EventKind.REPLACE)


@dataclass(frozen=True)
class Undone:
    """What was taken back. Without an event a unit came off the list; the case is as it is now."""

    message: str
    unit_count: int
    case: MasterCode | None
    event_id: UUID | None


@transaction.atomic
def undo_last(*, actor: User, batch_id: UUID) -> Undone:
    """Take the last unit off the actor's list, or else revert the actor's last event.

    Reverts exactly the units of that event, and only if nothing has happened to its case since.
    Raises OrganizationRequired, BatchNotFound, BatchNotReady, OrderLocked and NothingToUndo.
    """
    batch = enter_open_batch(actor=actor, batch_id=batch_id)
    item = list_items(user=actor, batch_id=batch.pk).last()
    if item is not None and item.unit is not None and take_off(item):
        message = f"Undone: #{item.unit.sequence_number} is off your list."
        return Undone(message=message, unit_count=1, case=None, event_id=None)
    event = _last_event(actor, batch)
    held = _hold(event) if event else None
    if event is None or not _is_open(event):
        raise packing_errors.NothingToUndo
    if event.kind in SPOILING:
        return _undo_spoiling(actor, event, held)
    if held is None:
        raise packing_errors.NothingToUndo
    if event.kind == EventKind.CLOSE_SHORT:
        return _undo_closing(actor, event, held)
    return _undo_packing(actor, event, held)


def _last_event(actor: User, batch: Batch) -> ScanEvent | None:
    """The last one that is not undone yet; None when it is of a kind that cannot be undone."""
    events = ScanEvent.objects.filter(batch=batch, actor=actor, undone_by_event=None)
    event: ScanEvent | None = events.exclude(kind=EventKind.UNDO).order_by("-pk").first()
    can_be_undone = (*PACKING, *SPOILING, EventKind.CLOSE_SHORT)
    return event if event and event.kind in can_be_undone else None


def _hold(event: ScanEvent) -> HeldCase | None:
    if event.master_code_id is None:
        return None
    return hold_case(organization_id=event.organization_id, case_id=event.master_code_id)


def _is_open(event: ScanEvent) -> bool:
    """Whether nobody has undone it, and nothing else has happened to its case since."""
    locked = ScanEvent.objects.select_for_update(no_key=True).filter(pk=event.pk)
    if not locked.filter(undone_by_event=None).exists():
        return False
    if event.master_code_id is None:
        return True
    later = ScanEvent.objects.filter(
        master_code=event.master_code_id, pk__gt=event.pk, undone_by_event=None
    )
    return not later.exclude(kind=EventKind.UNDO).exists()


def _undo_packing(actor: User, event: ScanEvent, held: HeldCase) -> Undone:
    # Jobs exclude and prepare under this lock: a row that comes back sees every later exclude.
    lock_batch(event.batch_id)
    units = list(
        UnitCode.objects.filter(
            master_code=held.case, packed_event_id=event.pk, status__in=INSIDE_CASES
        )
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    case = take_out(held.case, units)
    ScanItem.objects.filter(event=event, outcome=ScanOutcome.LINKED).update(
        outcome=ScanOutcome.REMOVED
    )
    words = f"{_units(len(units))} taken out of Case #{case.case_number}"
    return _record(actor, event, words, count=len(units), case=case)


def _undo_closing(actor: User, event: ScanEvent, held: HeldCase) -> Undone:
    printed = UnitCode.objects.filter(
        master_code=held.case, previous_status__in=[UnitStatus.PRINTED, UnitStatus.AVAILABLE]
    )
    case = reopen_cases({held.case.pk: list(printed[:1])}, reset=True)[held.case.pk]
    return _record(actor, event, f"Case #{case.case_number} is open again", count=0, case=case)


def _undo_spoiling(actor: User, event: ScanEvent, held: HeldCase | None) -> Undone:
    count = undo_spoiling(event, held, actor=actor)
    if count is None:
        raise packing_errors.NothingToUndo
    case = held.case if held else None
    if case is not None:
        case.refresh_from_db()
    verb = "is" if count == 1 else "are"
    words = f"{_units(count)} {verb} no longer spoiled"
    return _record(actor, event, words, count=count, case=case)


def _record(
    actor: User, event: ScanEvent, words: str, *, count: int, case: MasterCode | None
) -> Undone:
    undo = ScanEvent.objects.create(
        organization_id=event.organization_id,
        batch_id=event.batch_id,
        order_id=event.order_id,
        kind=EventKind.UNDO,
        master_code=case,
        unit_count=count,
        actor=actor,
    )
    ScanEvent.objects.filter(pk=event.pk).update(undone_by_event=undo)
    return Undone(message=f"Undone: {words}.", unit_count=count, case=case, event_id=undo.pk)


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count:,} units"
