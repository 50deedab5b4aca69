"""Spoiled units and their spares, on the real database."""

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
    MasterCode,
    PreparedCode,
    ScanEvent,
    ScanItem,
    UnitCode,
    UnitStatus,
)
from qrtracking.services import spoiling
from qrtracking.services.packing import link_scanned
from qrtracking.services.perfecting import mark_case_perfect
from qrtracking.services.spoiling import SpoilOutcome, replace_spoiled
from qrtracking.services.undoing import undo_last
from tests.accounts.factories import UserFactory, make_member
from tests.qrtracking.factories import ScanItemFactory, make_generated_batch
from tests.qrtracking.queue import case_of, link, live_sequences, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10."""
    return make_generated_batch(order_no="ORD-HM-1125-02", units=40, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def unit_of(batch, sequence) -> UnitCode:
    return UnitCode.objects.get(batch=batch, sequence_number=sequence)


def spoil(actor, batch, *spoiled, spares=()):
    return replace_spoiled(actor=actor, batch_id=batch.pk, spoiled=spoiled, spares=spares)


def pack_case(actor, batch, number=1) -> None:
    prepare(batch)
    link(actor, batch, number)


class TestUnitInACase:
    def test_is_replaced_by_the_next_free_spare(self, batch, actor):
        pack_case(actor, batch)

        (line,) = spoil(actor, batch, "3")

        spoiled, spare, case = unit_of(batch, 3), unit_of(batch, 41), case_of(batch, 1)
        assert (spoiled.status, spoiled.master_code) == (UnitStatus.SPOILED, None)
        assert (spare.status, spare.master_code) == (UnitStatus.BUFFER_USED, case)
        assert spare.replaces_sequence_no == 3
        assert (case.status, case.actual_unit_count) == (CaseStatus.PACKED, 10)
        assert line.outcome is SpoilOutcome.REPLACED
        assert line.message == "#3 is spoiled, spare #41 replaces it in Case #1."

    def test_is_replaced_by_the_named_spare(self, batch, actor):
        pack_case(actor, batch)

        (line,) = spoil(actor, batch, "3", spares=[unit_of(batch, 43).code])

        assert line.spare == unit_of(batch, 43)
        assert sequences_in(batch, 1) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 43]

    def test_leaves_its_case_short_without_a_spare(self, batch, actor):
        pack_case(actor, batch)
        UnitCode.objects.spares().filter(batch=batch).update(replaces_sequence_no=40)

        (line,) = spoil(actor, batch, "3")

        case = case_of(batch, 1)
        assert (case.status, case.actual_unit_count) == (CaseStatus.GENERATED, 9)
        assert line.outcome is SpoilOutcome.SPOILED
        assert line.message == "#3 is spoiled. No free spare of this variant is left."

    def test_may_be_a_spare_itself(self, batch, actor):
        pack_case(actor, batch)
        spoil(actor, batch, "3")

        spoil(actor, batch, "41")

        assert unit_of(batch, 41).status == UnitStatus.SPOILED
        assert unit_of(batch, 42).replaces_sequence_no == 3
        assert sequences_in(batch, 1) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 42]

    def test_has_an_event_for_each_case(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)
        link(actor, batch, 2)

        spoil(actor, batch, "3", "4", "11", "30")

        events = ScanEvent.objects.filter(batch=batch, actor=actor, kind="replace")
        found = events.values_list("master_code__case_number", "unit_count")
        assert sorted(found, key=str) == [(1, 2), (2, 1), (None, 1)]
        assert ScanItem.objects.filter(event__in=events, outcome="removed").count() == 4
        assert ScanItem.objects.filter(event__in=events, outcome="linked").count() == 4

    def test_has_an_event_of_its_own_kind_without_a_spare(self, batch, actor):
        pack_case(actor, batch)
        UnitCode.objects.spares().filter(batch=batch).update(replaces_sequence_no=40)

        spoil(actor, batch, "3")

        assert ScanEvent.objects.filter(batch=batch, kind="spoil", unit_count=1).count() == 1


class TestUnitOutsideCases:
    def test_keeps_a_spare_for_itself(self, batch, actor):
        spoil(actor, batch, "15")

        spare = unit_of(batch, 41)
        assert unit_of(batch, 15).previous_status == UnitStatus.GENERATED
        assert (spare.status, spare.replaces_sequence_no) == (UnitStatus.BUFFER_AVAILABLE, 15)
        assert spare.master_code_id is None

    def test_lets_its_case_be_perfect_with_the_spare(self, batch, actor):
        spoil(actor, batch, "15")

        mark_case_perfect(actor=actor, master_code=case_of(batch, 2).master_code)

        assert sequences_in(batch, 2) == [11, 12, 13, 14, 16, 17, 18, 19, 20, 41]

    def test_leaves_the_queue_and_the_lists(self, batch, actor):
        prepare(batch)
        item = ScanItemFactory(batch=batch, unit=unit_of(batch, 15))

        spoil(actor, batch, "15")

        item.refresh_from_db()
        assert item.outcome == "removed"
        assert 15 not in live_sequences(batch)
        row = PreparedCode.objects.get(batch=batch, sequence_number=15)
        assert (row.status, row.invalid_reason) == ("invalid", "not_available")

    def test_is_packed_no_more(self, batch, actor):
        spoil(actor, batch, "15")

        with pytest.raises(packing_errors.NoCodesFit):
            link_scanned(
                actor=actor, master_code=case_of(batch, 2).master_code, unique_codes=["15"]
            )


class TestSpares:
    def test_are_of_the_same_variant(self):
        batch = make_generated_batch(variants={"JAS": 20, "MINT": 20}, per_case=10)
        actor = make_member(organization=batch.organization)

        lines = spoil(actor, batch, "1", "21")

        for line in lines:
            assert line.spare.variant_id == line.unit.variant_id

    def test_run_out_for_the_last_ones(self, batch, actor):
        lines = spoil(actor, batch, "1-5")

        assert [line.outcome for line in lines] == ["replaced"] * 4 + ["spoiled"]
        assert [line.spare.sequence_number for line in lines[:4]] == [41, 42, 43, 44]

    def test_are_named_for_the_units_at_their_place(self, batch, actor):
        lines = spoil(actor, batch, "1-2", "3", spares=["44, 43", ""])

        assert [line.spare.sequence_number for line in lines] == [44, 43, 41]

    @pytest.mark.parametrize(
        ("spare", "message"),
        [
            ("zzz", "Unknown spare: zzz."),
            ("7", "#7 is not a spare."),
            ("42", "Spare #42 is used already."),
            ("43", "Spare #43 is kept for #40."),
        ],
    )
    def test_that_are_bad_leave_the_unit_spoiled(self, batch, actor, spare, message):
        pack(batch, 4, [42])
        UnitCode.objects.filter(batch=batch, sequence_number=42).update(status="buffer_used")
        UnitCode.objects.filter(batch=batch, sequence_number=43).update(replaces_sequence_no=40)

        (line,) = spoil(actor, batch, "3", spares=[spare])

        assert (line.outcome, line.message) == ("spoiled", f"#3 is spoiled. {message}")
        assert unit_of(batch, 3).status == UnitStatus.SPOILED

    def test_of_another_variant_are_refused(self):
        batch = make_generated_batch(variants={"JAS": 20, "MINT": 20}, per_case=10)
        actor = make_member(organization=batch.organization)

        (line,) = spoil(actor, batch, "1", spares=["44"])

        assert line.message == "#1 is spoiled. Spare #44 is of another variant."

    def test_are_used_once(self, batch, actor):
        lines = spoil(actor, batch, "1", "2", spares=["44", "44"])

        assert [line.outcome for line in lines] == ["replaced", "spoiled"]

    def test_that_are_spoiled_themselves_replace_nothing(self, batch, actor):
        lines = spoil(actor, batch, "41", "1")

        assert [line.spare.sequence_number for line in lines] == [42, 43]


class TestBadEntries:
    def test_block_no_other(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=10, per_case=10)
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="spoiled")
        UnitCode.objects.filter(batch=batch, sequence_number=4).update(status="activated")

        lines = spoil(actor, batch, "zzz", unit_of(other, 1).code, "2", "4", "3")

        assert [line.message for line in lines[:4]] == [
            "Unknown code: zzz.",
            "This unit belongs to another order.",
            "#2 is spoiled already.",
            "#4 is not available (activated).",
        ]
        assert [line.outcome for line in lines] == ["refused"] * 4 + ["replaced"]
        assert unit_of(other, 1).status == UnitStatus.GENERATED

    def test_that_name_a_unit_twice_count_once(self, batch, actor):
        lines = spoil(actor, batch, "3", unit_of(batch, 3).code)

        assert len(lines) == 1
        assert UnitCode.objects.free_spares().filter(replaces_sequence_no=3).count() == 1

    def test_alone_change_nothing(self, batch, actor):
        spoil(actor, batch, "zzz")

        assert not ScanEvent.objects.filter(batch=batch).exists()

    @pytest.mark.parametrize("spoiled", [[], [""], [" ; "]])
    def test_must_be_given(self, batch, actor, spoiled):
        with pytest.raises(packing_errors.CodesRequired):
            spoil(actor, batch, *spoiled)

    @pytest.mark.parametrize("spoiled", [["1", "2", "3", "4"], ["1-7"]])
    def test_may_not_be_too_many(self, batch, actor, monkeypatch, spoiled):
        monkeypatch.setattr(spoiling, "MAX_UNITS", 3)

        with pytest.raises(packing_errors.TooManyCodes):
            spoil(actor, batch, *spoiled)


class TestRefusals:
    def test_of_unknown_and_foreign_batches(self, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        for batch_id in (uuid4(), foreign.pk):
            with pytest.raises(errors.BatchNotFound):
                replace_spoiled(actor=actor, batch_id=batch_id, spoiled=["1"])

    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_of_a_batch_that_is_not_packed(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(errors.BatchNotReady):
            spoil(actor, batch, "1")

    @pytest.mark.parametrize("status", LOCKED)
    def test_of_a_locked_order(self, batch, actor, status):
        MasterCode.objects.filter(batch=batch, case_number=4).update(status=status)

        with pytest.raises(errors.OrderLocked):
            spoil(actor, batch, "1")

    def test_without_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            spoil(UserFactory(), batch, "1")


@pytest.mark.parametrize("count", [1, 10])
def test_takes_as_many_statements_for_any_number(
    batch, actor, count, django_assert_max_num_queries
):
    pack_case(actor, batch)
    assert actor.organization

    with django_assert_max_num_queries(17):
        spoil(actor, batch, f"1-{count}", "30")


class TestUndo:
    def test_restores_unit_and_spare_of_a_case(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=3).update(status="printed")
        pack_case(actor, batch)
        before = UnitCode.objects.filter(batch=batch).order_by("pk").values(*RESTORED)
        kept = list(before)
        spoil(actor, batch, "3")

        undone = undo_last(actor=actor, batch_id=batch.pk)

        assert list(before.all()) == kept
        assert undone.message == "Undone: 1 unit is no longer spoiled."
        assert (undone.case.status, undone.case.actual_unit_count) == (CaseStatus.PACKED, 10)

    def test_fills_a_short_case_again(self, batch, actor):
        pack_case(actor, batch)
        UnitCode.objects.spares().filter(batch=batch).update(replaces_sequence_no=40)
        spoil(actor, batch, "3", "4")

        undone = undo_last(actor=actor, batch_id=batch.pk)

        assert undone.message == "Undone: 2 units are no longer spoiled."
        assert case_of(batch, 1).status == CaseStatus.PACKED
        assert sequences_in(batch, 1) == [*range(1, 11)]

    def test_restores_unit_and_spare_outside_cases(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=15).update(status="printed")
        kept = list(UnitCode.objects.filter(batch=batch).order_by("pk").values(*RESTORED))
        spoil(actor, batch, "15")

        undo_last(actor=actor, batch_id=batch.pk)

        assert list(UnitCode.objects.filter(batch=batch).order_by("pk").values(*RESTORED)) == kept

    def test_is_refused_when_the_spare_is_packed_elsewhere(self, batch, actor):
        colleague = make_member(organization=batch.organization)
        spoil(actor, batch, "15")
        link_scanned(
            actor=colleague, master_code=case_of(batch, 2).master_code, unique_codes=["41"]
        )

        with pytest.raises(packing_errors.NothingToUndo):
            undo_last(actor=actor, batch_id=batch.pk)


RESTORED = (
    "sequence_number",
    "status",
    "previous_status",
    "master_code",
    "packed_event",
    "replaces_sequence_no",
)
