from datetime import UTC, datetime
from decimal import Decimal

import pytest

from qrtracking.errors import OrderInvalid, OrderNumberInvalid, OrderNumberTaken
from qrtracking.models import Order
from qrtracking.services.orders import NewItem, NewOrder, create_order
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.factories import OrderFactory, ProductVariantFactory

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2025, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def variant():
    return ProductVariantFactory()


def create(variant, *, items=None, **fields):
    new = NewOrder(items=items or [NewItem(variant, 1000)], **fields)
    return create_order(organization=variant.organization, order=new, now=NOVEMBER)


class TestCreateOrder:
    def test_writes_the_order_as_its_own_seller(self, variant):
        warehouse = OrganizationFactory()

        order = create(variant, warehouse_org=warehouse, units_per_case=50, extra_qr_master=2)

        order.refresh_from_db()
        assert (order.organization, order.seller_org) == (variant.organization,) * 2
        assert (order.status, order.units_per_case, order.extra_qr_master) == ("approved", 50, 2)
        assert order.warehouse_org == warehouse
        assert order.qr_buffer_percent == Decimal(10)

    def test_keeps_the_order_of_the_items(self, variant):
        others = [ProductVariantFactory(product=variant.product) for _ in range(3)]
        items = [NewItem(one, 10 + place) for place, one in enumerate([*others, variant])]

        order = create(variant, items=items)

        written = order.items.order_by("created_at", "id")
        assert [item.variant for item in written] == [*others, variant]
        assert [item.qty for item in written] == [10, 11, 12, 13]
        assert {item.product for item in written} == {variant.product}

    def test_numbers_orders_within_the_month_of_the_organization(self, variant):
        OrderFactory(order_no="ORD-HM-1125-77")
        OrderFactory(order_no="ORD-HM-1125-X5", organization=variant.organization)
        OrderFactory(order_no="ORD-HM-1025-08", organization=variant.organization)

        assert create(variant).order_no == "ORD-HM-1125-01"
        assert create(variant).order_no == "ORD-HM-1125-02"

    def test_goes_on_after_the_highest_number(self, variant):
        OrderFactory(order_no="ORD-HM-1125-99", organization=variant.organization)

        assert create(variant).order_no == "ORD-HM-1125-100"
        assert create(variant).order_no == "ORD-HM-1125-101"

    def test_takes_a_given_number(self, variant):
        assert create(variant, order_no="SPECIAL-7").order_no == "SPECIAL-7"

    def test_refuses_a_number_that_is_taken(self, variant):
        create(variant, order_no="SPECIAL-7")

        with pytest.raises(OrderNumberTaken):
            create(variant, order_no="SPECIAL-7")

    @pytest.mark.parametrize("number", ["", "ord-1", "ORD/1", "ORD 1", "ORD-1\n", "A" * 61])
    def test_refuses_a_number_that_breaks_codes(self, variant, number):
        with pytest.raises(OrderNumberInvalid):
            create(variant, order_no=number)

    @pytest.mark.parametrize(
        ("qty", "units_per_case"), [(0, None), (-1, None), (1_000_001, None), (5, 0)]
    )
    def test_refuses_quantities_out_of_range(self, variant, qty, units_per_case):
        with pytest.raises(OrderInvalid):
            create(variant, items=[NewItem(variant, qty, units_per_case)])

    def test_refuses_a_variant_twice(self, variant):
        with pytest.raises(OrderInvalid):
            create(variant, items=[NewItem(variant, 5), NewItem(variant, 6)])

    def test_refuses_no_items(self, variant):
        with pytest.raises(OrderInvalid):
            create_order(organization=variant.organization, order=NewOrder(items=[]), now=NOVEMBER)

    def test_refuses_a_variant_of_another_organization(self, variant):
        foreign = NewOrder(items=[NewItem(variant, 5)])

        with pytest.raises(OrderInvalid):
            create_order(organization=OrganizationFactory(), order=foreign, now=NOVEMBER)
        assert not Order.objects.exists()

    @pytest.mark.parametrize(
        "fields",
        [
            {"units_per_case": 0},
            {"qr_buffer_percent": Decimal(101)},
            {"qr_buffer_percent": Decimal(-1)},
            {"extra_qr_master": 11},
        ],
    )
    def test_refuses_settings_out_of_range(self, variant, fields):
        with pytest.raises(OrderInvalid):
            create(variant, **fields)
