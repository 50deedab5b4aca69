"""What packing does to a case, its units and its batch, however the units were chosen."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models.query import RawQuerySet

from accounts.models import User
from qrtracking import statements
from qrtracking.models import EventKind, MasterCode, Order


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
