"""What must hold on a busy day: real jobs, and several stations at their queue at the same moment.

After each test everything that `qr_verify` checks is in order.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from jobs.runner import run_job
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import Batch, MasterCode, PreparedCode, ReverseJob, UnitCode
from qrtracking.services.linking import LinkResult
from qrtracking.services.packing import PackResult, link_scanned
from qrtracking.services.reverse_jobs import submit_reverse_job
from qrtracking.services.undoing import Undone, undo_last
from qrtracking.services.unlinking import UnlinkResult, unlink_case
from qrtracking.services.verifying import list_differences
from tests.accounts.factories import bearer, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, live_sequences, sequences_in
from tests.qrtracking.test_linking_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


@pytest.fixture
def batch() -> Iterator[Batch]:
    """B1 of the worked examples: 1,000 units, 100 spares, 10 cases."""
    batch = make_generated_batch(order_no="ORD-HM-1125-02")
    yield batch
    assert list_differences() == []
    for case in MasterCode.objects.filter(batch__organization=batch.organization):
        assert (case.status == "packed") == case.is_full


@pytest.fixture
def small(batch) -> Batch:
    """160 units in 16 cases, of the same manufacturer."""
    return make_generated_batch(organization=batch.organization, units=160, per_case=10)


@pytest.fixture
def actor(batch) -> User:
    return signed_in(batch, Role.OPERATOR)


@pytest.fixture
def colleague(batch) -> User:
    return signed_in(batch, Role.MANAGER)


def signed_in(batch: Batch, role: Role) -> User:
    user = make_member(role, organization=batch.organization)
    # Looked up once, and not by every thread for itself.
    assert user.organization == batch.organization
    return user


def submit(actor: User, batch: Batch, excludes: Iterable[str] = ()) -> ReverseJob:
    return submit_reverse_job(
        actor=actor, batch_id=batch.pk, order_id=batch.order_id, exclude_codes=list(excludes)
    )


def prepare(actor: User, batch: Batch, excludes: Iterable[str] = ()) -> ReverseJob:
    done = run_job(submit(actor, batch, excludes))
    assert done is not None
    assert done.status == "completed"
    return done


def scan_into(actor: User, batch: Batch, number: int, *codes: str) -> PackResult:
    return link_scanned(
        actor=actor,
        master_code=case_of(batch, number).master_code,
        unique_codes=codes,
        skip_case_validation=True,
    )


def packed_sequences(batch: Batch) -> list[int]:
    units = UnitCode.objects.filter(batch=batch, status="packed")
    return list(units.order_by("sequence_number").values_list("sequence_number", flat=True))


class TestTwoStations:
    def test_link_at_once_twenty_times(self, batch, actor, colleague):
        big = make_generated_batch(organization=batch.organization, units=4000)
        prepare(actor, big)

        linked: list[LinkResult] = []
        for number in range(1, 41, 2):
            linked += at_once(
                partial(link, actor, big, number), partial(link, colleague, big, number + 1)
            )

        assert [result.linked_count for result in linked] == [100] * 40
        codes = {code for result in linked for code in result.linked_codes}
        assert len(codes) == 4000
        assert packed_sequences(big) == [*range(1, 4001)]
        assert live_sequences(big) == []
        assert PreparedCode.objects.filter(batch=big, status="consumed").count() == 4000

    @pytest.mark.parametrize("number", range(1, 5))
    def test_scan_the_same_case_over_the_api(self, batch, actor, colleague, number):
        prepare(actor, batch)
        body = {
            "batch_id": str(batch.pk),
            "order_id": str(batch.order_id),
            "manufacturer_org_id": str(batch.organization_id),
            "master_code": case_of(batch, number).master_code,
        }
        clients = [Client(headers=bearer(user)) for user in (actor, colleague)]

        answers = at_once(
            *[
                partial(
                    client.post,
                    "/api/manufacturer/link-to-master-from-queue",
                    body,
                    "application/json",
                )
                for client in clients
            ]
        )

        linked, refused = sorted(answers, key=lambda answer: answer.status_code)
        assert (linked.status_code, linked.json()["linked_count"]) == (200, 100)
        assert refused.status_code == 409
        assert refused.json()["code"] == "case_full"
        assert refused.json()["error"] == (
            "This master case is already full. Please link remaining codes to another case."
        )
        assert case_of(batch, number).actual_unit_count == len(sequences_in(batch, number)) == 100
        assert len(live_sequences(batch)) == 900


class TestStaleHead:
    def test_twenty_thousand_rows_cost_no_more_statements_than_one(self, batch, actor):
        stale = 20_000
        big = make_generated_batch(organization=batch.organization, units=stale + 400)
        prepare(actor, batch)
        prepare(actor, big)
        for one, last in ((batch, 1), (big, stale)):
            UnitCode.objects.filter(batch=one, sequence_number__lte=last).update(status="spoiled")

        few = count_statements(partial(link, actor, batch, 1))
        many = count_statements(partial(link, actor, big, 1))

        assert many == few <= 12
        assert sequences_in(big, 1) == [*range(stale + 1, stale + 101)]
        assert live_sequences(big) == [*range(stale + 101, stale + 401)]
        left = PreparedCode.objects.filter(batch=big, status="invalid")
        assert set(left.values_list("invalid_reason")) == {("packed_elsewhere",)}
        assert left.count() == stale


def count_statements(call: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


class TestLaterExcludes:
    def test_8_take_a_unit_out_of_the_queue_that_an_earlier_job_put_there(self, batch, actor):
        first = prepare(actor, batch)

        second = prepare(actor, batch, ["500"])

        summary = second.result_summary
        assert (first.prepared_count, summary["prepared"], summary["duplicates"]) == (1000, 0, 999)
        assert (summary["excluded_matched"], summary["invalidated"]) == (1, 1)
        for number in range(1, 11):
            link(actor, batch, number)
        assert packed_sequences(batch) == [n for n in range(1, 1001) if n != 500]
        assert case_of(batch, 10).actual_unit_count == 99

    def test_hold_against_a_job_that_runs(self, batch, actor, settings):
        settings.QR_PREPARE_SLICE = 100
        earlier = submit(actor, batch)
        while ReverseJob.objects.get(pk=earlier.pk).prepared_count < 300:
            run_job(earlier, budget_seconds=0)

        # One unit that it has prepared, and one that it is still to prepare.
        later = submit(actor, batch, ["100", "700"])

        done, last = run_job(earlier), run_job(later)
        assert (done.prepared_count, done.invalid_count) == (999, 1)
        assert last.result_summary["invalidated"] == 1
        for number in range(1, 11):
            link(actor, batch, number)
        assert packed_sequences(batch) == [n for n in range(1, 1001) if n not in {100, 700}]

    def test_hold_against_jobs_and_stations_at_the_same_moment(
        self, batch, actor, colleague, settings
    ):
        settings.QR_PREPARE_SLICE = 50
        earlier = submit(actor, batch)
        excluded = {*range(700, 721), 990}

        _, later, linked = at_once(
            partial(run_job, earlier),
            partial(submit, colleague, batch, ["700-720", "990"]),
            partial(link_what_is_there, actor, batch, 1),
        )

        run_job(later)
        assert isinstance(linked, LinkResult | errors.QueueEmpty)
        for number in range(1, 11):
            link_what_is_there(actor, batch, number)
        assert packed_sequences(batch) == [n for n in range(1, 1001) if n not in excluded]


def link_what_is_there(
    actor: User, batch: Batch, number: int
) -> LinkResult | errors.QueueEmpty | errors.CaseFull:
    try:
        return link(actor, batch, number)
    except (errors.QueueEmpty, errors.CaseFull) as error:
        return error


class TestTopUp:
    def test_10_a_partial_case_is_filled_by_a_later_job_once(self, batch, actor, colleague):
        prepare(actor, batch, ["251-1000"])
        counts = [link(actor, batch, number).linked_count for number in (1, 2, 3)]
        assert counts == [100, 100, 50]
        assert case_of(batch, 3).status == "generated"
        assert prepare(actor, batch, ["311-1000"]).prepared_count == 60

        results = at_once(partial(link, actor, batch, 3), partial(link, colleague, batch, 3))

        (linked,) = [result for result in results if isinstance(result, LinkResult)]
        assert sum(isinstance(result, errors.CaseFull) for result in results) == 1
        assert (linked.linked_count, linked.case.actual_unit_count) == (50, 100)
        assert sequences_in(batch, 3) == [*range(201, 301)]
        assert live_sequences(batch) == [*range(301, 311)]


class TestUnlinkAgainstLink:
    def test_ends_as_if_one_had_come_after_the_other(self, batch, small, actor, colleague):
        prepare(actor, small)

        for number in range(1, ROUNDS + 1):
            link(actor, small, number, target_units=4)
            unlinked, linked = at_once(
                partial(unlink_case, actor=colleague, case_id=case_of(small, number).pk),
                partial(link, actor, small, number),
            )

            assert isinstance(unlinked, UnlinkResult)
            assert isinstance(linked, LinkResult)
            link_first = (unlinked.unlinked_count, linked.linked_count) == (10, 6)
            unlink_first = (unlinked.unlinked_count, linked.linked_count) == (4, 10)
            assert link_first or unlink_first
            left = 0 if link_first else 10
            assert case_of(small, number).actual_unit_count == left
            assert len(sequences_in(small, number)) == left
            assert list_differences(batch_id=small.pk) == []

        assert sorted(packed_sequences(small) + live_sequences(small)) == [*range(1, 161)]


class TestScanAgainstLink:
    def test_gives_each_unit_to_one_of_them(self, batch, small, actor, colleague):
        prepare(actor, small)

        for round_number in range(ROUNDS):
            scanned_into, linked_into = 2 * round_number + 1, 2 * round_number + 2
            head = live_sequences(small)[:10]
            scanned, linked = at_once(
                partial(scan_into, colleague, small, scanned_into, *map(str, head)),
                partial(link, actor, small, linked_into),
            )

            # Whoever came second got what the other had left.
            assert isinstance(scanned, PackResult | packing_errors.NoValidCodes)
            assert isinstance(linked, LinkResult | errors.QueueEmpty)
            into_one = {*sequences_in(small, scanned_into)}
            into_other = {*sequences_in(small, linked_into)}
            assert not into_one & into_other
            assert not (into_one | into_other) & {*live_sequences(small)}
            assert {*head} <= into_one | into_other
            assert list_differences(batch_id=small.pk) == []

        assert sorted(packed_sequences(small) + live_sequences(small)) == [*range(1, 161)]


class TestUndoAgainstLink:
    def test_of_the_same_case_takes_back_exactly_one_event(self, batch, small, actor, colleague):
        prepare(actor, small)

        for number in range(1, ROUNDS + 1):
            link(actor, small, number, target_units=4)
            undone, linked = at_once(
                partial(undo_last, actor=actor, batch_id=small.pk),
                partial(link, colleague, small, number),
            )

            assert isinstance(linked, LinkResult)
            if isinstance(undone, Undone):
                assert (undone.unit_count, linked.linked_count) == (4, 10)
            else:
                # The case had a later event by then.
                assert isinstance(undone, packing_errors.NothingToUndo)
                assert linked.linked_count == 6
            assert case_of(small, number).actual_unit_count == len(sequences_in(small, number))
            assert len(sequences_in(small, number)) == 10
            assert list_differences(batch_id=small.pk) == []

        assert sorted(packed_sequences(small) + live_sequences(small)) == [*range(1, 161)]

    def test_of_other_cases_leaves_what_it_gives_back_to_the_next(
        self, batch, small, actor, colleague
    ):
        prepare(actor, small)

        for number in range(1, ROUNDS + 1):
            link(actor, small, number)
            undone, linked = at_once(
                partial(undo_last, actor=actor, batch_id=small.pk),
                partial(link, colleague, small, number + ROUNDS),
            )

            assert isinstance(undone, Undone)
            assert isinstance(linked, LinkResult)
            assert (undone.unit_count, linked.linked_count) == (10, 10)
            assert sequences_in(small, number) == []
            assert list_differences(batch_id=small.pk) == []

        assert len(packed_sequences(small)) == 10 * ROUNDS
        assert sorted(packed_sequences(small) + live_sequences(small)) == [*range(1, 161)]
