"""Several people who pack, unlink, undo and complete at once: real threads and transactions."""

from threading import Event
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import User
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import Batch, MasterCode, PreparedCode, ScanEvent, ScanItem, UnitCode
from qrtracking.services.case_locks import close_orders
from qrtracking.services.completing import complete_production, move_units_of_completed
from qrtracking.services.linking import LinkResult
from qrtracking.services.packing import PackResult, link_scanned
from qrtracking.services.perfecting import PerfectResult, mark_case_perfect
from qrtracking.services.receiving import receive_cases
from qrtracking.services.reverse_jobs import submit_reverse_job
from qrtracking.services.scanning import scan
from qrtracking.services.spoiling import replace_spoiled
from qrtracking.services.undoing import Undone, undo_last
from qrtracking.services.unlinking import UnlinkResult, unlink_case
from qrtracking.services.verifying import Difference, list_differences
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, live_sequences, pack, prepare, sequences_in
from tests.qrtracking.test_linking_concurrency import at_once, beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10, with a destination."""
    return make_generated_batch(units=40, per_case=10, warehouse_org=OrganizationFactory())


@pytest.fixture
def actor(batch) -> User:
    actor = make_member(organization=batch.organization)
    assert actor.organization == batch.organization
    return actor


@pytest.fixture
def colleague(batch) -> User:
    colleague = make_member(organization=batch.organization)
    assert colleague.organization == batch.organization
    return colleague


def scan_into(actor, batch, number, *codes, **options):
    master_code = case_of(batch, number).master_code
    return link_scanned(
        actor=actor,
        master_code=master_code,
        unique_codes=codes,
        skip_case_validation=True,
        **options,
    )


def of_type(results, kind) -> int:
    return sum(isinstance(result, kind) for result in results)


def broken(batch) -> list[Difference]:
    """What breaks an invariant of packing; the queue of these tests was filled without its job."""
    found = list_differences(batch_id=batch.pk)
    return [one for one in found if one.kind != "job_prepared_count"]


class TestTwoPeople:
    def test_scan_one_unit_into_two_cases(self, batch, actor, colleague):
        results = at_once(
            lambda: scan_into(actor, batch, 1, "5"), lambda: scan_into(colleague, batch, 2, "5")
        )

        assert of_type(results, PackResult) == 1
        assert of_type(results, packing_errors.NoValidCodes) == 1
        assert len(sequences_in(batch, 1) + sequences_in(batch, 2)) == 1

    def test_scan_crossing_lists_into_two_cases(self, batch, actor, colleague):
        forwards = [str(number) for number in range(1, 16)]

        results = at_once(
            lambda: scan_into(actor, batch, 1, *forwards),
            lambda: scan_into(colleague, batch, 2, *reversed(forwards)),
        )

        assert of_type(results, PackResult) == 2
        packed = sequences_in(batch, 1) + sequences_in(batch, 2)
        assert sorted(packed) == sorted(set(packed))
        assert broken(batch) == []

    def test_scan_the_same_case(self, batch, actor, colleague):
        results = at_once(
            lambda: scan_into(actor, batch, 1, "1-10"),
            lambda: scan_into(colleague, batch, 1, "11-20"),
        )

        assert (of_type(results, PackResult), of_type(results, errors.CaseFull)) == (1, 1)
        assert case_of(batch, 1).actual_unit_count == len(sequences_in(batch, 1)) == 10

    def test_send_the_same_scan_twice(self, batch, actor):
        uuid = uuid4()

        results = at_once(*[lambda: scan_into(actor, batch, 1, "1-3", client_uuid=uuid)] * 2)

        assert len({result.event_id for result in results}) == 1
        assert ScanEvent.objects.filter(batch=batch).count() == 1

    def test_send_one_scan_for_two_cases(self, batch, actor):
        uuid = uuid4()

        results = at_once(
            lambda: scan_into(actor, batch, 1, "1", client_uuid=uuid),
            lambda: scan_into(actor, batch, 2, "11", client_uuid=uuid),
        )

        assert of_type(results, errors.ClientUuidReused) == 1

    def test_mark_the_same_case_perfect(self, batch, actor, colleague):
        code = case_of(batch, 2).master_code

        results = at_once(
            lambda: mark_case_perfect(actor=actor, master_code=code),
            lambda: mark_case_perfect(actor=colleague, master_code=code),
        )

        assert sorted(result.already_complete for result in results) == [False, True]
        assert ScanEvent.objects.filter(batch=batch).count() == 1

    def test_put_one_unit_on_their_lists(self, batch, actor, colleague):
        results = at_once(
            *[
                lambda user=user: scan(actor=user, batch_id=batch.pk, client_uuid=uuid4(), text="5")
                for user in (actor, colleague)
            ]
        )

        assert sorted(result.outcome for result in results) == ["duplicate", "ok"]
        assert ScanItem.objects.filter(batch=batch, outcome="listed").count() == 1

    def test_send_the_same_listed_scan_twice(self, batch, actor):
        uuid = uuid4()

        results = at_once(
            *[lambda: scan(actor=actor, batch_id=batch.pk, client_uuid=uuid, text="5")] * 3
        )

        assert {result.message for result in results} == {"Added #5, MINT. 1 of 10"}
        assert ScanItem.objects.filter(batch=batch).count() == 1

    def test_take_the_last_spare(self, batch, actor, colleague):
        UnitCode.objects.filter(batch=batch, sequence_number__gt=41).update(status="spoiled")

        results = at_once(
            lambda: replace_spoiled(actor=actor, batch_id=batch.pk, spoiled=["1"]),
            lambda: replace_spoiled(actor=colleague, batch_id=batch.pk, spoiled=["2"]),
        )

        assert sorted(line.outcome for (line,) in results) == ["replaced", "spoiled"]

    def test_undo_the_same_event(self, batch, actor):
        scan_into(actor, batch, 1, "1-3")

        results = at_once(*[lambda: undo_last(actor=actor, batch_id=batch.pk)] * 2)

        assert of_type(results, Undone) == 1
        assert of_type(results, packing_errors.NothingToUndo) == 1


class TestAgainstTheQueue:
    def test_scanned_units_are_not_linked(self, batch, actor, colleague):
        prepare(batch)

        results = at_once(
            lambda: scan_into(actor, batch, 1, "1-10"), lambda: link(colleague, batch, 2)
        )

        assert of_type(results, PackResult | packing_errors.NoValidCodes) == 1
        assert of_type(results, LinkResult) == 1
        assert broken(batch) == []
        assert not set(live_sequences(batch)) & {
            *sequences_in(batch, 1),
            *sequences_in(batch, 2),
        }

    def test_unlinking_goes_before_or_after_a_link(self, batch, actor, colleague):
        prepare(batch)
        link(actor, batch, 1, target_units=5)
        case = case_of(batch, 1)

        results = at_once(
            lambda: unlink_case(actor=colleague, case_id=case.pk), lambda: link(actor, batch, 1)
        )

        assert of_type(results, UnlinkResult) == 1
        assert of_type(results, LinkResult) == 1
        assert case_of(batch, 1).actual_unit_count == len(sequences_in(batch, 1))
        assert case_of(batch, 1).actual_unit_count in {0, 10}
        assert broken(batch) == []

    def test_unlinking_beside_links_of_other_cases(self, batch, actor, colleague):
        prepare(batch)
        link(actor, batch, 1)
        case = case_of(batch, 1)

        at_once(
            lambda: unlink_case(actor=colleague, case_id=case.pk),
            *[lambda number=number: link(actor, batch, number) for number in (2, 3, 4)],
        )

        assert broken(batch) == []
        rows = PreparedCode.objects.filter(batch=batch)
        assert rows.exclude(status="invalid").count() == 40

    def test_excludes_hold_against_an_unlink_at_the_same_moment(self, batch, actor, colleague):
        prepare(batch)
        link(actor, batch, 1)
        case = case_of(batch, 1)

        at_once(
            lambda: unlink_case(actor=colleague, case_id=case.pk),
            lambda: submit_reverse_job(
                actor=actor, batch_id=batch.pk, order_id=batch.order_id, exclude_codes=["1-5"]
            ),
        )

        assert not set(live_sequences(batch)) & {*range(1, 6)}

    def test_everything_at_once_breaks_nothing(self, batch, actor, colleague):
        prepare(batch)
        pack(batch, 4, [31])
        cases = {number: case_of(batch, number) for number in range(1, 5)}

        at_once(
            lambda: link(actor, batch, 1),
            lambda: scan_into(colleague, batch, 2, "1-20"),
            lambda: mark_case_perfect(actor=actor, master_code=cases[3].master_code),
            lambda: unlink_case(actor=colleague, case_id=cases[4].pk),
            lambda: replace_spoiled(actor=actor, batch_id=batch.pk, spoiled=["1", "12", "31"]),
            lambda: undo_last(actor=actor, batch_id=batch.pk),
        )

        assert broken(batch) == []
        for case in MasterCode.objects.filter(batch=batch):
            assert (case.status == "packed") == case.is_full


class TestAgainstTheEnd:
    def test_completing_waits_for_packers_or_stops_them(self, batch, actor, colleague):
        prepare(batch)
        for number in (1, 2, 3):
            link(actor, batch, number)

        results = at_once(
            lambda: complete_production(
                actor=colleague, batch_id=batch.pk, allow_incomplete=True, reason="Late"
            ),
            lambda: link(actor, batch, 4),
        )

        done, linked = results
        if isinstance(linked, errors.BatchNotReady):
            assert (done.packed_cases, case_of(batch, 4).status) == (3, "generated")
        else:
            assert (done.packed_cases, case_of(batch, 4).status) == (4, "ready_to_ship")

    def test_units_follow_their_cases_when_no_intake_changes_them(self, batch, actor, colleague):
        scan_into(actor, batch, 1, "1-10")
        complete_production(
            actor=colleague, batch_id=batch.pk, allow_incomplete=True, reason="Friday"
        )

        def intake(held: Event, done: Event) -> None:
            with transaction.atomic():
                close_orders(organization_id=batch.organization_id, order_ids=[batch.order_id])
                held.set()
                assert not done.wait(0.3), "the units did not wait"

        moved = beside(intake, lambda: list(move_units_of_completed()))

        assert sum(moved) == 10

    def test_receiving_and_unlinking_exclude_each_other(self, batch, actor, colleague):
        pack(batch, 1, range(1, 11))
        MasterCode.objects.filter(batch=batch, case_number=1).update(
            status="ready_to_ship", actual_unit_count=10
        )
        pack(batch, 2, [11])
        first, second = case_of(batch, 1), case_of(batch, 2)

        receipt, unlinked = at_once(
            lambda: receive_cases(actor=actor, master_codes=[first.master_code]),
            lambda: unlink_case(actor=colleague, case_id=second.pk),
        )

        assert len(receipt.received) == 1
        assert isinstance(unlinked, UnlinkResult | errors.OrderLocked)
        assert len(sequences_in(batch, 2)) == (0 if isinstance(unlinked, UnlinkResult) else 1)

    def test_perfect_cases_of_different_orders_do_not_wait(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=40, per_case=10)
        codes = [case_of(one, number).master_code for one in (batch, other) for number in (1, 2)]

        results = at_once(
            *[lambda code=code: mark_case_perfect(actor=actor, master_code=code) for code in codes]
        )

        assert of_type(results, PerfectResult) == 4
