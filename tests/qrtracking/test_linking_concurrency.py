"""Several stations at one queue: real threads, each with a connection and a transaction of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.errors import DomainError
from accounts.models import User
from jobs.services import cancel_job
from qrtracking import errors
from qrtracking.models import Batch, MasterCode, Order, PreparedCode, ScanEvent, UnitCode
from qrtracking.services.case_locks import enter_order
from qrtracking.services.linking import LinkResult
from qrtracking.services.reverse_jobs import submit_reverse_job
from tests.accounts.factories import make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import (
    case_of,
    link,
    live_sequences,
    make_jas_mint_batch,
    prepare,
    sequences_in,
)

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_SECONDS = 20


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=1000)


@pytest.fixture
def actor(batch) -> User:
    actor = make_member(organization=batch.organization)
    assert actor.organization == batch.organization
    return actor


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; an expected failure is a result."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(WAIT_SECONDS)
            return call()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def linked_codes(results: list[LinkResult]) -> list[str]:
    return [code for result in results for code in result.linked_codes]


class TestTwoStations:
    def test_3_share_a_short_queue_without_overlap(self, batch, actor):
        prepare(batch, last=150)

        results = at_once(lambda: link(actor, batch, 1), lambda: link(actor, batch, 2))

        # How many each gets depends on who is faster, row by row.
        assert sum(result.linked_count for result in results) == 150
        assert len(set(linked_codes(results))) == 150
        assert sorted(sequences_in(batch, 1) + sequences_in(batch, 2)) == [*range(1, 151)]

    def test_link_the_same_case_once(self, batch, actor):
        prepare(batch)

        results = at_once(*[lambda: link(actor, batch, 1)] * 4)

        linked = [result for result in results if isinstance(result, LinkResult)]
        refused = [result for result in results if isinstance(result, errors.CaseFull)]
        assert (len(linked), len(refused)) == (1, 3)
        assert case_of(batch, 1).actual_unit_count == 100
        assert len(sequences_in(batch, 1)) == 100
        assert ScanEvent.objects.filter(batch=batch).count() == 1

    def test_send_the_same_scan_twice(self, batch, actor):
        prepare(batch)
        scan = "0190b6a0-0000-7000-8000-000000000001"

        results = at_once(*[lambda: link(actor, batch, 1, client_uuid=scan)] * 2)

        assert len({result.event_id for result in results}) == 1
        assert len(sequences_in(batch, 1)) == 100

    def test_send_one_scan_for_two_cases(self, batch, actor):
        prepare(batch)
        scan = "0190b6a0-0000-7000-8000-000000000001"

        results = at_once(
            lambda: link(actor, batch, 1, client_uuid=scan),
            lambda: link(actor, batch, 2, client_uuid=scan),
        )

        assert sum(isinstance(result, errors.ClientUuidReused) for result in results) == 1
        assert len(live_sequences(batch)) == 900

    def test_pack_twenty_cases_each(self, actor, batch):
        big = make_generated_batch(organization=batch.organization, units=4000)
        prepare(big)

        def station(numbers: range) -> list[LinkResult]:
            return [link(actor, big, number) for number in numbers]

        first, second = at_once(lambda: station(range(1, 21)), lambda: station(range(21, 41)))

        codes = linked_codes(first + second)
        assert len(codes) == len(set(codes)) == 4000
        assert set(MasterCode.objects.filter(batch=big).values_list("status", flat=True)) == {
            "packed"
        }
        assert set(PreparedCode.objects.filter(batch=big).values_list("status", flat=True)) == {
            "consumed"
        }

    def test_clear_the_same_stale_rows_without_waiting_in_a_circle(self, actor, batch):
        big = make_generated_batch(organization=batch.organization, units=2000)
        prepare(big)
        UnitCode.objects.filter(batch=big, sequence_number__lte=1000).update(status="spoiled")

        results = at_once(
            *[lambda number=number: link(actor, big, number) for number in range(1, 5)]
        )

        assert len(set(linked_codes(results))) == 400
        assert PreparedCode.objects.filter(batch=big, status="invalid").count() == 1000

    def test_fill_mixed_and_plain_cases_together(self, actor):
        mixed = make_jas_mint_batch()
        actor = make_member(organization=mixed.organization)
        assert actor.organization
        prepare(mixed)

        results = at_once(
            *[lambda number=number: link(actor, mixed, number) for number in range(1, 5)]
        )

        assert len(set(linked_codes(results))) == 350
        assert live_sequences(mixed) == []


class TestAgainstOthers:
    def test_passes_units_that_somebody_else_holds(self, batch, actor):
        prepare(batch)

        def hold(held: Event, done: Event) -> None:
            with transaction.atomic():
                units = UnitCode.objects.select_for_update().filter(
                    batch=batch, sequence_number__lte=5
                )
                assert len(units) == 5
                held.set()
                done.wait(WAIT_SECONDS)

        beside(hold, lambda: link(actor, batch, 1))

        assert sequences_in(batch, 1) == [*range(6, 106)]
        assert live_sequences(batch)[:5] == [1, 2, 3, 4, 5]

    def test_waits_for_the_intake_and_then_sees_the_lock(self, batch, actor):
        prepare(batch)
        intake_may_end = Event()

        def intake(held: Event, done: Event) -> None:
            with transaction.atomic():
                Order.objects.select_for_update().get(pk=batch.order_id)
                held.set()
                assert not done.wait(0.3), "the link did not wait"
                MasterCode.objects.filter(batch=batch, case_number=9).update(
                    status="received_warehouse"
                )
                intake_may_end.set()

        with pytest.raises(errors.OrderLocked):
            beside(intake, lambda: link(actor, batch, 1))

        assert intake_may_end.is_set()
        assert sequences_in(batch, 1) == []

    def test_a_cancel_answers_only_when_no_link_is_under_way(self, batch, actor):
        job = submit_reverse_job(actor=actor, batch_id=batch.pk, order_id=batch.order_id)

        def packer(held: Event, done: Event) -> None:
            with transaction.atomic():
                enter_order(organization_id=batch.organization_id, order_id=batch.order_id)
                held.set()
                assert not done.wait(0.3), "the cancel did not wait"

        beside(packer, lambda: cancel_job(job, actor=actor))

        assert type(job).objects.get(pk=job.pk).status == "cancelled"

    def test_goes_on_while_a_job_of_the_batch_runs(self, batch, actor):
        job = prepare(batch)

        def run_slice(held: Event, done: Event) -> None:
            with transaction.atomic():
                type(job).objects.select_for_update(no_key=True).get(pk=job.pk)
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(batch.pk)]
                    )
                held.set()
                assert done.wait(WAIT_SECONDS), "the link waited for the slice"

        linked = beside(run_slice, lambda: link(actor, batch, 1))

        assert linked.linked_count == 100


def beside(other: Callable[[Event, Event], None], call: Callable[[], Any]) -> Any:
    """Call here while `other` runs in a thread: after it is set up, until the call has ended."""
    held, done = Event(), Event()

    def run() -> None:
        try:
            other(held, done)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run)
        try:
            assert held.wait(WAIT_SECONDS)
            return call()
        finally:
            done.set()
            running.result(WAIT_SECONDS)
