from decimal import Decimal

import pytest

from jobs.models import OutboxMessage, WebhookEndpoint
from jobs.registry import Continue
from jobs.runner import run_job
from jobs.services import cancel_job, retry_job
from qrtracking.errors import (
    BatchNotStartable,
    BatchTooLarge,
    HashSecretMissing,
    OrderHasBatch,
    OrderInvalid,
    OrderNotApproved,
    OrderNumberInvalid,
)
from qrtracking.models import Batch, MasterCode, OrderStatus, UnitCode
from qrtracking.services.generation import create_batch, run_slice, start_generation
from tests.accounts.factories import UserFactory
from tests.qrtracking.factories import (
    BatchFactory,
    OrderFactory,
    OrderItemFactory,
    ProductFactory,
    ProductVariantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def example_key(settings):
    settings.QR_HASH_SECRET = "example-key"


def make_order(quantities, *, sizes=None, **fields):
    """An order of TEA100 with an item for each variant code."""
    order = OrderFactory(**fields)
    product = ProductFactory(organization=order.organization, product_code="TEA100")
    for code, qty in quantities.items():
        variant = ProductVariantFactory(product=product, variant_code=code)
        OrderItemFactory(
            order=order, variant=variant, qty=qty, units_per_case=(sizes or {}).get(code)
        )
    return order


def create(order, **options):
    return create_batch(order=order, actor=UserFactory(), **options)


def generated(order, **options):
    return run_job(create(order, **options))


def slice_until_done(batch, size):
    slices = 0
    while True:
        slices += 1
        outcome = run_slice(batch, size=size)
        batch.cursor = outcome.changes["cursor"]
        if not isinstance(outcome, Continue):
            return slices


def unit_rows(batch):
    fields = ("sequence_number", "variant__variant_code", "planned_case_number", "is_buffer")
    return list(batch.units.order_by("sequence_number").values_list(*fields))


class TestCreateBatch:
    def test_queues_the_generation(self):
        order = make_order({"MINT": 1000})

        batch = create(order)

        batch.refresh_from_db()
        assert (batch.status, batch.organization) == ("queued", order.organization)
        assert batch.created_by is not None
        assert batch.total_master_codes == 10
        assert (batch.planned_unique_codes, batch.total_unique_codes) == (1000, 1100)

    def test_takes_the_spares_of_the_order_unless_told_otherwise(self):
        assert create(make_order({"MINT": 100}, qr_buffer_percent=5)).spare_count == 5
        assert create(make_order({"MINT": 100}), spare_percent=Decimal(0)).spare_count == 0

    def test_can_wait_for_its_start(self):
        batch = create(make_order({"MINT": 10}), start=False)

        batch.refresh_from_db()
        assert batch.status == "pending"
        assert run_job(batch) is None

    def test_refuses_a_second_batch(self):
        order = make_order({"MINT": 10})
        create(order)

        with pytest.raises(OrderHasBatch, match="Order already has a batch"):
            create(order)

    @pytest.mark.parametrize("status", [s for s in OrderStatus.values if s != "approved"])
    def test_refuses_an_order_that_is_not_approved(self, status):
        with pytest.raises(OrderNotApproved, match="Order is not approved"):
            create(make_order({"MINT": 10}, status=status))

    def test_refuses_an_order_without_items(self):
        with pytest.raises(OrderInvalid):
            create(OrderFactory())
        assert not Batch.objects.exists()

    def test_refuses_more_than_two_million_codes(self):
        with pytest.raises(BatchTooLarge):
            create(make_order({"MINT": 2_000_000}))

    def test_refuses_to_work_without_a_secret(self, settings):
        settings.QR_HASH_SECRET = ""

        with pytest.raises(HashSecretMissing):
            create(make_order({"MINT": 10}))

    def test_refuses_an_order_number_that_breaks_addresses(self):
        with pytest.raises(OrderNumberInvalid):
            create(make_order({"MINT": 10}, order_no="ORD/1"))


class TestStartGeneration:
    def test_queues_a_pending_batch(self):
        batch = start_generation(batch=create(make_order({"MINT": 10}), start=False))

        assert batch.status == "queued"
        assert run_job(batch).status == "generated"

    @pytest.mark.parametrize("status", ["queued", "generated", "failed", "completed"])
    def test_refuses_any_other(self, status):
        with pytest.raises(BatchNotStartable, match=status):
            start_generation(batch=BatchFactory(status=status))


class TestRunSlice:
    def test_gives_the_codes_of_the_worked_examples(self):
        batch = generated(make_order({"MINT": 1000}, order_no="ORD-HM-1125-02"))

        assert batch.status == "generated"
        assert batch.progress == 100
        assert batch.units.get(sequence_number=15).code == (
            "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"
        )
        assert batch.cases.get(case_number=1).master_code == (
            "MASTER-ORD-HM-1125-02-CASE-001-9d2aa62ebe41"
        )

    def test_writes_units_with_their_plan(self):
        order = make_order({"MINT": 1000})

        batch = generated(order)

        first, last = batch.units.get(sequence_number=1), batch.units.get(sequence_number=1000)
        assert (first.planned_case_number, last.planned_case_number) == (1, 10)
        assert (first.status, first.is_buffer, first.master_code) == ("generated", False, None)
        assert (first.order, first.organization) == (order, order.organization)
        assert first.product.product_code == "TEA100"
        assert batch.units.eligible().count() == 1000

    def test_writes_spares_after_the_units(self):
        batch = generated(make_order({"MINT": 1000}))

        spares = batch.units.free_spares().order_by("sequence_number")
        assert [spare.sequence_number for spare in spares] == list(range(1001, 1101))
        assert {spare.planned_case_number for spare in spares} == {None}

    def test_writes_cases_as_planned(self):
        batch = generated(make_order({"JAS": 250, "MINT": 100}))

        fields = ("case_number", "planned_unit_count", "is_mixed", "planned_variant__variant_code")
        assert list(batch.cases.order_by("case_number").values_list(*fields)) == [
            (1, 100, False, "JAS"),
            (2, 100, False, "JAS"),
            (3, 100, True, None),
            (4, 50, False, "MINT"),
        ]
        case = batch.cases.earliest("case_number")
        assert (case.expected_unit_count, case.actual_unit_count) == (100, 0)
        assert (case.status, case.order, case.organization) == (
            "generated",
            batch.order,
            batch.organization,
        )

    def test_follows_the_sizes_of_the_items(self):
        order = make_order({"A": 250, "B": 130}, sizes={"A": 100, "B": 50})

        batch = generated(order, use_item_case_sizes=True)

        cases = batch.cases.order_by("case_number")
        assert [case.planned_unit_count for case in cases] == [100, 100, 50, 50, 80]
        rows = unit_rows(batch)
        assert rows[300] == (301, "A", 5, False)
        assert rows[350] == (351, "B", 5, False)
        assert [row[1] for row in rows if row[3]] == ["A"] * 25 + ["B"] * 13

    @pytest.mark.parametrize("size", [1, 7, 64, 10_000])
    def test_gives_the_same_rows_for_every_size_of_slice(self, size):
        quantities = {"JAS": 25, "MINT": 10}
        at_once = generated(make_order(quantities, units_per_case=10, order_no="ORD-1"))
        sliced = create(make_order(quantities, units_per_case=10, order_no="ORD-1"))

        slices = slice_until_done(sliced, size)

        assert slices == -(-4 // size) + -(-38 // size)
        assert unit_rows(sliced) == unit_rows(at_once)
        codes = UnitCode.objects.order_by("sequence_number").values_list("code", flat=True)
        assert list(codes.filter(batch=sliced)) == list(codes.filter(batch=at_once))

    def test_keeps_to_the_items_with_which_it_began(self):
        batch = create(make_order({"MINT": 20}, units_per_case=10))
        batch.cursor = run_slice(batch, size=2).changes["cursor"]
        batch.order.items.update(qty=5000)

        slice_until_done(batch, 100)

        assert batch.units.count() == 22

    def test_takes_one_statement_per_slice(self, django_assert_num_queries):
        batch = create(make_order({"MINT": 5000}))
        batch.cursor = run_slice(batch, size=1000).changes["cursor"]

        with django_assert_num_queries(1):
            run_slice(batch, size=2000)

        assert batch.units.count() == 2000


class TestGenerateBatch:
    """The handler, through the job kernel."""

    def test_tells_what_was_made(self):
        batch = generated(make_order({"MINT": 1000}))

        assert batch.result_summary == {"units": 1000, "spares": 100, "cases": 10}

    def test_counts_what_is_there_when_it_began_later(self):
        batch = create(make_order({"MINT": 20}), start=False)
        batch.order.items.update(qty=40)
        start_generation(batch=batch)

        batch = run_job(batch)

        assert (batch.planned_unique_codes, batch.total_unique_codes) == (40, 44)
        assert batch.units.count() == 44

    def test_does_nothing_when_delivered_twice(self):
        batch = generated(make_order({"MINT": 20}))

        assert run_job(batch) is None
        assert batch.units.count() == 22

    def test_goes_on_where_its_last_slice_ended(self):
        batch = create(make_order({"MINT": 20}))

        # No time at all: one slice, then back in line.
        waiting = run_job(batch, budget_seconds=0)
        assert waiting.status == "queued"
        assert (MasterCode.objects.count(), UnitCode.objects.count()) == (1, 0)

        assert run_job(batch).status == "generated"
        assert (MasterCode.objects.count(), UnitCode.objects.count()) == (1, 22)

    def test_fails_with_a_readable_message_and_goes_on_when_retried(self, settings):
        batch = create(make_order({"MINT": 20}))
        settings.QR_HASH_SECRET = ""

        failed = run_job(batch)
        assert (failed.status, failed.error_code) == ("failed", "hash_secret_missing")
        assert failed.error_message == "Codes cannot be made: QR_HASH_SECRET is not set."

        settings.QR_HASH_SECRET = "example-key"
        assert run_job(retry_job(failed, actor=None)).status == "generated"

    def test_writes_nothing_once_cancelled(self):
        batch = create(make_order({"MINT": 20}))

        cancel_job(batch, actor=None)

        assert run_job(batch) is None
        assert Batch.objects.get().status == "cancelled"
        assert not UnitCode.objects.exists()

    def test_sends_an_event_when_generated(self):
        order = make_order({"MINT": 20})
        WebhookEndpoint.objects.create(
            organization=order.organization, url="https://example.com/hook", secret="whsec_x"
        )

        generated(order)

        body = OutboxMessage.objects.get().payload["body"]
        assert body["type"] == "qr.batch.generated"
        assert body["data"]["batch_code"] == f"BATCH-{order.order_no}"
