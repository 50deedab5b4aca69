"""Writing down orders of units to be labelled and packed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr

from accounts.models import Organization
from qrtracking.errors import OrderInvalid, OrderNumberInvalid, OrderNumberTaken
from qrtracking.models import Order, OrderItem, OrderStatus, ProductVariant
from qrtracking.models.constraints import DEFAULT_BUFFER_PERCENT
from qrtracking.rules.codes import CODE_PATTERN, order_number, order_number_stem

MAX_QUANTITY = 1_000_000
MAX_ORDER_NO_LENGTH = 60


class NewItem(NamedTuple):
    variant: ProductVariant
    qty: int
    units_per_case: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """Without a number the order gets the next one of the month."""

    items: Sequence[NewItem]
    order_no: str | None = None
    display_doc_no: str | None = None
    status: OrderStatus = OrderStatus.APPROVED
    buyer_org: Organization | None = None
    warehouse_org: Organization | None = None
    units_per_case: int = 100
    qr_buffer_percent: Decimal = DEFAULT_BUFFER_PERCENT
    extra_qr_master: int = 0


@transaction.atomic
def create_order(*, organization: Organization, order: NewOrder, now: datetime) -> Order:
    """Write an order with its items.

    Raises OrderInvalid, OrderNumberInvalid and OrderNumberTaken.
    """
    _check(organization, order)
    # Numbers of one organization are given one after the other.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    written = Order.objects.create(
        organization=organization,
        seller_org=organization,
        order_no=_free_number(organization, order.order_no, now.date()),
        display_doc_no=order.display_doc_no,
        status=order.status,
        buyer_org=order.buyer_org,
        warehouse_org=order.warehouse_org,
        units_per_case=order.units_per_case,
        qr_buffer_percent=order.qr_buffer_percent,
        extra_qr_master=order.extra_qr_master,
    )
    for item in order.items:
        # One by one: the order of the items is the order of their keys.
        OrderItem.objects.create(
            organization=organization,
            order=written,
            product_id=item.variant.product_id,
            variant=item.variant,
            qty=item.qty,
            units_per_case=item.units_per_case,
        )
    return written


def _check(organization: Organization, order: NewOrder) -> None:
    variants = {item.variant.pk for item in order.items}
    if not order.items or len(variants) < len(order.items):
        raise OrderInvalid
    if not all(_is_valid(item, organization) for item in order.items):
        raise OrderInvalid
    sizes = order.units_per_case >= 1 and 0 <= order.extra_qr_master <= 10
    if not sizes or not 0 <= order.qr_buffer_percent <= 100:
        raise OrderInvalid("units_per_case, spares or extra labels are out of range")


def _is_valid(item: NewItem, organization: Organization) -> bool:
    size = item.units_per_case is None or item.units_per_case >= 1
    own = item.variant.organization_id == organization.pk
    return own and size and 1 <= item.qty <= MAX_QUANTITY


def _free_number(organization: Organization, wanted: str | None, on: date) -> str:
    if wanted is None:
        return _next_number(organization, on)
    if len(wanted) > MAX_ORDER_NO_LENGTH or not re.fullmatch(CODE_PATTERN, wanted):
        raise OrderNumberInvalid
    if Order.objects.filter(organization=organization, order_no=wanted).exists():
        raise OrderNumberTaken
    return wanted


def _next_number(organization: Organization, on: date) -> str:
    stem = order_number_stem(prefix=settings.QR_ORDER_PREFIX, on=on)
    counters = Order.objects.filter(
        organization=organization, order_no__regex=rf"^{re.escape(stem)}[0-9]{{1,9}}$"
    ).annotate(counter=Cast(Substr("order_no", len(stem) + 1), IntegerField()))
    highest = counters.aggregate(highest=Max("counter"))["highest"] or 0
    return order_number(prefix=settings.QR_ORDER_PREFIX, on=on, counter=highest + 1)
