from decimal import Decimal

import pytest

from accounts.models import Role
from jobs.runner import run_due_jobs
from qrtracking.models import (
    Batch,
    MasterCode,
    PreparedCode,
    ReverseJob,
    UnitCode,
)
from tests.qrtracking.api import (
    BATCHES,
    NOBODY,
    NOT_FOUND,
    ROLE_REFUSED,
    client_for,
    client_of,
    listed,
    make_batch,
    post,
    prepare,
)
from tests.qrtracking.factories import (
    BatchFactory,
    MasterCodeFactory,
    OrderItemFactory,
    ProductVariantFactory,
)

pytestmark = pytest.mark.django_db


class TestBatchCreate:
    @pytest.fixture
    def order(self):
        return OrderItemFactory(qty=25, order__units_per_case=10).order

    @pytest.fixture
    def client(self, order):
        return client_for(order.organization, Role.MANAGER)

    def test_makes_the_codes_in_the_background(self, client, order):
        answer = post(client, BATCHES, {"order_id": str(order.pk), "spare_percent": "20"})

        batch = Batch.objects.get()
        assert answer.status_code == 202
        assert answer.headers["Location"] == f"{BATCHES}/{batch.pk}"
        assert (answer.json()["status"], batch.created_by is not None) == ("queued", True)
        assert (batch.total_unique_codes, batch.total_master_codes) == (30, 3)

        run_due_jobs()

        body = client.get(answer.headers["Location"]).json()
        assert (body["status"], body["progress"], body["spare_count"]) == ("generated", 100, 5)
        assert body["batch_code"] == f"BATCH-{order.order_no}"
        assert UnitCode.objects.filter(batch=batch).count() == 30

    def test_takes_the_spares_of_the_order(self, client, order):
        post(client, BATCHES, {"order_id": str(order.pk)})

        assert Batch.objects.get().buffer_percent == Decimal(10)

    def test_refuses_a_second_batch(self, client, order):
        BatchFactory(order=order)

        answer = post(client, BATCHES, {"order_id": str(order.pk)})

        assert answer.status_code == 409
        assert answer.json()["error"] == "Order already has a batch"

    @pytest.mark.parametrize("status", ["draft", "submitted", "closed", "cancelled"])
    def test_refuses_an_order_that_is_not_approved(self, client, order, status):
        order.status = status
        order.save()

        answer = post(client, BATCHES, {"order_id": str(order.pk)})

        assert answer.status_code == 409
        assert answer.json()["error"] == "Order is not approved"

    def test_does_not_know_the_order_of_another_organization(self, client):
        foreign = OrderItemFactory().order

        answers = [
            post(client, BATCHES, {"order_id": order_id}) for order_id in (str(foreign.pk), NOBODY)
        ]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
        assert not Batch.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"order_id": "nonsense"},
            {"order_id": []},
            {"order_id": None},
            {"spare_percent": -1},
            {"spare_percent": 101},
            {"spare_percent": "x"},
            {"use_item_case_sizes": "perhaps"},
        ],
    )
    def test_refuses_wrong_values(self, client, order, changes):
        answer = post(client, BATCHES, {"order_id": str(order.pk)} | changes)

        assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")

    def test_is_for_managers(self, order):
        answer = post(client_for(order.organization), BATCHES, {"order_id": str(order.pk)})

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)


class TestBatchList:
    def test_holds_own_batches(self):
        batch = make_batch()
        make_batch()

        assert listed(client_of(batch, Role.VIEWER).get(BATCHES)) == [str(batch.pk)]

    def test_filters_by_order_and_status(self):
        batch = make_batch()
        other = BatchFactory(order__organization=batch.organization, status="completed")
        client = client_of(batch)

        assert listed(client.get(BATCHES, {"order": str(batch.order_id)})) == [str(batch.pk)]
        assert listed(client.get(BATCHES, {"status": "completed"})) == [str(other.pk)]


