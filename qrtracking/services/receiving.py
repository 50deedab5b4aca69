"""The warehouse's intake: a case that it has received locks the whole order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import OrganizationRequired
from accounts.models import User
from qrtracking import statements
from qrtracking.errors import packing as packing_errors
from qrtracking.models import LOCKED, CaseStatus, EventKind, MasterCode, Order, ScanEvent
from qrtracking.services.case_locks import close_orders, find_cases

MAX_RECEIVED = 200
RECEIVABLE = (CaseStatus.READY_TO_SHIP, CaseStatus.IN_TRANSIT)


class Refused(NamedTuple):
    master_code: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """The cases as they are now, and the labels that could not be received."""

    received: list[MasterCode]
    refused: list[Refused]


@transaction.atomic
def receive_cases(
    *, actor: User, master_codes: Sequence[str], warehouse_org_id: UUID | None = None
) -> Receipt:
    """Mark completed cases as received, each for itself: one bad label blocks no other.

    Without `warehouse_org_id` each case goes where it was sent. Waits for everybody who packs in
    these orders. Raises MasterCodesRequired or TooManyMasterCodes.
    """
    if actor.organization is None:
        raise OrganizationRequired
    texts = list(dict.fromkeys(master_codes))
    if not texts:
        raise packing_errors.MasterCodesRequired
    if len(texts) > MAX_RECEIVED:
        raise packing_errors.TooManyMasterCodes(MAX_RECEIVED)
    organization_id = actor.organization.pk
    found = find_cases(organization_id=organization_id, texts=texts)
    orders, cases = _hold(organization_id, [pk for pk in found if pk])
    refused: list[Refused] = []
    good: dict[UUID, MasterCode] = {}
    for text, pk in zip(texts, found, strict=True):
        case = cases.get(pk) if pk else None
        reason = _refusal(case, orders, warehouse_org_id)
        if case is None or reason:
            refused.append(Refused(text, reason))
        else:
            good[case.pk] = case
    return Receipt(received=_receive(actor, list(good.values()), warehouse_org_id), refused=refused)


def _hold(
    organization_id: UUID, case_ids: Sequence[UUID]
) -> tuple[dict[UUID, Order], dict[UUID, MasterCode]]:
    cases = MasterCode.objects.filter(organization_id=organization_id, pk__in=case_ids)
    order_ids = set(cases.values_list("order_id", flat=True))
    orders = close_orders(organization_id=organization_id, order_ids=order_ids)
    locked = cases.order_by("pk").select_for_update(no_key=True)
    return {order.pk: order for order in orders}, {case.pk: case for case in locked}


def _refusal(
    case: MasterCode | None, orders: dict[UUID, Order], warehouse_org_id: UUID | None
) -> str:
    if case is None:
        return "Master code not found"
    if case.status in LOCKED:
        return f"Case #{case.case_number} is already received."
    if case.status not in RECEIVABLE:
        return f"Case #{case.case_number} is not ready to ship ({case.status})."
    order = orders[case.order_id]
    destinations = (case.warehouse_org_id, order.warehouse_org_id, order.buyer_org_id)
    if warehouse_org_id is not None and warehouse_org_id not in destinations:
        return f"Case #{case.case_number} does not go to this warehouse."
    return ""


def _receive(
    actor: User, cases: Sequence[MasterCode], warehouse_org_id: UUID | None
) -> list[MasterCode]:
    if not cases:
        return []
    keys = [case.pk for case in cases]
    changes = {"warehouse_org_id": warehouse_org_id} if warehouse_org_id else {}
    MasterCode.objects.filter(pk__in=keys).update(
        status=CaseStatus.RECEIVED_WAREHOUSE,
        warehouse_received_at=Now(),
        warehouse_received_by=actor,
        updated_at=Now(),
        **changes,
    )
    statements.execute("receive_units", {"cases": keys})
    ScanEvent.objects.bulk_create(
        ScanEvent(
            organization_id=case.organization_id,
            batch_id=case.batch_id,
            order_id=case.order_id,
            kind=EventKind.RECEIVE,
            master_code=case,
            unit_count=case.actual_unit_count,
            actor=actor,
        )
        for case in cases
    )
    return list(MasterCode.objects.filter(pk__in=keys).order_by("order_id", "case_number"))
