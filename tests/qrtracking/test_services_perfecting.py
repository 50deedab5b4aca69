"""Perfect cases: everything planned goes in by one scan, or nothing does."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from accounts.errors import OrganizationRequired
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    FREE,
    LOCKED,
    PACKABLE,
    Batch,
    BatchStatus,
    CaseStatus,
    MasterCode,
    ScanEvent,
    UnitCode,
    UnitStatus,
)
from qrtracking.services import perfecting
from qrtracking.services.perfecting import check_master_codes, mark_case_perfect
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import ScanEventFactory, make_generated_batch
from tests.qrtracking.queue import case_of, link, live_sequences, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db

FIRST_UUID = UUID("0190b6a0-0000-7000-8000-000000000001")


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10."""
    return make_generated_batch(order_no="ORD-HM-1125-02", units=40, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def mark(actor, batch, case_number, **options):
    code = case_of(batch, case_number).master_code
    return mark_case_perfect(actor=actor, master_code=code, **options)


def units_of(batch, *sequences):
    return UnitCode.objects.filter(batch=batch, sequence_number__in=sequences)


def spoil(batch, *sequences) -> None:
    units_of(batch, *sequences).update(status="spoiled")


class TestMarkCasePerfect:
    def test_packs_all_planned_units(self, batch, actor):
        prepare(batch)

        marked = mark(actor, batch, 2)

        assert sequences_in(batch, 2) == [*range(11, 21)]
        assert marked.message == "Case #2 marked perfect! All 10 codes linked automatically."
        assert (marked.linked_count, marked.already_complete) == (10, False)
        assert marked.case.status == CaseStatus.PACKED
        assert (marked.variant_count, marked.variant_name) == (1, "Mint")
        assert live_sequences(batch) == [*range(1, 11), *range(21, 41)]
        event = ScanEvent.objects.get(batch=batch)
        assert (event.pk, event.kind, event.unit_count) == (marked.event_id, "perfect", 10)

    def test_packs_a_mixed_case(self):
        batch = make_generated_batch(variants={"JAS": 25, "MINT": 10}, per_case=10)
        actor = make_member(organization=batch.organization)

        marked = mark(actor, batch, 3)

        assert sequences_in(batch, 3) == [*range(21, 31)]
        assert (marked.variant_count, marked.case.is_mixed) == (2, True)

    def test_again_is_no_error(self, batch, actor):
        mark(actor, batch, 2)

        again = mark(actor, batch, 2)

        assert again.message == "Case already marked perfect"
        assert (again.already_complete, again.linked_count, again.event_id) == (True, 0, None)
        assert ScanEvent.objects.filter(batch=batch).count() == 1

    def test_takes_a_case_by_number_when_the_batch_is_known(self, batch, actor):
        marked = mark_case_perfect(actor=actor, master_code="CASE:2", batch_id=batch.pk)

        assert marked.case.case_number == 2

    def test_may_be_of_the_order_that_is_worked_on(self, batch, actor):
        assert mark(actor, batch, 2, order_id=batch.order_id).linked_count == 10

    def test_takes_a_spare_for_a_spoiled_unit(self, batch, actor):
        spoil(batch, 15)
        units_of(batch, 41).update(replaces_sequence_no=15)

        mark(actor, batch, 2)

        assert sequences_in(batch, 2) == [11, 12, 13, 14, 16, 17, 18, 19, 20, 41]
        spare = units_of(batch, 41).get()
        assert (spare.status, spare.replaces_sequence_no) == (UnitStatus.BUFFER_USED, 15)

    @pytest.mark.parametrize("status", FREE)
    def test_takes_units_in_every_free_status(self, batch, actor, status):
        units_of(batch, 15).update(status=status)

        assert mark(actor, batch, 2).linked_count == 10

    def test_fills_up_a_case_by_force(self, batch, actor):
        pack(batch, 2, [11, 12, 13])

        marked = mark(actor, batch, 2, force=True)

        assert sequences_in(batch, 2) == [*range(11, 21)]
        assert marked.linked_count == 7
        assert marked.message == "Case #2 marked perfect! All 10 codes linked automatically."

    def test_uses_a_bounded_number_of_statements(self, batch, actor, django_assert_max_num_queries):
        prepare(batch)
        spoil(batch, 15)
        units_of(batch, 41).update(replaces_sequence_no=15)
        assert actor.organization

        with django_assert_max_num_queries(13):
            mark(actor, batch, 2)

    def test_same_scan_again_gets_the_first_result(self, batch, actor):
        first = mark(actor, batch, 2, client_uuid=FIRST_UUID)

        again = mark(actor, batch, 2, client_uuid=FIRST_UUID)

        assert (again.event_id, again.linked_count) == (first.event_id, 10)
        assert not again.already_complete

    def test_same_scan_for_another_case_is_refused(self, batch, actor):
        mark(actor, batch, 2, client_uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            mark(actor, batch, 3, client_uuid=FIRST_UUID)

    def test_same_scan_of_another_kind_is_refused(self, batch, actor):
        ScanEventFactory(batch=batch, client_uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            mark(actor, batch, 2, client_uuid=FIRST_UUID)

    @pytest.mark.parametrize(
        ("constraint", "expected"),
        [
            ("qr_scan_events_org_client_uniq", errors.ClientUuidReused),
            ("qr_codes_batch_seq_uniq", IntegrityError),
        ],
    )
    def test_two_that_come_at_once(self, batch, actor, monkeypatch, constraint, expected):
        def collide(*args, **kwargs):
            raise IntegrityError(constraint)

        monkeypatch.setattr(perfecting, "pack_units", collide)

        with pytest.raises(expected):
            mark(actor, batch, 2, client_uuid=FIRST_UUID)


class TestRefusals:
    def test_without_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            mark(UserFactory(), batch, 1)

    def test_without_a_case(self, actor):
        with pytest.raises(packing_errors.MasterCodeRequired) as refused:
            mark_case_perfect(actor=actor, master_code=" ")

        assert str(refused.value) == "Master code is required"

    @pytest.mark.parametrize("master_code", ["zzz", "CASE:1", "1"])
    def test_of_an_unknown_case(self, actor, master_code):
        with pytest.raises(packing_errors.MasterCodeUnknown):
            mark_case_perfect(actor=actor, master_code=master_code)

    def test_of_another_organization(self, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        with pytest.raises(packing_errors.MasterCodeUnknown):
            mark(actor, foreign, 1)

    def test_of_another_order(self, batch, actor):
        other = make_generated_batch(
            organization=batch.organization, order_no="ORD-HM-1125-03", units=10, per_case=10
        )

        with pytest.raises(packing_errors.WrongOrder) as refused:
            mark(actor, batch, 2, order_id=other.order_id)

        assert str(refused.value) == "WRONG_ORDER"
        assert refused.value.extra["message"] == (
            "This master case belongs to ORD-HM-1125-02, "
            "but you are currently working on ORD-HM-1125-03."
        )

    def test_of_an_unknown_order(self, batch, actor):
        with pytest.raises(errors.OrderNotFound):
            mark(actor, batch, 2, order_id=uuid4())

    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_of_a_batch_that_is_not_packed(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(errors.BatchNotReady):
            mark(actor, batch, 2)

    @pytest.mark.parametrize("status", LOCKED)
    def test_of_a_locked_order(self, batch, actor, status):
        MasterCode.objects.filter(batch=batch, case_number=4).update(status=status)

        with pytest.raises(errors.OrderLocked):
            mark(actor, batch, 2)

    def test_of_a_case_that_workers_began(self, batch, actor):
        pack(batch, 2, [11, 12, 13])

        with pytest.raises(packing_errors.WorkerProcessed) as refused:
            mark(actor, batch, 2)

        assert str(refused.value) == "WORKER_PROCESSED"
        assert refused.value.extra == {
            "message": (
                "This case has already been processed by workers using the scanning system. "
                "Mark Perfect can only be used for cases that have never been scanned by workers."
            ),
            "has_worker_scans": True,
            "worker_scanned_count": 3,
            "total_codes": 10,
        }

    def test_of_a_case_without_units(self, batch, actor):
        UnitCode.objects.filter(batch=batch, planned_case_number=2).update(planned_case_number=None)

        with pytest.raises(packing_errors.CaseWithoutUnits) as refused:
            mark(actor, batch, 2)

        assert str(refused.value) == (
            "No QR codes found for case #2. Case may not have been generated yet."
        )

    def test_of_a_case_with_too_few_units(self, batch, actor):
        units_of(batch, 15, 16).update(planned_case_number=None)

        with pytest.raises(packing_errors.CaseCountWrong) as refused:
            mark(actor, batch, 2)

        assert str(refused.value) == (
            "Expected 10 codes but found 8 for case #2. Case may be incomplete or over-filled."
        )

    def test_of_a_case_with_units_of_others(self, batch, actor):
        pack(batch, 2, [1, 2])

        with pytest.raises(packing_errors.CaseCountWrong) as refused:
            mark(actor, batch, 2, force=True)

        assert "found 12 for case #2" in str(refused.value)

    def test_of_a_case_whose_units_lie_in_others(self, batch, actor):
        pack(batch, 3, [11])
        pack(batch, 1, [12, 13])

        with pytest.raises(packing_errors.UnitsInOtherCases) as refused:
            mark(actor, batch, 2)

        assert str(refused.value) == (
            "3 code(s) already linked to different master cases. Cannot mark as perfect."
        )
        assert refused.value.extra["conflicting_masters"] == [
            {"master_code": case_of(batch, number).master_code, "case_number": number}
            for number in (1, 3)
        ]

    def test_of_a_case_with_spoiled_units(self, batch, actor):
        spoil(batch, 15, 16)

        with pytest.raises(packing_errors.UnitsUnavailable) as refused:
            mark(actor, batch, 2)

        assert str(refused.value) == (
            "Case #2 cannot be marked perfect: 2 unit(s) are spoiled or not available."
        )
        codes = units_of(batch, 15, 16).order_by("sequence_number")
        assert refused.value.extra["unavailable_codes"] == [unit.code for unit in codes]

    @pytest.mark.parametrize("status", ["activated", "redeemed", "expired", "used_ok"])
    def test_of_a_case_with_units_that_are_gone(self, batch, actor, status):
        units_of(batch, 15).update(status=status)

        with pytest.raises(packing_errors.UnitsUnavailable):
            mark(actor, batch, 2)

        assert sequences_in(batch, 2) == []

    def test_of_a_spare_that_is_spoiled_too(self, batch, actor):
        spoil(batch, 15, 41)
        units_of(batch, 41).update(replaces_sequence_no=15)

        with pytest.raises(packing_errors.UnitsUnavailable):
            mark(actor, batch, 2)


class TestCheckMasterCodes:
    def test_sorts_the_labels(self, batch, actor):
        mark(actor, batch, 1)
        link(actor, prepare(batch).batch, 2, target_units=3)
        full, partial = case_of(batch, 1).master_code, case_of(batch, 2).master_code.lower()
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)
        unknown = [case_of(foreign, 1).master_code, "zzz", "", "CASE:1"]

        checked = check_master_codes(actor=actor, master_codes=[full, partial, *unknown, full])

        assert checked.already_complete == [full]
        assert checked.available == [partial]
        assert checked.not_found == unknown
        assert checked.total_checked == 6

    def test_knows_shipping_labels_and_short_forms(self, batch, actor):
        MasterCode.objects.filter(batch=batch, case_number=3).update(sscc="012345678901234567")
        labels = ["00012345678901234567", case_of(batch, 4).master_code[:-2]]

        checked = check_master_codes(actor=actor, master_codes=labels)

        assert checked.available == labels

    def test_takes_one_statement_more_than_finding_them(
        self, batch, actor, django_assert_num_queries
    ):
        codes = [case_of(batch, number).master_code for number in (1, 2, 3, 4)]
        assert actor.organization

        with django_assert_num_queries(2):
            check_master_codes(actor=actor, master_codes=codes)

    def test_needs_labels(self, actor):
        with pytest.raises(packing_errors.MasterCodesRequired) as refused:
            check_master_codes(actor=actor, master_codes=[])

        assert str(refused.value) == "master_codes array is required"

    def test_takes_two_thousand_at_most(self, actor):
        with pytest.raises(packing_errors.TooManyMasterCodes):
            check_master_codes(actor=actor, master_codes=[str(n) for n in range(2001)])

    def test_needs_an_organization(self):
        OrganizationFactory()

        with pytest.raises(OrganizationRequired):
            check_master_codes(actor=UserFactory(), master_codes=["x"])
