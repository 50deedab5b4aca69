"""Cancelled generations: their codes are deleted, and their order gets another batch."""

from decimal import Decimal

import pytest

from jobs.runner import run_job
from jobs.services import cancel_job
from qrtracking.errors import CancelledBatchRemains, OrderHasBatch
from qrtracking.models import Batch, MasterCode, UnitCode
from qrtracking.services import cancelled_batches
from qrtracking.services.cancelled_batches import drop_codes_of_cancelled, drop_slice
from qrtracking.services.cleaning import keep_house
from qrtracking.services.generation import create_batch
from tests.accounts.factories import UserFactory
from tests.qrtracking.factories import OrderFactory, OrderItemFactory, make_generated_batch

pytestmark = pytest.mark.django_db

CASES, UNITS = 5, 55


@pytest.fixture
def order():
    """50 units and 5 spares in 5 cases."""
    order = OrderFactory(units_per_case=10, qr_buffer_percent=Decimal(10))
    OrderItemFactory(order=order, qty=50)
    return order


def create(order) -> Batch:
    return create_batch(order=order, actor=UserFactory())


def cancel_half_way(order) -> Batch:
    """Cancelled after all its cases were made."""
    batch = run_job(create(order), budget_seconds=0)
    assert MasterCode.objects.filter(batch=batch).count() == CASES
    return cancel_job(batch, actor=None)


def cancel_complete(order) -> Batch:
    """Cancelled with all its codes, of which none has been deleted yet."""
    batch = run_job(create(order))
    Batch.objects.filter(pk=batch.pk).update(status="cancelled")
    return batch


def count_codes(batch) -> tuple[int, int]:
    return batch.cases.count(), batch.units.count()


class TestCancelling:
    def test_deletes_the_first_slice_at_once(self, order):
        batch = cancel_half_way(order)

        assert batch.status == "cancelled"
        assert count_codes(batch) == (0, 0)


class TestDropSlice:
    def test_deletes_units_before_their_cases(self, order, monkeypatch):
        monkeypatch.setattr(cancelled_batches, "SLICE", 40)
        batch = cancel_complete(order)

        deleted = [drop_slice(batch.pk) for _ in range(4)]

        assert deleted == [40, 15, 5, 0]
        batch.refresh_from_db()
        assert batch.cursor == {}

    @pytest.mark.parametrize("status", ["queued", "generated", "in_production", "failed"])
    def test_deletes_nothing_of_a_batch_that_is_not_cancelled(self, order, status):
        batch = run_job(create(order))
        Batch.objects.filter(pk=batch.pk).update(status=status)

        assert drop_slice(batch.pk) == 0
        assert count_codes(batch) == (CASES, UNITS)


class TestDropCodesOfCancelled:
    def test_goes_on_until_nothing_is_left(self, order, monkeypatch):
        monkeypatch.setattr(cancelled_batches, "SLICE", 10)
        batch, other = cancel_complete(order), make_generated_batch(units=20, per_case=10)

        assert sum(drop_codes_of_cancelled()) == CASES + UNITS

        assert (count_codes(batch), count_codes(other)) == ((0, 0), (2, 22))

    def test_does_not_look_again_where_nothing_is_left(self, order, django_assert_num_queries):
        cancel_complete(order)
        keep_house()

        with django_assert_num_queries(1):
            assert list(drop_codes_of_cancelled()) == []

    def test_is_a_part_of_housekeeping(self, order):
        cancel_complete(order)

        first, again = keep_house(), keep_house()

        assert (first["deleted"], again["deleted"]) == (CASES + UNITS, 0)


class TestAnotherBatch:
    def test_takes_the_place_of_a_cancelled_one(self, order):
        cancelled = cancel_half_way(order)

        batch = run_job(create(order))

        assert batch.status == "generated"
        assert count_codes(batch) == (CASES, UNITS)
        assert not Batch.objects.filter(pk=cancelled.pk).exists()

    def test_deletes_the_rest_of_a_small_one_itself(self, order):
        cancel_complete(order)

        batch = run_job(create(order))

        assert count_codes(batch) == (CASES, UNITS)

    def test_waits_until_the_codes_of_a_large_one_are_gone(self, order, monkeypatch):
        monkeypatch.setattr(cancelled_batches, "SLICE", 20)
        cancelled = cancel_complete(order)

        with pytest.raises(CancelledBatchRemains, match="still being deleted"):
            create(order)
        assert count_codes(cancelled) == (CASES, UNITS)

        keep_house()
        assert run_job(create(order)).status == "generated"

    @pytest.mark.parametrize("status", ["pending", "failed", "generated", "completed"])
    def test_never_takes_the_place_of_another(self, order, status):
        batch = run_job(create(order))
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(OrderHasBatch, match="already has a batch"):
            create(order)

        assert UnitCode.objects.filter(batch=batch).count() == UNITS
