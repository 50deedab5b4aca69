"""Unlinking: all units of a case are taken out of it again."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.errors import OrganizationRequired
from accounts.models import User
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    INSIDE_CASES,
    LOCKED,
    CaseStatus,
    EventKind,
    MasterCode,
    ScanEvent,
    UnitCode,
)
from qrtracking.services.case_effects import take_out
from qrtracking.services.case_facts import check_order_open, read_case_facts
from qrtracking.services.case_locks import hold_case
from qrtracking.services.preparing import lock_batch
from qrtracking.services.reasons import check_reason

COMPLETED = (CaseStatus.READY_TO_SHIP, CaseStatus.IN_TRANSIT)
# What leaves nothing in a case that could be undone with it.
_NOT_UNDONE = (EventKind.UNLINK, EventKind.UNDO, EventKind.RECEIVE, EventKind.COMPLETE)


@dataclass(frozen=True)
class UnlinkResult:
    """The case is as it is now; an empty case was left as it was, without an event."""

    case: MasterCode
    unlinked_count: int
    event_id: UUID | None

    @property
    def message(self) -> str:
        return (
            f"Successfully unlinked {self.unlinked_count} codes "
            f"from master case #{self.case.case_number}"
        )


@transaction.atomic
def unlink_case(*, actor: User, case_id: UUID, reason: str = "") -> UnlinkResult:
    """Take all units out of a case; what the queue gave it goes back into the queue.

    Raises, in this order, ReasonTooLong, CaseNotFound, CaseAtWarehouse, CaseCompleted,
    BatchNotReady and OrderLocked.
    """
    if actor.organization is None:
        raise OrganizationRequired
    reason = check_reason(reason, required=False)
    held = hold_case(organization_id=actor.organization.pk, case_id=case_id)
    if held is None:
        raise packing_errors.CaseNotFound
    _check_status(held.case)
    check_order_open(read_case_facts(held.case))
    # Jobs exclude and prepare under this lock: a row that comes back sees every later exclude.
    lock_batch(held.case.batch_id)
    units = list(
        UnitCode.objects.filter(master_code=held.case, status__in=INSIDE_CASES)
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    if not units:
        return UnlinkResult(case=held.case, unlinked_count=0, event_id=None)
    case = take_out(held.case, units, reset=True)
    event = ScanEvent.objects.create(
        organization_id=case.organization_id,
        batch_id=case.batch_id,
        order_id=case.order_id,
        kind=EventKind.UNLINK,
        master_code=case,
        unit_count=len(units),
        actor=actor,
        note=reason,
    )
    earlier = ScanEvent.objects.filter(master_code=case, undone_by_event=None, pk__lt=event.pk)
    earlier.exclude(kind__in=_NOT_UNDONE).update(undone_by_event=event)
    return UnlinkResult(case=case, unlinked_count=len(units), event_id=event.pk)


def _check_status(case: MasterCode) -> None:
    if case.status in LOCKED:
        raise packing_errors.CaseAtWarehouse(case.status)
    if case.status in COMPLETED:
        raise packing_errors.CaseCompleted(case.status)
