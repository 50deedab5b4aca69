"""Housekeeping: when it runs, how long, and that two of it do everything once."""

from functools import partial

import pytest

from accounts.models import User
from jobs.runner import run_job
from jobs.services import cancel_job
from qrtracking.models import Batch, PreparedCode, ReverseJob, UnitCode
from qrtracking.services import cleaning, completing
from qrtracking.services.cleaning import keep_house
from qrtracking.services.completing import complete_production
from qrtracking.services.generation import create_batch
from qrtracking.services.reverse_jobs import submit_reverse_job
from qrtracking.services.verifying import list_differences
from tests.accounts.factories import OrganizationFactory, make_member
from tests.jobs.observe import list_doorbells
from tests.qrtracking.factories import OrderFactory, OrderItemFactory, make_generated_batch
from tests.qrtracking.queue import link
from tests.qrtracking.test_linking_concurrency import at_once

HOUSEKEEPING = ("default", "jobs.tasks.run_schedule", "qr_housekeeping")


@pytest.fixture
def batch(db) -> Batch:
    """80 units in 8 cases, with a destination."""
    return make_generated_batch(units=80, per_case=10, warehouse_org=OrganizationFactory())


@pytest.fixture
def actor(batch) -> User:
    return make_member("manager", organization=batch.organization)


def submit(actor: User, batch: Batch) -> ReverseJob:
    return submit_reverse_job(actor=actor, batch_id=batch.pk, order_id=batch.order_id)


def complete_half(actor: User, batch: Batch) -> None:
    """Four cases are packed, 40 rows are left in the queue."""
    run_job(submit(actor, batch))
    for number in range(1, 5):
        link(actor, batch, number)
    complete_production(actor=actor, batch_id=batch.pk, allow_incomplete=True, reason="Enough")


class TestRinging:
    @pytest.fixture(autouse=True)
    def doorbell(self, settings):
        settings.JOBS_DOORBELL = "django_q"

    def test_comes_with_the_end_of_production(self, batch, actor):
        complete_half(actor, batch)

        assert list_doorbells()[-1] == HOUSEKEEPING

    def test_comes_with_a_cancelled_job_that_leaves_rows(self, batch, actor, settings):
        settings.QR_PREPARE_SLICE = 20
        job = submit(actor, batch)
        while not job.prepared_count:
            job = run_job(job, budget_seconds=0)

        cancel_job(job, actor=actor)

        assert list_doorbells()[-1] == HOUSEKEEPING

    def test_does_not_come_with_a_job_that_never_began(self, batch, actor):
        cancel_job(submit(actor, batch), actor=actor)

        assert HOUSEKEEPING not in list_doorbells()

    def test_comes_with_a_cancelled_generation_that_leaves_codes(self, actor):
        order = OrderFactory(units_per_case=10)
        OrderItemFactory(order=order, qty=50)
        batch = run_job(create_batch(order=order, actor=actor), budget_seconds=0)

        cancel_job(batch, actor=actor)

        assert list_doorbells()[-1] == HOUSEKEEPING


class TestTime:
    def test_stops_after_it_and_rings_for_the_rest(self, batch, actor, settings, monkeypatch):
        monkeypatch.setattr(cleaning, "SLICE", 15)
        complete_half(actor, batch)
        settings.JOBS_DOORBELL = "django_q"

        first = keep_house(seconds=-1)

        assert sum(first.values()) <= 15
        assert list_doorbells() == [HOUSEKEEPING]
        rounds = 1
        while PreparedCode.objects.live().exists() or "followed_case" in get_cursor(batch):
            keep_house(seconds=-1)
            rounds += 1
            assert rounds < 20
        assert UnitCode.objects.filter(batch=batch, status="ready_to_ship").count() == 40


def get_cursor(batch: Batch) -> dict:
    return Batch.objects.get(pk=batch.pk).cursor


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_move_and_drop_each_row_once(self, batch, actor, monkeypatch):
        monkeypatch.setattr(cleaning, "SLICE", 7)
        monkeypatch.setattr(completing, "SLICE", 10)
        complete_half(actor, batch)

        counts = at_once(*[partial(keep_house)] * 3)
        keep_house()

        assert sum(count["followed"] for count in counts) == 40
        assert sum(count["completed"] for count in counts) <= 40
        assert UnitCode.objects.filter(batch=batch, status="ready_to_ship").count() == 40
        rows = PreparedCode.objects.filter(batch=batch)
        assert rows.filter(status="consumed").count() == 40
        assert rows.filter(status="invalid", invalid_reason="not_available").count() == 40
        assert list_differences() == []
