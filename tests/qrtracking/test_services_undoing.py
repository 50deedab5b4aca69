"""Undo takes back the last thing that a person did, and nothing else."""

from uuid import uuid4

import pytest

from accounts.errors import OrganizationRequired
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    LOCKED,
    PACKABLE,
    Batch,
    BatchStatus,
    CaseStatus,
    EventKind,
    MasterCode,
    ScanEvent,
    UnitCode,
)
from qrtracking.services.closing import close_case_short
from qrtracking.services.packing import link_scanned
from qrtracking.services.perfecting import mark_case_perfect
from qrtracking.services.scan_list import clear_list, list_items, remove_item
from qrtracking.services.undoing import undo_last
from qrtracking.services.unlinking import unlink_case
from tests.accounts.factories import UserFactory, make_member
from tests.qrtracking.factories import ScanEventFactory, ScanItemFactory, make_generated_batch
from tests.qrtracking.queue import case_of, link, live_sequences, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10."""
    return make_generated_batch(order_no="ORD-HM-1125-02", units=40, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


@pytest.fixture
def colleague(batch):
    return make_member(organization=batch.organization)


def unit_of(batch, sequence) -> UnitCode:
    return UnitCode.objects.get(batch=batch, sequence_number=sequence)


def put_on_list(user, batch, *sequences):
    return [
        ScanItemFactory(batch=batch, user=user, unit=unit_of(batch, sequence))
        for sequence in sequences
    ]


def scan_into(actor, batch, number, *codes):
    master_code = case_of(batch, number).master_code
    return link_scanned(actor=actor, master_code=master_code, unique_codes=codes)


def undo(actor, batch):
    return undo_last(actor=actor, batch_id=batch.pk)


class TestOfTheList:
    def test_takes_the_last_unit_off(self, batch, actor):
        first, last = put_on_list(actor, batch, 7, 3)

        undone = undo(actor, batch)

        last.refresh_from_db()
        assert undone.message == "Undone: #3 is off your list."
        assert (last.outcome, undone.event_id, undone.case) == ("removed", None, None)
        assert list(list_items(user=actor, batch_id=batch.pk)) == [first]

    def test_comes_before_events(self, batch, actor):
        scan_into(actor, batch, 1, "1")
        put_on_list(actor, batch, 7)

        undo(actor, batch)

        assert sequences_in(batch, 1) == [1]

    def test_leaves_the_lists_of_others(self, batch, actor, colleague):
        put_on_list(colleague, batch, 7)

        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)

    def test_passes_over_units_that_were_packed_another_way(self, batch, actor):
        put_on_list(actor, batch, 7)
        pack(batch, 1, [7])

        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)


class TestOfPacking:
    def test_takes_exactly_the_units_of_the_event_out(self, batch, actor, colleague):
        prepare(batch)
        link(colleague, batch, 1, target_units=4)
        link(actor, batch, 1)

        undone = undo(actor, batch)

        assert undone.message == "Undone: 6 units taken out of Case #1."
        assert undone.unit_count == 6
        assert sequences_in(batch, 1) == [1, 2, 3, 4]
        assert (undone.case.status, undone.case.actual_unit_count) == (CaseStatus.GENERATED, 4)
        assert live_sequences(batch) == [*range(5, 41)]

    def test_writes_an_event_that_undoes_the_first(self, batch, actor):
        packed = scan_into(actor, batch, 1, "1")

        undone = undo(actor, batch)

        event = ScanEvent.objects.get(pk=undone.event_id)
        assert (event.kind, event.unit_count, event.actor_id) == ("undo", 1, actor.pk)
        assert event.master_code_id == packed.case.pk
        assert ScanEvent.objects.get(pk=packed.event_id).undone_by_event_id == event.pk

    def test_puts_nothing_back_on_the_list(self, batch, actor):
        (item,) = put_on_list(actor, batch, 1)
        scan_into(actor, batch, 1, "1")

        undo(actor, batch)

        item.refresh_from_db()
        assert item.outcome == "removed"
        assert not list_items(user=actor, batch_id=batch.pk).exists()

    def test_reverts_a_perfect_case(self, batch, actor):
        mark_case_perfect(actor=actor, master_code=case_of(batch, 2).master_code)

        undone = undo(actor, batch)

        assert undone.message == "Undone: 10 units taken out of Case #2."
        assert sequences_in(batch, 2) == []
        assert undone.case.manufacturer_scanned_at is None

    def test_opens_a_case_that_was_closed_short(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=1).update(status="printed")
        scan_into(actor, batch, 1, "1", "2")
        close_case_short(actor=actor, case_id=case_of(batch, 1).pk, reason="Torn")

        undone = undo(actor, batch)

        assert undone.message == "Undone: Case #1 is open again."
        case = undone.case
        assert (case.status, case.expected_unit_count) == (CaseStatus.PRINTED, 10)
        assert (case.actual_unit_count, case.short_reason) == (2, None)

    def test_again_takes_the_event_before(self, batch, actor):
        scan_into(actor, batch, 1, "1")
        scan_into(actor, batch, 1, "2", "3")

        undo(actor, batch)
        undo(actor, batch)

        assert sequences_in(batch, 1) == []
        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)

    def test_of_a_short_case_keeps_a_spare_free(self, batch, actor):
        scan_into(actor, batch, 1, "41")

        undo(actor, batch)

        assert unit_of(batch, 41).status == "buffer_available"

    def test_takes_a_bounded_number_of_statements(
        self, batch, actor, django_assert_max_num_queries
    ):
        prepare(batch)
        link(actor, batch, 1)
        assert actor.organization

        with django_assert_max_num_queries(20):
            undo(actor, batch)


class TestNothingToUndo:
    def test_without_a_past(self, batch, actor):
        with pytest.raises(packing_errors.NothingToUndo) as refused:
            undo(actor, batch)

        assert str(refused.value) == "Nothing to undo"
        assert refused.value.kind == "conflict"

    def test_of_somebody_else(self, batch, actor, colleague):
        scan_into(colleague, batch, 1, "1")

        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)

    def test_when_the_case_has_a_later_event(self, batch, actor, colleague):
        scan_into(actor, batch, 1, "1")
        scan_into(colleague, batch, 1, "2")

        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)

        assert sequences_in(batch, 1) == [1, 2]

    def test_when_the_case_was_unlinked(self, batch, actor, colleague):
        scan_into(actor, batch, 1, "1")
        unlink_case(actor=colleague, case_id=case_of(batch, 1).pk)

        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)

    @pytest.mark.parametrize("kind", ["unlink", "receive", "complete"])
    def test_after_what_cannot_be_undone(self, batch, actor, kind):
        scan_into(actor, batch, 1, "1")
        ScanEventFactory(batch=batch, actor=actor, kind=kind, master_code=case_of(batch, 2))

        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)

        assert sequences_in(batch, 1) == [1]

    @pytest.mark.parametrize("kind", [EventKind.LINK_SCAN, EventKind.CLOSE_SHORT])
    def test_of_an_event_without_its_case(self, batch, actor, kind):
        ScanEventFactory(batch=batch, actor=actor, kind=kind)

        with pytest.raises(packing_errors.NothingToUndo):
            undo(actor, batch)


class TestRefusals:
    def test_of_unknown_and_foreign_batches(self, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        for batch_id in (uuid4(), foreign.pk):
            with pytest.raises(errors.BatchNotFound):
                undo_last(actor=actor, batch_id=batch_id)

    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_of_a_batch_that_is_not_packed(self, batch, actor, status):
        scan_into(actor, batch, 1, "1")
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(errors.BatchNotReady):
            undo(actor, batch)

    @pytest.mark.parametrize("status", LOCKED)
    def test_of_a_locked_order(self, batch, actor, status):
        scan_into(actor, batch, 1, "1")
        MasterCode.objects.filter(batch=batch, case_number=4).update(status=status)

        with pytest.raises(errors.OrderLocked):
            undo(actor, batch)

    def test_without_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            undo(UserFactory(), batch)


class TestList:
    def test_loses_one_unit(self, batch, actor):
        first, last = put_on_list(actor, batch, 7, 3)

        assert remove_item(actor=actor, batch_id=batch.pk, item_id=first.pk)

        assert list(list_items(user=actor, batch_id=batch.pk)) == [last]
        assert not remove_item(actor=actor, batch_id=batch.pk, item_id=first.pk)

    def test_of_a_colleague_is_not_touched(self, batch, actor, colleague):
        (item,) = put_on_list(colleague, batch, 7)

        assert not remove_item(actor=actor, batch_id=batch.pk, item_id=item.pk)
        assert clear_list(actor=actor, batch_id=batch.pk) == 0

    def test_is_cleared(self, batch, actor):
        put_on_list(actor, batch, 7, 3)

        assert clear_list(actor=actor, batch_id=batch.pk) == 2
        assert not list_items(user=actor, batch_id=batch.pk).exists()