class TestBatchVerbs:
    def test_cancel_a_generation_that_waits(self):
        batch = BatchFactory(status="queued")

        answer = post(client_of(batch, Role.MANAGER), f"{BATCHES}/{batch.pk}/cancel")

        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")

    def test_retry_a_generation_that_failed(self):
        batch = BatchFactory(status="failed")

        answer = post(client_of(batch, Role.MANAGER), f"{BATCHES}/{batch.pk}/retry")

        assert (answer.status_code, answer.json()["status"]) == (202, "queued")

    @pytest.mark.parametrize("verb", ["cancel", "retry"])
    def test_refuse_a_batch_that_is_packed(self, verb):
        batch = BatchFactory(status="in_production")

        answer = post(client_of(batch, Role.MANAGER), f"{BATCHES}/{batch.pk}/{verb}")

        assert answer.status_code == 409
        assert answer.json()["error"] == "Job is already in_production"


class TestBatchCases:
    def test_are_listed_by_number(self):
        batch = make_batch()
        MasterCodeFactory()

        rows = client_of(batch, Role.VIEWER).get(f"{BATCHES}/{batch.pk}/cases").json()["results"]

        assert [row["case_number"] for row in rows] == [1, 2]
        assert rows[0]["variant_code"] == "MINT"
        assert (rows[0]["remaining_capacity"], rows[0]["is_full"]) == (10, False)

    def test_are_read_page_by_page(self):
        batch = make_batch(units=50)
        client = client_of(batch)

        found, address = [], f"{BATCHES}/{batch.pk}/cases?page_size=2"
        while address:
            body = client.get(address).json()
            found.extend(row["case_number"] for row in body["results"])
            address = body["next"]

        assert found == [1, 2, 3, 4, 5]

    def test_are_filtered_by_status(self):
        batch = make_batch()
        MasterCode.objects.filter(batch=batch, case_number=2).update(status="printed")

        rows = client_of(batch).get(f"{BATCHES}/{batch.pk}/cases?status=printed").json()["results"]

        assert [row["case_number"] for row in rows] == [2]

    def test_of_mixed_cases_have_no_variant(self):
        batch = make_batch(variants={"JAS": 5, "MINT": 5})

        rows = client_of(batch).get(f"{BATCHES}/{batch.pk}/cases").json()["results"]

        assert (rows[0]["is_mixed"], rows[0]["variant_code"]) == (True, None)

    def test_are_unknown_to_others(self):
        answer = client_of(make_batch()).get(f"{BATCHES}/{make_batch().pk}/cases")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestBatchQueue:
    def queue_of(self, batch):
        return client_of(batch, Role.VIEWER).get(f"{BATCHES}/{batch.pk}/queue").json()

    def test_is_empty_at_first(self):
        assert self.queue_of(make_batch()) == {
            "ready": 0,
            "ready_capped": False,
            "next_sequence": None,
            "by_variant": {},
        }

    def test_counts_what_is_ready_by_variant(self):
        batch = make_batch(variants={"JAS": 10, "MINT": 10})
        prepare(batch, exclude_codes=["1", "20"])

        assert self.queue_of(batch) == {
            "ready": 18,
            "ready_capped": False,
            "next_sequence": 2,
            "by_variant": {"JAS": 9, "MINT": 9},
        }

    def test_counts_no_rows_of_a_cancelled_job(self):
        batch = make_batch()
        job = prepare(batch)
        ReverseJob.objects.filter(pk=job.pk).update(status="cancelled")

        assert PreparedCode.objects.live().count() == 20
        assert self.queue_of(batch)["ready"] == 0

    def test_stops_counting_at_its_limit(self, monkeypatch):
        monkeypatch.setattr("qrtracking.selectors.counts.COUNTED_UP_TO", 15)
        batch = make_batch()
        prepare(batch)

        queue = self.queue_of(batch)

        assert (queue["ready"], queue["ready_capped"]) == (15, True)
        assert queue["by_variant"] == {"MINT": 15}

    def test_adds_up_variants_of_the_same_code(self):
        batch = make_batch()
        other = ProductVariantFactory(product__organization=batch.organization, variant_code="MINT")
        OrderItemFactory(order=batch.order, variant=other, qty=1)
        prepare(batch)
        PreparedCode.objects.filter(sequence_number__gt=15).update(variant=other)

        assert self.queue_of(batch)["by_variant"] == {"MINT": 20}

    def test_is_unknown_to_others(self):
        answer = client_of(make_batch()).get(f"{BATCHES}/{make_batch().pk}/queue")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
