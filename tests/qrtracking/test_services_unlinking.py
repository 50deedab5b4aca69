"""Unlinking on the real database: units, queue, case and history go back."""

from uuid import uuid4

import pytest
from django.utils import timezone

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
    ReverseJob,
    ScanEvent,
    UnitCode,
    UnitStatus,
)
from qrtracking.services.closing import close_case_short
from qrtracking.services.packing import link_scanned
from qrtracking.services.perfecting import mark_case_perfect
from qrtracking.services.reverse_jobs import submit_reverse_job
from qrtracking.services.unlinking import unlink_case
from tests.accounts.factories import UserFactory, make_member
from tests.qrtracking.factories import (
    PreparedCodeFactory,
    ReverseJobExcludeFactory,
    ReverseJobFactory,
    make_generated_batch,
)
from tests.qrtracking.queue import case_of, link, live_sequences, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10."""
    return make_generated_batch(order_no="ORD-HM-1125-02", units=40, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def unlink(actor, batch, case_number, **options):
    return unlink_case(actor=actor, case_id=case_of(batch, case_number).pk, **options)


def rows_of(batch, **filters):
    return PreparedCode.objects.filter(batch=batch, **filters)


class TestUnits:
    def test_get_their_status_back(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="printed")
        prepare(batch)
        link(actor, batch, 1, target_units=2)

        result = unlink(actor, batch, 1)

        generated, printed = UnitCode.objects.filter(
            batch=batch, sequence_number__in=[1, 2]
        ).order_by("sequence_number")
        assert (generated.status, printed.status) == ("generated", "printed")
        for unit in (generated, printed):
            assert unit.master_code_id is None
            assert unit.previous_status is None
            assert unit.packed_event_id is None
        assert result.unlinked_count == 2
        assert result.message == "Successfully unlinked 2 codes from master case #1"

    def test_that_never_had_a_status_before_are_generated(self, batch, actor):
        pack(batch, 1, [1])

        unlink(actor, batch, 1)

        assert UnitCode.objects.get(batch=batch, sequence_number=1).status == "generated"

    def test_that_are_spares_are_free_spares_again(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=41).update(replaces_sequence_no=3)
        link_scanned(
            actor=actor, master_code=case_of(batch, 1).master_code, unique_codes=["41", "1"]
        )

        unlink(actor, batch, 1)

        spare = UnitCode.objects.get(batch=batch, sequence_number=41)
        assert (spare.status, spare.replaces_sequence_no) == (UnitStatus.BUFFER_AVAILABLE, None)


class TestCase:
    def test_is_empty_and_as_planned(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)

        case = unlink(actor, batch, 1).case

        assert (case.status, case.actual_unit_count) == (CaseStatus.GENERATED, 0)
        assert case.expected_unit_count == 10
        assert case.manufacturer_scanned_at is None
        assert case.manufacturer_scanned_by_id is None
        assert case.manufacturer_org_id is None
        assert case.warehouse_org_id is None
        assert sequences_in(batch, 1) == []

    def test_that_was_printed_is_printed_again(self, batch, actor):
        UnitCode.objects.filter(batch=batch).exclude(is_buffer=True).update(status="printed")
        MasterCode.objects.filter(batch=batch).update(status="printed")
        prepare(batch)
        link(actor, batch, 1)

        assert unlink(actor, batch, 1).case.status == CaseStatus.PRINTED

    def test_that_is_partial_keeps_its_status(self, batch, actor):
        MasterCode.objects.filter(batch=batch).update(status="printed")
        pack(batch, 1, [1, 2])

        assert unlink(actor, batch, 1).case.status == CaseStatus.PRINTED

    def test_that_was_closed_short_is_to_hold_its_plan_again(self, batch, actor):
        pack(batch, 1, [1, 2, 3])
        close_case_short(actor=actor, case_id=case_of(batch, 1).pk, reason="Torn")

        case = unlink(actor, batch, 1).case

        assert (case.expected_unit_count, case.short_reason) == (10, None)
        assert case.status == CaseStatus.GENERATED

    def test_can_be_packed_and_marked_perfect_again(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)
        unlink(actor, batch, 1)

        marked = mark_case_perfect(actor=actor, master_code=case_of(batch, 1).master_code)

        assert marked.linked_count == 10

    def test_that_is_empty_is_left_as_it_is(self, batch, actor):
        result = unlink(actor, batch, 1)

        assert (result.unlinked_count, result.event_id) == (0, None)
        assert not ScanEvent.objects.filter(batch=batch).exists()


class TestQueue:
    def test_gets_back_what_the_case_consumed(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)
        link(actor, batch, 2)

        unlink(actor, batch, 1)

        assert live_sequences(batch) == [*range(1, 11), *range(21, 41)]
        row = rows_of(batch, sequence_number=1).get()
        assert (row.master_code_id, row.consumed_at, row.invalid_reason) == (None, None, None)

    def test_gets_nothing_back_of_a_cancelled_job(self, batch, actor):
        job = prepare(batch)
        link(actor, batch, 1)
        ReverseJob.objects.filter(pk=job.pk).update(cancel_requested_at=timezone.now())

        unlink(actor, batch, 1)

        assert rows_of(batch, invalid_reason="job_cancelled").count() == 10

    def test_gets_no_unit_back_that_a_later_job_excludes(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)
        submit_reverse_job(
            actor=actor, batch_id=batch.pk, order_id=batch.order_id, exclude_codes=["3", "5"]
        )

        unlink(actor, batch, 1)

        assert live_sequences(batch) == [1, 2, 4, *range(6, 41)]
        assert rows_of(batch, invalid_reason="excluded").count() == 2

    @pytest.mark.parametrize("trait", ["cancelled", "completed"])
    def test_heeds_no_excludes_of_cancelled_or_earlier_jobs(self, batch, actor, trait):
        earlier = ReverseJobFactory(batch=batch, completed=True)
        prepare(batch)
        later = ReverseJobFactory(batch=batch, cancelled=True)
        ReverseJobExcludeFactory(job=earlier if trait == "completed" else later, sequence_number=3)
        link(actor, batch, 1)

        unlink(actor, batch, 1)

        assert 3 in live_sequences(batch)

    def test_holds_a_unit_once(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)
        unit = UnitCode.objects.get(batch=batch, sequence_number=3)
        PreparedCodeFactory(unit=unit, job=ReverseJobFactory(batch=batch))

        unlink(actor, batch, 1)

        assert live_sequences(batch) == [*range(1, 41)]
        assert rows_of(batch, invalid_reason="not_available").count() == 1

    def test_gives_the_units_out_again(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)
        unlink(actor, batch, 1)

        link(actor, batch, 2)

        assert sequences_in(batch, 2) == [*range(1, 11)]


class TestHistory:
    def test_has_one_event_with_its_reason(self, batch, actor):
        prepare(batch)
        linked = link(actor, batch, 1)

        result = unlink(actor, batch, 1, reason=" Wrong pallet ")

        event = ScanEvent.objects.get(pk=result.event_id)
        assert (event.kind, event.unit_count, event.note) == ("unlink", 10, "Wrong pallet")
        assert (event.master_code_id, event.actor_id) == (result.case.pk, actor.pk)
        assert ScanEvent.objects.get(pk=linked.event_id).undone_by_event_id == event.pk

    def test_of_other_cases_stays(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1)
        other = link(actor, batch, 2)

        unlink(actor, batch, 1)

        assert ScanEvent.objects.get(pk=other.event_id).undone_by_event_id is None

    def test_takes_as_many_statements_for_any_case(
        self, batch, actor, django_assert_max_num_queries
    ):
        prepare(batch)
        link(actor, batch, 1)
        case, organization = case_of(batch, 1), actor.organization
        assert organization

        with django_assert_max_num_queries(12):
            unlink_case(actor=actor, case_id=case.pk)


class TestRefusals:
    def test_without_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            unlink(UserFactory(), batch, 1)

    def test_of_unknown_and_foreign_cases(self, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)
        pack(foreign, 1, [1])

        for case_id in (uuid4(), case_of(foreign, 1).pk):
            with pytest.raises(packing_errors.CaseNotFound) as refused:
                unlink_case(actor=actor, case_id=case_id)

        assert str(refused.value) == "Master code not found"
        assert sequences_in(foreign, 1) == [1]

    @pytest.mark.parametrize("status", LOCKED)
    def test_of_a_case_at_the_warehouse(self, batch, actor, status):
        pack(batch, 1, range(1, 11))
        MasterCode.objects.filter(batch=batch, case_number=1).update(status=status)

        with pytest.raises(packing_errors.CaseAtWarehouse) as refused:
            unlink(actor, batch, 1)

        assert str(refused.value) == (
            f"Cannot unlink. Master case already processed by warehouse ({status})."
        )

    @pytest.mark.parametrize("status", ["ready_to_ship", "in_transit"])
    def test_of_a_completed_case(self, batch, actor, status):
        pack(batch, 1, range(1, 11))
        MasterCode.objects.filter(batch=batch, case_number=1).update(status=status)

        with pytest.raises(packing_errors.CaseCompleted) as refused:
            unlink(actor, batch, 1)

        assert str(refused.value) == (f"Cannot unlink. Production is already completed ({status}).")

    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_of_a_batch_that_is_not_packed(self, batch, actor, status):
        pack(batch, 1, [1])
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(errors.BatchNotReady):
            unlink(actor, batch, 1)

    @pytest.mark.parametrize("status", LOCKED)
    def test_of_a_locked_order(self, batch, actor, status):
        pack(batch, 1, [1])
        MasterCode.objects.filter(batch=batch, case_number=4).update(status=status)

        with pytest.raises(errors.OrderLocked):
            unlink(actor, batch, 1)

    def test_of_a_very_long_reason(self, batch, actor):
        with pytest.raises(packing_errors.ReasonTooLong):
            unlink(actor, batch, 1, reason="x" * 501)
