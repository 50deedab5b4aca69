"""Linking on the real database, with the worked examples of its specification."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import OrganizationRequired
from accounts.models import OrganizationKind
from qrtracking import errors
from qrtracking.models import (
    FREE,
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
from qrtracking.services.linking import link_from_queue
from qrtracking.statements import load
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import (
    MasterCodeFactory,
    ReverseJobFactory,
    ScanEventFactory,
    make_generated_batch,
)
from tests.qrtracking.queue import (
    case_of,
    link,
    live_sequences,
    make_jas_mint_batch,
    pack,
    prepare,
    sequences_in,
)

pytestmark = pytest.mark.django_db

FIRST_UUID = "0190b6a0-0000-7000-8000-000000000001"


@pytest.fixture
def batch() -> Batch:
    """B1 of the worked examples: 1,000 MINT, 100 spares, 10 cases."""
    return make_generated_batch(order_no="ORD-HM-1125-02", variants={"MINT": 1000})


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


class TestWorkedExamples:
    def test_6_takes_the_next_units_that_are_not_excluded(self, batch, actor):
        prepare(batch, exclude=[3, 4, 5, 998, 1000])

        first = link(actor, batch, 1)
        second = link(actor, batch, 2)

        assert sequences_in(batch, 1) == [1, 2, *range(6, 104)]
        assert sequences_in(batch, 2) == [*range(104, 204)]
        assert (first.linked_count, second.linked_count) == (100, 100)

    def test_10_fills_a_partial_case_from_a_later_job(self, batch, actor):
        prepare(batch, first=1, last=250)
        counts = [link(actor, batch, number).linked_count for number in (1, 2, 3)]
        partial = case_of(batch, 3)
        assert (counts, partial.status, partial.actual_unit_count) == (
            [100, 100, 50],
            CaseStatus.GENERATED,
            50,
        )
        prepare(batch, first=251, last=310)

        topped_up = link(actor, batch, 3)

        assert topped_up.linked_count == 50
        assert topped_up.case.actual_unit_count == 100
        assert topped_up.case.status == CaseStatus.PACKED
        assert live_sequences(batch) == [*range(301, 311)]

    def test_11_passes_units_that_were_packed_another_way(self, batch, actor):
        prepare(batch, first=1, last=300)
        pack(batch, 1, range(1, 101))
        pack(batch, 2, range(101, 121))

        first = link(actor, batch, 4)
        second = link(actor, batch, 5)

        assert sequences_in(batch, 4) == [*range(121, 221)]
        assert sequences_in(batch, 5) == [*range(221, 301)]
        assert (first.linked_count, second.linked_count) == (100, 80)
        assert len(first.unused_codes) == 120
        assert second.unused_codes == []
        with pytest.raises(errors.QueueEmpty) as nothing_left:
            link(actor, batch, 6)
        assert nothing_left.value.code == "queue_empty"

    def test_12_fills_a_mixed_case_with_its_variants(self):
        mixed_batch = make_jas_mint_batch()
        actor = make_member(organization=mixed_batch.organization)
        prepare(mixed_batch)

        linked = link(actor, mixed_batch, 3)

        assert sequences_in(mixed_batch, 3) == [*range(1, 51), *range(251, 301)]
        assert linked.variant_name == "Jas, Mint"
        assert linked.skipped_variant_codes == []

    def test_12_takes_the_units_planned_for_the_case_when_asked(self):
        mixed_batch = make_jas_mint_batch()
        actor = make_member(organization=mixed_batch.organization)
        prepare(mixed_batch)

        link(actor, mixed_batch, 3, same_case=True)

        assert sequences_in(mixed_batch, 3) == [*range(201, 251), *range(251, 301)]

    def test_14_takes_no_more_than_the_case_has_room_for(self, batch, actor):
        prepare(batch)

        linked = link(actor, batch, 1, target_units=500)

        assert (linked.linked_count, linked.target_units) == (100, 500)
        with pytest.raises(errors.CaseFull):
            link(actor, batch, 1, target_units=500)
        assert case_of(batch, 1).actual_unit_count == 100
        assert len(sequences_in(batch, 1)) == 100


class TestEffects:
    def test_reports_what_it_did(self, batch, actor):
        prepare(batch)

        linked = link(actor, batch, 4)

        codes = UnitCode.objects.filter(master_code=linked.case).order_by("sequence_number")
        assert linked.linked_codes == [unit.code for unit in codes]
        assert linked.consumed_count == 100
        assert linked.target_units == 100
        assert linked.remaining_capacity == 0
        assert linked.is_complete
        assert linked.variant_name == "Mint"
        assert linked.message == "Successfully linked 100 codes to Case #4"

    def test_packs_the_units(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="printed")
        prepare(batch)

        linked = link(actor, batch, 1, target_units=2)

        generated, printed = UnitCode.objects.filter(master_code=linked.case).order_by(
            "sequence_number"
        )
        assert (generated.previous_status, printed.previous_status) == ("generated", "printed")
        for unit in (generated, printed):
            assert unit.status == UnitStatus.PACKED
            assert unit.packed_event_id == linked.event_id
            assert unit.last_scanned_by_id == actor.pk
            assert unit.last_scanned_at is not None
            assert unit.current_location_org_id == batch.organization_id

    def test_consumes_the_rows(self, batch, actor):
        prepare(batch)

        linked = link(actor, batch, 1, target_units=2)

        rows = PreparedCode.objects.filter(status="consumed").order_by("sequence_number")
        assert [row.code for row in rows] == linked.linked_codes
        assert {row.master_code_id for row in rows} == {linked.case.pk}
        assert all(row.consumed_at is not None for row in rows)

    def test_writes_one_event(self, batch, actor):
        prepare(batch)

        linked = link(actor, batch, 1, client_uuid=FIRST_UUID)

        event = ScanEvent.objects.get(batch=batch)
        assert event.pk == linked.event_id
        assert (event.kind, event.unit_count) == ("link_queue", 100)
        assert (event.master_code_id, event.actor_id) == (linked.case.pk, actor.pk)
        assert (event.order_id, str(event.client_uuid)) == (batch.order_id, FIRST_UUID)

    def test_a_partial_case_is_not_packed_and_goes_nowhere_yet(self, batch, actor):
        batch.order.buyer_org = OrganizationFactory()
        batch.order.save()
        prepare(batch)

        linked = link(actor, batch, 1, target_units=40)

        assert linked.case.status == CaseStatus.GENERATED
        assert linked.case.actual_unit_count == 40
        assert linked.remaining_capacity == 60
        assert not linked.is_complete
        assert linked.case.warehouse_org_id is None
        assert linked.case.manufacturer_scanned_by_id == actor.pk
        assert linked.case.manufacturer_scanned_at is not None
        assert linked.case.manufacturer_org_id == batch.organization_id

    @pytest.mark.parametrize("has_warehouse", [True, False])
    def test_a_full_case_goes_to_the_warehouse_or_else_the_buyer(self, batch, actor, has_warehouse):
        buyer = OrganizationFactory(kind=OrganizationKind.BUYER)
        warehouse = OrganizationFactory(kind=OrganizationKind.WAREHOUSE)
        batch.order.buyer_org = buyer
        batch.order.warehouse_org = warehouse if has_warehouse else None
        batch.order.save()
        prepare(batch)

        linked = link(actor, batch, 1)

        assert linked.case.status == CaseStatus.PACKED
        assert linked.case.warehouse_org == (warehouse if has_warehouse else buyer)

    @pytest.mark.parametrize("status", PACKABLE)
    def test_puts_the_batch_into_production(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)
        prepare(batch)

        link(actor, batch, 1)

        batch.refresh_from_db()
        assert batch.status == BatchStatus.IN_PRODUCTION

    def test_recounts_a_wrong_count(self, batch, actor):
        MasterCode.objects.filter(pk=case_of(batch, 1).pk).update(actual_unit_count=90)
        prepare(batch)

        linked = link(actor, batch, 1)

        assert linked.linked_count == 100
        assert linked.case.actual_unit_count == 100

    def test_takes_only_what_is_missing_from_a_partial_case(self, batch, actor):
        pack(batch, 1, range(1, 61))
        prepare(batch)

        linked = link(actor, batch, 1)

        assert linked.linked_count == 40
        assert linked.case.actual_unit_count == 100
        assert linked.case.status == CaseStatus.PACKED

    def test_uses_twelve_statements_whatever_the_sizes(
        self, batch, actor, django_assert_max_num_queries
    ):
        prepare(batch)
        pack(batch, 2, range(1, 51))

        with django_assert_max_num_queries(12):
            link(actor, batch, 1, client_uuid=FIRST_UUID)

    def test_each_further_variant_of_a_mixed_case_adds_one_statement(
        self, django_assert_max_num_queries
    ):
        mixed_batch = make_generated_batch(
            per_case=40, variants={"JAS": 10, "MINT": 10, "ROSE": 10, "SAGE": 10}
        )
        actor = make_member(organization=mixed_batch.organization)
        prepare(mixed_batch)

        with django_assert_max_num_queries(12 + 3):
            link(actor, mixed_batch, 1)

        assert len(sequences_in(mixed_batch, 1)) == 40


class TestNamingTheCase:
    @pytest.mark.parametrize(
        "form",
        [
            "{code}",
            "  {lower}\t",
            "http://any.host/track/master/{code}",
            "https://www.x/track/{code}/?utm=1#top",
            "]Q3{code}",
            "{short}",
            "{bare}",
            "CASE:7",
            "case: 7",
        ],
    )
    def test_takes_every_form_of_a_label(self, batch, actor, form):
        prepare(batch)
        code = case_of(batch, 7).master_code

        linked = link_from_queue(
            actor=actor,
            batch_id=batch.pk,
            order_id=batch.order_id,
            master_code=form.format(
                code=code, lower=code.lower(), short=code[:-2], bare=code.rpartition("-")[0]
            ),
        )

        assert linked.case.case_number == 7

    def test_takes_the_number_of_a_shipping_label(self, batch, actor):
        prepare(batch)
        MasterCode.objects.filter(batch=batch, case_number=2).update(sscc="012345678901234567")

        linked = link(actor, batch, label="]C100012345678901234567")

        assert linked.case.case_number == 2

    @pytest.mark.parametrize("cut", [1, 3, 11, 12, 20])
    def test_takes_no_other_shortened_form(self, batch, actor, cut):
        prepare(batch)

        with pytest.raises(errors.MasterCodeNotFound):
            link(actor, batch, label=case_of(batch, 7).master_code[:-cut])

    def test_refuses_a_short_form_of_two_cases(self, batch, actor):
        prepare(batch)
        code = case_of(batch, 7).master_code
        other_order = make_generated_batch(organization=batch.organization, units=1)
        MasterCodeFactory(batch=other_order, case_number=9, master_code=f"{code[:-2]}ZZ")

        with pytest.raises(errors.MasterCodeNotFound):
            link(actor, batch, label=code[:-2])

        assert link(actor, batch, label=code).case.case_number == 7

    @pytest.mark.parametrize("label", ["", "   ", "zzz", "MASTER", "7", "CASE:0", "CASE:11", "a;b"])
    def test_refuses_what_names_no_case(self, batch, actor, label):
        prepare(batch)

        with pytest.raises(errors.MasterCodeNotFound) as refused:
            link(actor, batch, label=label)

        assert str(refused.value) == "Master code not found or not part of this batch"
        assert refused.value.kind == "not_found"

    def test_refuses_a_unit_label(self, batch, actor):
        prepare(batch)
        unit = UnitCode.objects.get(batch=batch, sequence_number=1)

        with pytest.raises(errors.MasterCodeNotFound):
            link(actor, batch, label=unit.code)

    def test_refuses_a_case_of_another_organization(self, batch, actor):
        prepare(batch)
        foreign = make_generated_batch(order_no="ORD-SH-1125-01")

        with pytest.raises(errors.MasterCodeNotFound):
            link(actor, batch, label=case_of(foreign, 1).master_code)

    @pytest.mark.parametrize("label", [None, "CASE:1"])
    def test_refuses_everything_of_another_organization(self, actor, label):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=100)
        prepare(foreign)

        with pytest.raises(errors.MasterCodeNotFound):
            link(actor, foreign, label=label or case_of(foreign, 1).master_code)

        assert sequences_in(foreign, 1) == []

    def test_refuses_a_case_of_another_batch(self, batch, actor):
        prepare(batch)
        other = make_generated_batch(organization=batch.organization, units=100)

        with pytest.raises(errors.MasterCodeNotFound):
            link(actor, batch, label=case_of(other, 1).master_code)


class TestOrderOfChecks:
    """Each case breaks a check and everything after it."""

    def test_unknown_case_comes_first(self, batch, actor):
        with pytest.raises(errors.MasterCodeNotFound):
            link_from_queue(
                actor=actor,
                batch_id=batch.pk,
                order_id=batch.pk,
                master_code="zzz",
                target_units=-1,
            )

    def test_then_the_order(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=100)

        with pytest.raises(errors.MasterCodeOfOtherOrder) as refused:
            link_from_queue(
                actor=actor,
                batch_id=batch.pk,
                order_id=other.order_id,
                master_code="CASE:1",
                target_units=-1,
            )

        assert str(refused.value) == "Master code does not belong to this order"
        assert refused.value.kind == "invalid"

    @pytest.mark.parametrize("target_units", [-1, 100_001, 10**9])
    def test_then_the_number_of_units(self, batch, actor, target_units):
        Batch.objects.filter(pk=batch.pk).update(status="completed")

        with pytest.raises(errors.TargetUnitsInvalid) as refused:
            link(actor, batch, 1, target_units=target_units)

        assert str(refused.value) == "target_units must be a whole number from 1 to 100000"

    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_then_the_batch(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)
        MasterCode.objects.filter(batch=batch, case_number=9).update(status="opened")

        with pytest.raises(errors.BatchNotReady) as refused:
            link(actor, batch, 1)

        assert str(refused.value) == f"Batch is not ready for packing ({status})"
        assert (refused.value.code, refused.value.kind) == ("batch_state", "conflict")

    @pytest.mark.parametrize("status", LOCKED)
    def test_then_the_lock(self, batch, actor, status):
        MasterCode.objects.filter(batch=batch, case_number=9).update(status=status)
        pack(batch, 1, range(1, 101))

        with pytest.raises(errors.OrderLocked) as refused:
            link(actor, batch, 1)

        assert str(refused.value) == (
            "Warehouse intake has begun for this order. Scanning and linking are disabled."
        )
        assert (refused.value.code, refused.value.kind) == ("order_locked", "conflict")

    @pytest.mark.parametrize("status", sorted(set(CaseStatus) - set(LOCKED)))
    def test_other_statuses_of_a_case_lock_nothing(self, batch, actor, status):
        MasterCode.objects.filter(batch=batch, case_number=9).update(status=status)
        prepare(batch)

        assert link(actor, batch, 1).linked_count == 100

    def test_then_the_room_in_the_case(self, batch, actor):
        pack(batch, 1, range(1, 101))

        with pytest.raises(errors.CaseFull) as refused:
            link(actor, batch, 1)

        assert str(refused.value) == (
            "This master case is already full. Please link remaining codes to another case."
        )
        assert (refused.value.code, refused.value.kind) == ("case_full", "conflict")

    def test_then_the_queue(self, batch, actor):
        with pytest.raises(errors.QueueEmpty) as refused:
            link(actor, batch, 1)

        assert str(refused.value) == (
            "No prepared codes available in queue. Please submit a reverse job first."
        )
        assert (refused.value.code, refused.value.kind) == ("queue_empty", "invalid")

    def test_refuses_somebody_without_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            link(UserFactory(), batch, 1)

    @pytest.mark.parametrize("target_units", [None, 0])
    def test_without_a_number_the_case_decides(self, batch, actor, target_units):
        prepare(batch)

        linked = link(actor, batch, 1, target_units=target_units)

        assert (linked.target_units, linked.linked_count) == (100, 100)

    def test_an_error_changes_nothing(self, batch, actor):
        MasterCode.objects.filter(batch=batch, case_number=9).update(status="opened")
        prepare(batch)

        with pytest.raises(errors.OrderLocked):
            link(actor, batch, 1)

        batch.refresh_from_db()
        assert batch.status == BatchStatus.GENERATED
        assert not ScanEvent.objects.filter(batch=batch).exists()
        assert len(live_sequences(batch)) == 1000
        assert sequences_in(batch, 1) == []


class TestVariants:
    def test_takes_the_planned_variant_and_tells_what_it_passed_over(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        prepare(batch)

        linked = link(actor, batch, 4)

        assert sequences_in(batch, 4) == [*range(251, 301)]
        assert linked.variant_name == "Mint"
        passed = UnitCode.objects.filter(batch=batch, sequence_number__lte=100)
        assert linked.skipped_variant_codes == [
            unit.code for unit in passed.order_by("sequence_number")
        ]
        assert live_sequences(batch) == [*range(1, 251), *range(301, 351)]

    def test_goes_on_with_the_variant_in_the_case(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        pack(batch, 1, range(301, 311))
        prepare(batch)

        link(actor, batch, 1)

        assert sequences_in(batch, 1) == [*range(251, 351)]

    def test_the_first_queued_unit_decides_for_a_case_without_plan(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        MasterCode.objects.filter(batch=batch, case_number=1).update(planned_variant=None)
        prepare(batch, first=201)
        pack(batch, 2, range(201, 231))

        linked = link(actor, batch, 1)

        assert sequences_in(batch, 1) == [*range(231, 251)]
        assert linked.variant_name == "Jas"

    def test_counts_what_a_mixed_case_holds_already(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        pack(batch, 3, [201, 202, 251])
        prepare(batch)

        linked = link(actor, batch, 3)

        assert linked.linked_count == 97
        assert sequences_in(batch, 3) == [*range(1, 49), 201, 202, *range(251, 301)]

    def test_cuts_a_mixed_case_in_queue_order(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        prepare(batch)

        linked = link(actor, batch, 3, target_units=60)

        assert linked.linked_count == 60
        assert sequences_in(batch, 3) == [*range(1, 51), *range(251, 261)]

    def test_a_mixed_case_takes_what_there_is(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        prepare(batch, last=250)

        linked = link(actor, batch, 3)

        assert linked.linked_count == 50
        assert linked.case.status == CaseStatus.GENERATED

    def test_tells_which_variants_the_queue_holds_instead(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        prepare(batch, last=250)
        pack(batch, 1, range(1, 11))

        with pytest.raises(errors.QueueOtherVariants) as refused:
            link(actor, batch, 4)

        assert refused.value.code == "queue_other_variants"
        assert refused.value.extra == {"other_variants": {"JAS": 240}}

    def test_same_case_tells_that_the_queue_holds_other_cases(self, batch, actor):
        prepare(batch, first=101)

        with pytest.raises(errors.QueueOtherCases) as refused:
            link(actor, batch, 1, same_case=True)

        assert refused.value.code == "queue_other_cases"
        assert str(refused.value) == str(errors.QueueEmpty())

    def test_same_case_tells_of_other_variants_when_there_is_nothing_else(self):
        batch = make_jas_mint_batch()
        actor = make_member(organization=batch.organization)
        prepare(batch, last=250)

        with pytest.raises(errors.QueueOtherVariants):
            link(actor, batch, 4, same_case=True)

    def test_same_case_takes_a_case_in_the_middle_of_the_queue(self, batch, actor):
        prepare(batch)

        link(actor, batch, 5, same_case=True)

        assert sequences_in(batch, 5) == [*range(401, 501)]


class TestStaleRows:
    def test_leave_the_queue_up_to_the_last_linked_unit(self, batch, actor):
        prepare(batch)
        pack(batch, 2, [1, 2, 50, 500])

        linked = link(actor, batch, 1)

        invalid = PreparedCode.objects.filter(batch=batch, status="invalid")
        assert list(
            invalid.order_by("sequence_number").values_list("sequence_number", flat=True)
        ) == [
            1,
            2,
            50,
        ]
        assert set(invalid.values_list("invalid_reason", flat=True)) == {"packed_elsewhere"}
        assert linked.unused_codes == list(
            invalid.order_by("sequence_number").values_list("code", flat=True)
        )
        assert 500 in live_sequences(batch)

    def test_leave_the_queue_when_nothing_can_be_linked(self, batch, actor):
        prepare(batch, last=100)
        pack(batch, 2, range(1, 101))

        with pytest.raises(errors.QueueEmpty):
            link(actor, batch, 1)

        assert live_sequences(batch) == []
        assert PreparedCode.objects.filter(batch=batch, status="invalid").count() == 100

    def test_are_listed_up_to_a_thousand(self, actor, batch):
        big = make_generated_batch(organization=batch.organization, units=1300)
        prepare(big)
        UnitCode.objects.filter(batch=big, sequence_number__lte=1200).update(status="spoiled")

        linked = link(actor, big, 1)

        assert len(linked.unused_codes) == 1000
        assert PreparedCode.objects.filter(batch=big, status="invalid").count() == 1200

    @pytest.mark.parametrize("status", sorted(set(UnitStatus) - set(FREE)))
    def test_units_that_are_not_free_are_never_linked(self, batch, actor, status):
        prepare(batch)
        UnitCode.objects.filter(batch=batch, sequence_number=1).update(
            status=status,
            master_code=None if status == UnitStatus.BUFFER_AVAILABLE else case_of(batch, 9),
        )

        link(actor, batch, 1)

        assert sequences_in(batch, 1) == [*range(2, 102)]

    @pytest.mark.parametrize("status", FREE)
    def test_free_units_are_linked(self, batch, actor, status):
        UnitCode.objects.filter(batch=batch, sequence_number__lte=100).update(status=status)
        prepare(batch)

        link(actor, batch, 1)

        assert sequences_in(batch, 1) == [*range(1, 101)]

    def test_of_another_case_stay_when_only_this_case_is_looked_at(self, batch, actor):
        prepare(batch)
        pack(batch, 10, [1, 101])

        linked = link(actor, batch, 2, same_case=True)

        assert len(linked.unused_codes) == 1
        assert 1 in live_sequences(batch)


class TestJobs:
    def test_rows_of_a_cancelled_job_are_never_linked(self, batch, actor):
        prepare(batch, last=50, job=ReverseJobFactory(batch=batch, cancelled=True))
        prepare(batch, first=51)

        link(actor, batch, 1)

        assert sequences_in(batch, 1) == [*range(51, 151)]

    def test_rows_of_a_job_that_is_to_be_cancelled_are_never_linked(self, batch, actor):
        running = ReverseJobFactory(batch=batch, running=True)
        prepare(batch, job=running)
        ReverseJob.objects.filter(pk=running.pk).update(cancel_requested_at=timezone.now())

        with pytest.raises(errors.QueueEmpty) as refused:
            link(actor, batch, 1)

        assert refused.value.code == "queue_empty"

    @pytest.mark.parametrize("trait", ["running", "completed", "failed"])
    def test_rows_of_other_jobs_are_linked(self, batch, actor, trait):
        prepare(batch, job=ReverseJobFactory(batch=batch, **{trait: True}))

        assert link(actor, batch, 1).linked_count == 100

    @pytest.mark.parametrize("status", ["consumed", "invalid"])
    def test_rows_that_are_not_live_are_never_linked(self, batch, actor, status):
        prepare(batch)
        PreparedCode.objects.filter(batch=batch, sequence_number=1).update(
            status=status, master_code=case_of(batch, 9), invalid_reason="excluded"
        )

        link(actor, batch, 1)

        assert sequences_in(batch, 1) == [*range(2, 102)]

    def test_units_of_a_later_job_are_linked_in_sequence(self, batch, actor):
        prepare(batch, first=51, last=300)
        prepare(batch, first=1, last=50)

        link(actor, batch, 1)

        assert sequences_in(batch, 1) == [*range(1, 101)]


class TestSameScanAgain:
    def test_gets_the_result_of_the_first(self, batch, actor):
        prepare(batch)
        first = link(actor, batch, 1, client_uuid=FIRST_UUID)

        again = link(actor, batch, 1, client_uuid=FIRST_UUID)

        assert again.event_id == first.event_id
        assert again.linked_codes == first.linked_codes
        assert again.case == first.case
        assert again.variant_name == "Mint"
        assert len(live_sequences(batch)) == 900

    def test_is_refused_for_another_case(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1, client_uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            link(actor, batch, 2, client_uuid=FIRST_UUID)

        assert sequences_in(batch, 2) == []

    def test_is_refused_after_another_kind_of_event(self, batch, actor):
        prepare(batch)
        ScanEventFactory(batch=batch, kind="receive", client_uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            link(actor, batch, 1, client_uuid=FIRST_UUID)

    def test_another_organization_may_use_the_same_one(self, batch, actor):
        prepare(batch)
        ScanEventFactory(client_uuid=FIRST_UUID)

        assert link(actor, batch, 1, client_uuid=FIRST_UUID).linked_count == 100


class TestQueryPlan:
    def test_the_lock_is_found_by_its_index(self, batch):
        sql = "SELECT FROM qr_master_codes WHERE order_id = %(order)s AND status = ANY (%(locked)s)"
        locked = [str(status) for status in LOCKED]

        plan = explain(sql, {"order": batch.order_id, "locked": locked})

        assert "qr_master_codes_locked" in plan

    @pytest.mark.parametrize("analysed", ["never", "before", "after"])
    def test_the_queue_is_read_in_its_order_whatever_the_statistics(self, actor, batch, analysed):
        prepare(batch)
        big = make_generated_batch(organization=batch.organization, units=5000)
        if analysed == "before":
            analyse()
        prepare(big)
        if analysed == "after":
            analyse()
        parameters = {
            "batch": big.pk,
            "variant": big.order.items.get().variant_id,
            "case_number": None,
            "free": [str(status) for status in FREE],
            "only_free": False,
            "limit": 100,
        }

        # The settings stand for statistics that make any other way of joining seem cheaper.
        for setting in ("on", "off"):
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL enable_nestloop = {setting}")
            plan = explain(load("link_pick"), parameters, seqscan=True)

            assert "Index Scan using qr_prepared_codes_queue" in plan
            assert "Sort" not in plan


def analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE qr_prepared_codes, qr_codes, qr_reverse_jobs")


def explain(sql: str, parameters: dict, *, seqscan: bool = False) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_seqscan = {'on' if seqscan else 'off'}")
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(line for (line,) in cursor.fetchall())
