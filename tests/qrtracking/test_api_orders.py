from decimal import Decimal

import pytest

from accounts.models import OrganizationKind, Role
from qrtracking.models import (
    Order,
)
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.api import (
    NOBODY,
    NOT_FOUND,
    ORDERS,
    ROLE_REFUSED,
    client_for,
    client_of,
    listed,
    make_batch,
    post,
)
from tests.qrtracking.factories import (
    OrderFactory,
    OrderItemFactory,
    ProductVariantFactory,
)

pytestmark = pytest.mark.django_db


class TestOrderList:
    def test_holds_own_orders_with_batch_and_items(self):
        batch = make_batch()
        OrderFactory()

        rows = client_of(batch, Role.VIEWER).get(ORDERS).json()["results"]

        item = batch.order.items.get()
        assert [row["id"] for row in rows] == [str(batch.order_id)]
        assert rows[0]["batch_id"] == str(batch.pk)
        assert rows[0]["items"] == [
            {
                "id": str(item.pk),
                "product_id": str(item.product_id),
                "product_code": "TEA100",
                "variant_id": str(item.variant_id),
                "variant_code": "MINT",
                "qty": 20,
                "units_per_case": None,
            }
        ]

    def test_filters_by_status_and_number(self):
        approved = OrderFactory()
        draft = OrderFactory(organization=approved.organization, draft=True)
        client = client_for(approved.organization)

        assert listed(client.get(ORDERS, {"status": "draft"})) == [str(draft.pk)]
        assert listed(client.get(ORDERS, {"order_no": approved.order_no})) == [str(approved.pk)]

    def test_does_not_grow_in_statements(self, django_assert_max_num_queries):
        order = OrderFactory()
        for _ in range(5):
            OrderItemFactory(order=OrderFactory(organization=order.organization))
        client = client_for(order.organization)
        client.get(ORDERS)

        with django_assert_max_num_queries(4):
            client.get(ORDERS)


class TestOrderDetail:
    def test_has_no_batch_at_first(self):
        order = OrderFactory()

        body = client_for(order.organization).get(f"{ORDERS}/{order.pk}").json()

        assert (body["order_no"], body["batch_id"], body["items"]) == (order.order_no, None, [])

    def test_is_unknown_to_others(self):
        answer = client_of(make_batch()).get(f"{ORDERS}/{OrderFactory().pk}")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestOrderCreate:
    @pytest.fixture
    def variant(self):
        return ProductVariantFactory()

    @pytest.fixture
    def client(self, variant):
        return client_for(variant.organization, Role.MANAGER)

    def test_writes_an_order_with_its_items(self, client, variant):
        other = ProductVariantFactory(product=variant.product)
        buyer = OrganizationFactory(kind=OrganizationKind.BUYER)
        warehouse = OrganizationFactory(kind=OrganizationKind.WAREHOUSE)

        answer = post(
            client,
            ORDERS,
            {
                "order_no": "ORD-HM-1125-77",
                "display_doc_no": "PO 12",
                "buyer_org_id": str(buyer.pk),
                "warehouse_org_id": str(warehouse.pk),
                "units_per_case": 50,
                "qr_buffer_percent": "7.5",
                "extra_qr_master": 1,
                "items": [
                    {"variant_id": str(variant.pk), "qty": 250},
                    {"variant_id": str(other.pk), "qty": 100, "units_per_case": 20},
                ],
            },
        )

        order = Order.objects.get()
        body = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"{ORDERS}/{order.pk}"
        assert (order.organization, order.seller_org) == (variant.organization,) * 2
        assert (order.buyer_org, order.warehouse_org) == (buyer, warehouse)
        assert (order.status, order.qr_buffer_percent) == ("approved", Decimal("7.5"))
        assert [(item["variant_id"], item["qty"]) for item in body["items"]] == [
            (str(variant.pk), 250),
            (str(other.pk), 100),
        ]

    def test_gives_the_next_number_of_the_month(self, client, variant):
        body = {"items": [{"variant_id": str(variant.pk), "qty": 1}]}

        numbers = [post(client, ORDERS, body).json()["order_no"] for _ in range(2)]

        assert [number[-3:] for number in numbers] == ["-01", "-02"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"items": []}, "validation_error"),
            ({"items": "x"}, "validation_error"),
            ({"items": [7]}, "validation_error"),
            ({"items": [{"qty": 1}]}, "validation_error"),
            ({"items": [{"variant_id": NOBODY, "qty": 1}]}, "validation_error"),
            ({"items": [{"variant_id": "nonsense", "qty": 1}]}, "validation_error"),
            ({"items": None}, "validation_error"),
            ({"qty": 0}, "validation_error"),
            ({"qty": 10**12}, "validation_error"),
            ({"qty": True}, "validation_error"),
            ({"qty": 1.5}, "validation_error"),
            ({"twice": True}, "order_invalid"),
            ({"order_no": "with space"}, "order_number_invalid"),
            ({"order_no": "x" * 61}, "validation_error"),
            ({"units_per_case": 0}, "validation_error"),
            ({"qr_buffer_percent": 101}, "validation_error"),
            ({"qr_buffer_percent": "NaN"}, "validation_error"),
            ({"extra_qr_master": 11}, "validation_error"),
            ({"status": "closed"}, "validation_error"),
            ({"buyer_org_id": NOBODY}, "validation_error"),
            ({"warehouse_org_id": "nonsense"}, "validation_error"),
        ],
    )
    def test_refuses_what_cannot_be_an_order(self, client, variant, changes, code):
        item = {"variant_id": str(variant.pk), "qty": changes.pop("qty", 1)}
        items = [item, item] if changes.pop("twice", False) else [item]

        answer = post(client, ORDERS, {"items": items} | changes)

        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert not Order.objects.exists()

    def test_refuses_the_variant_of_another_organization(self, client):
        foreign = ProductVariantFactory()

        answer = post(client, ORDERS, {"items": [{"variant_id": str(foreign.pk), "qty": 1}]})

        assert answer.status_code == 400
        assert "items" in answer.json()["fields"]

    def test_refuses_a_buyer_that_is_none(self, client, variant):
        body = {
            "items": [{"variant_id": str(variant.pk), "qty": 1}],
            "buyer_org_id": str(OrganizationFactory().pk),
        }

        answer = post(client, ORDERS, body)

        assert answer.json()["fields"] == {"buyer_org_id": "No buyer has this id."}

    def test_refuses_a_number_that_is_taken(self, client, variant):
        body = {"items": [{"variant_id": str(variant.pk), "qty": 1}], "order_no": "ORD-7"}
        post(client, ORDERS, body)

        answer = post(client, ORDERS, body)

        assert (answer.status_code, answer.json()["code"]) == (409, "order_number_taken")

    def test_happens_once_for_a_key(self, client, variant):
        body = {"items": [{"variant_id": str(variant.pk), "qty": 1}]}

        for _ in range(2):
            answer = post(client, ORDERS, body, headers={"Idempotency-Key": "order-1"})

        assert answer.headers["Location"] == f"{ORDERS}/{Order.objects.get().pk}"

    def test_is_for_managers(self, variant):
        answer = post(client_for(variant.organization), ORDERS, {})

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)
