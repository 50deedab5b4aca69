"""What packing does to a case, its units and its batch, however the units were chosen."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models.query import RawQuerySet

from accounts.models import User
from qrtracking import statements
from qrtracking.models import (
    FREE,
    CaseStatus,
    EventKind,
    MasterCode,
    Order,
    UnitCode,
    UnitStatus,
)

_FREE_STATUSES = [str(status) for status in FREE]
_PRINTED = (UnitStatus.PRINTED, UnitStatus.AVAILABLE)


def pack_units(
    case: MasterCode,
    *,
    actor: User,
    kind: EventKind,
    units: Sequence[UUID],
    client_uuid: UUID | None = None,
) -> UUID:
    """Put locked units into a locked case; returns the event's id. `settle_case` comes after it."""
    parameters = {
        "organization": case.organization_id,
        "batch": case.batch_id,
        "order": case.order_id,
        "kind": kind.value,
        "case": case.pk,
        "actor": actor.pk,
        "client_uuid": client_uuid,
        "units": list(units),
    }
    event_id: UUID = statements.fetch_one("scan_pack", parameters)[0]
    return event_id


def settle_case(case: MasterCode, *, actor: User, order: Order) -> MasterCode:
    """Recount a locked case after packing and read it back; its batch is in production now."""
    parameters = {
        "case": case.pk,
        "batch": case.batch_id,
        "organization": case.organization_id,
        "actor": actor.pk,
        "destination": order.warehouse_org_id or order.buyer_org_id,
    }
    settled: RawQuerySet[MasterCode] = MasterCode.objects.raw(
        statements.load("link_settle"), parameters
    )
    return settled[0]


def take_out(case: MasterCode, units: Sequence[UnitCode], *, reset: bool = False) -> MasterCode:
    """Give locked units of a locked case their status back, and the case its right count.

    The caller has the lock of the batch, so that no later exclude slips by. With `reset` the case is
    to hold again what was planned for it.
    """
    statements.execute(
        "take_out",
        {"units": [unit.pk for unit in units], "cases": [case.pk], "free": _FREE_STATUSES},
    )
    return reopen_cases({case.pk: units}, reset=reset)[case.pk]


def reopen_cases(
    taken: Mapping[UUID, Sequence[UnitCode]], *, reset: bool = False
) -> dict[UUID, MasterCode]:
    """Recount locked cases after the units were taken out of each of them."""
    parameters = {
        "cases": list(taken),
        "statuses": [_status_before(units) for units in taken.values()],
        "reset": reset,
    }
    cases: RawQuerySet[MasterCode] = MasterCode.objects.raw(
        statements.load("reopen_cases"), parameters
    )
    return {case.pk: case for case in cases}


def _status_before(units: Sequence[UnitCode]) -> str:
    """A packed case does not keep what it was before: its units tell whether it had its label."""
    was_printed = any(unit.previous_status in _PRINTED for unit in units)
    return str(CaseStatus.PRINTED if was_printed else CaseStatus.GENERATED)
