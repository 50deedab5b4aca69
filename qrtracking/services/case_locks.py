"""The two locks that everybody takes who packs: the order, shared, and then the case, alone.

Whatever ends the packing of an order (warehouse intake, the end of production) takes FOR UPDATE on
the order's row before it reads or changes a case. Always in this order, so that nobody deadlocks:
the order, the case, the turn in the batch, its units by key.
"""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models.query import RawQuerySet

from qrtracking.models import MasterCode, Order
from qrtracking.rules.text import CaseEntry, match_key, parse_case_entry
from qrtracking.statements import fetch_all, load

# GS1: the application identifier of a shipping container, then its number.
_SSCC_LABEL = re.compile(r"00([0-9]{18})")


class HeldCase(NamedTuple):
    """A case that this transaction has for itself, in an order that it keeps open."""

    order: Order
    case: MasterCode


def hold_case(*, organization_id: UUID, case_id: UUID) -> HeldCase | None:
    """Take both locks, in their order; None when there is no such case in the organization."""
    held = hold_cases(organization_id=organization_id, case_ids=[case_id])
    return HeldCase(held[0], held[1][0]) if held else None


def hold_cases(
    *, organization_id: UUID, case_ids: Collection[UUID]
) -> tuple[Order, list[MasterCode]] | None:
    """Lock cases of one order, always in the same sequence; None when there is none of them."""
    cases = MasterCode.objects.filter(organization_id=organization_id, pk__in=case_ids)
    # No case ever changes its order.
    order_id = cases.values_list("order_id", flat=True).first()
    if order_id is None:
        return None
    order = enter_order(organization_id=organization_id, order_id=order_id)
    locked = list(cases.filter(order_id=order_id).select_for_update(no_key=True).order_by("pk"))
    return (order, locked) if order and locked else None


def close_orders(*, organization_id: UUID, order_ids: Collection[UUID]) -> list[Order]:
    """Take orders away from everybody who packs: wait for them, and keep them out."""
    orders = Order.objects.filter(organization_id=organization_id, pk__in=order_ids)
    return list(orders.select_for_update().order_by("pk"))


def find_case(
    *, organization_id: UUID, entry: CaseEntry | None, batch_id: UUID | None = None
) -> MasterCode | None:
    """The case of the organization that a text names, without a lock; a number needs its batch."""
    if entry is None:
        return None
    cases = MasterCode.objects.filter(organization_id=organization_id)
    if entry.number is not None:
        if batch_id is None:
            return None
        found: MasterCode | None = cases.filter(batch_id=batch_id, case_number=entry.number).first()
        return found
    sscc = _sscc(entry.text)
    if sscc:
        return cases.filter(sscc=sscc).first()
    parameters = {"organization": organization_id, "text": match_key(entry.text)}
    named = [row for row in fetch_all("find_label", parameters) if row[0] == "case"]
    return cases.get(batch_id=named[0][1], case_number=named[0][2]) if named else None


def find_cases(*, organization_id: UUID, texts: Sequence[str]) -> list[UUID | None]:
    """For each text the case of the organization that its label means, without a lock."""
    entries = [parse_case_entry(text) for text in texts]
    labels = [entry.text if entry and entry.number is None else "" for entry in entries]
    parameters = {
        "organization": organization_id,
        "positions": [at for at, label in enumerate(labels) if label],
        "texts": [match_key(label) for label in labels if label],
        "ssccs": [_sscc(label) for label in labels if label],
    }
    found = dict(fetch_all("find_cases", parameters))
    return [found.get(position) for position in range(len(texts))]


def enter_order(*, organization_id: UUID, order_id: UUID) -> Order | None:
    """Read the order and keep its packing from being ended until this transaction is over."""
    orders: RawQuerySet[Order] = Order.objects.raw(
        load("link_enter_order"), {"organization": organization_id, "order": order_id}
    )
    return next(iter(orders), None)


def lock_case(*, organization_id: UUID, batch_id: UUID, entry: str) -> MasterCode | None:
    """Lock the case that a scanned or typed text names; a number names a case of the batch.

    A label is looked up in the whole organization: the caller checks the batch. None when the text
    names no case, or more than one.
    """
    parsed = parse_case_entry(entry)
    if parsed is None:
        return None
    if parsed.number is not None:
        return _lock(organization_id, batch_id=batch_id, case_number=parsed.number)
    sscc = _sscc(parsed.text)
    if sscc:
        return _lock(organization_id, sscc=sscc)
    cases: RawQuerySet[MasterCode] = MasterCode.objects.raw(
        load("link_lock_case"),
        {"organization": organization_id, "text": match_key(parsed.text)},
    )
    return next(iter(cases), None)


def _sscc(text: str) -> str | None:
    label = _SSCC_LABEL.fullmatch(text)
    return label[1] if label else None


def _lock(organization_id: UUID, **named: object) -> MasterCode | None:
    cases = MasterCode.objects.select_for_update(no_key=True)
    found: MasterCode | None = cases.filter(organization_id=organization_id, **named).first()
    return found
