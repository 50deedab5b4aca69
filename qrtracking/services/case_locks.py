"""The two locks that everybody takes who packs: the order, shared, and then the case, alone.

Whatever ends the packing of an order (warehouse intake, the end of production) takes FOR UPDATE on
the order's row before it reads or changes a case. Always in this order, so that nobody deadlocks.
"""

import re
from uuid import UUID

from django.db.models.query import RawQuerySet

from qrtracking.models import MasterCode, Order
from qrtracking.rules.text import match_key, parse_case_entry
from qrtracking.statements import load

# GS1: the application identifier of a shipping container, then its number.
_SSCC_LABEL = re.compile(r"00([0-9]{18})")


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
    label = _SSCC_LABEL.fullmatch(parsed.text)
    if label:
        return _lock(organization_id, sscc=label[1])
    cases: RawQuerySet[MasterCode] = MasterCode.objects.raw(
        load("link_lock_case"),
        {"organization": organization_id, "text": match_key(parsed.text)},
    )
    return next(iter(cases), None)


def _lock(organization_id: UUID, **named: object) -> MasterCode | None:
    cases = MasterCode.objects.select_for_update(no_key=True)
    found: MasterCode | None = cases.filter(organization_id=organization_id, **named).first()
    return found
