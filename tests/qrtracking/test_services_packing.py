"""Scan & pack on the real database: each bucket, each refusal, each effect."""

from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from accounts.errors import OrganizationRequired
from qrtracking import errors, statements
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    FREE,
    LOCKED,
    PACKABLE,
    Batch,
    BatchStatus,
    CaseStatus,
    MasterCode,
    PreparedCode,
    ScanEvent,
    UnitCode,
    UnitStatus,
)
from qrtracking.rules.buckets import Bucket
from qrtracking.services import packing
from qrtracking.services.packing import link_scanned
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import ScanEventFactory, ScanItemFactory, make_generated_batch
from tests.qrtracking.queue import case_of, link, live_sequences, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db

FIRST_UUID = UUID("0190b6a0-0000-7000-8000-000000000001")


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10."""
    return make_generated_batch(order_no="ORD-HM-1125-02", units=40, per_case=10)


@pytest.fixture
def two_variants() -> Batch:
    """JAS 1-25, MINT 26-35, 10 per case: case 3 is mixed; spares 36-38."""
    return make_generated_batch(variants={"JAS": 25, "MINT": 10}, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def unit_of(batch, sequence) -> UnitCode:
    return UnitCode.objects.get(batch=batch, sequence_number=sequence)


def codes_of(batch, sequences) -> list[str]:
    units = UnitCode.objects.filter(batch=batch, sequence_number__in=list(sequences))
    return list(units.order_by("sequence_number").values_list("code", flat=True))


def scan(actor, batch, case_number, codes, **options):
    return link_scanned(
        actor=actor,
        master_code=case_of(batch, case_number).master_code,
        unique_codes=codes,
        **options,
    )


class TestEffects:
    def test_packs_the_units(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="printed")

        packed = scan(actor, batch, 1, codes_of(batch, [1, 2]))

        generated, printed = UnitCode.objects.filter(master_code=packed.case).order_by(
            "sequence_number"
        )
        assert (generated.previous_status, printed.previous_status) == ("generated", "printed")
        for unit in (generated, printed):
            assert unit.status == UnitStatus.PACKED
            assert unit.packed_event_id == packed.event_id
            assert unit.last_scanned_by_id == actor.pk
            assert unit.last_scanned_at is not None
            assert unit.current_location_org_id == batch.organization_id
        assert packed.linked_codes == [generated.code, printed.code]

    def test_writes_one_event(self, batch, actor):
        packed = scan(actor, batch, 1, ["1-4"], client_uuid=FIRST_UUID)

        event = ScanEvent.objects.get(batch=batch)
        assert event.pk == packed.event_id
        assert (event.kind, event.unit_count, event.client_uuid) == ("link_scan", 4, FIRST_UUID)
        assert (event.master_code_id, event.actor_id) == (packed.case.pk, actor.pk)

    def test_counts_a_partial_case(self, batch, actor):
        packed = scan(actor, batch, 1, ["1-4"])

        assert packed.case.status == CaseStatus.GENERATED
        assert packed.case.actual_unit_count == 4
        assert (packed.remaining_capacity, packed.is_complete) == (6, False)
        assert packed.case.warehouse_org_id is None
        assert packed.case.manufacturer_scanned_by_id == actor.pk

    def test_a_full_case_is_packed_and_has_a_destination(self, batch, actor):
        batch.order.buyer_org = OrganizationFactory()
        batch.order.save()

        packed = scan(actor, batch, 1, ["1-10"])

        assert packed.case.status == CaseStatus.PACKED
        assert packed.case.warehouse_org == batch.order.buyer_org
        assert (packed.remaining_capacity, packed.is_complete) == (0, True)
        assert packed.order == batch.order

    @pytest.mark.parametrize("status", PACKABLE)
    def test_puts_the_batch_into_production(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)

        scan(actor, batch, 1, ["1"])

        batch.refresh_from_db()
        assert batch.status == BatchStatus.IN_PRODUCTION

    def test_takes_live_rows_out_of_the_queue(self, batch, actor):
        prepare(batch)

        scan(actor, batch, 1, ["1-3"])

        assert live_sequences(batch) == [*range(4, 41)]
        invalid = PreparedCode.objects.filter(batch=batch, status="invalid")
        assert set(invalid.values_list("invalid_reason", flat=True)) == {"packed_elsewhere"}

    def test_takes_units_off_the_lists_of_people(self, batch, actor):
        listed = ScanItemFactory(batch=batch, unit=unit_of(batch, 1))

        packed = scan(actor, batch, 1, ["1"])

        listed.refresh_from_db()
        assert (listed.outcome, listed.event_id) == ("linked", packed.event_id)

    def test_packs_a_free_spare_as_used(self, batch, actor):
        packed = scan(actor, batch, 1, ["41"])

        spare = unit_of(batch, 41)
        assert (spare.status, spare.master_code) == (UnitStatus.BUFFER_USED, packed.case)
        assert spare.previous_status == UnitStatus.BUFFER_AVAILABLE

    def test_fills_a_case_that_the_queue_began(self, batch, actor):
        prepare(batch)
        link(actor, batch, 1, target_units=4)

        packed = scan(actor, batch, 1, ["1-10"])

        assert sequences_in(batch, 1) == [*range(1, 11)]
        assert packed.linked_count == 6
        assert packed.filtered_codes(Bucket.ALREADY_LINKED) == codes_of(batch, range(1, 5))

    @pytest.mark.parametrize("count", [1, 10])
    def test_uses_as_many_statements_for_few_as_for_many(
        self, batch, actor, count, django_assert_max_num_queries
    ):
        prepare(batch)
        assert actor.organization

        with django_assert_max_num_queries(14):
            scan(actor, batch, 1, codes_of(batch, range(1, count + 1)))


class TestNames:
    @pytest.mark.parametrize(
        "form", ["{code}", "  {lower}\t", "http://any.host/track/product/{code}?a=1", "{short}"]
    )
    def test_units_by_every_form_of_a_label(self, batch, actor, form):
        code = unit_of(batch, 7).code

        scan(actor, batch, 1, [form.format(code=code, lower=code.lower(), short=code[:-2])])

        assert sequences_in(batch, 1) == [7]

    def test_units_by_number_and_range(self, batch, actor):
        scan(actor, batch, 1, ["7", "SEQ:2", "3 - 5"])

        assert sequences_in(batch, 1) == [2, 3, 4, 5, 7]

    def test_a_unit_named_twice_counts_once(self, batch, actor):
        code = unit_of(batch, 7).code

        packed = scan(actor, batch, 1, [code, code.lower(), "7", "6-8"])

        assert packed.buckets.total == 3
        assert sequences_in(batch, 1) == [6, 7, 8]

    def test_the_case_by_number_when_the_batch_is_known(self, batch, actor):
        packed = link_scanned(
            actor=actor, master_code="CASE:2", unique_codes=["11"], batch_id=batch.pk
        )

        assert packed.case.case_number == 2

    @pytest.mark.parametrize("master_code", ["CASE:2", "2", "zzz", "a;b", "SEQ:1"])
    def test_no_case(self, actor, master_code):
        with pytest.raises(packing_errors.MasterCodeUnknown) as refused:
            link_scanned(actor=actor, master_code=master_code, unique_codes=["1"])

        assert str(refused.value) == "Master code not found in system"
        assert refused.value.kind == "not_found"

    def test_a_unit_is_no_case(self, batch, actor):
        with pytest.raises(packing_errors.MasterCodeUnknown):
            link_scanned(actor=actor, master_code=unit_of(batch, 1).code, unique_codes=["1"])

    def test_the_case_must_be_of_the_batch_that_is_worked_on(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=10, per_case=10)

        with pytest.raises(packing_errors.MasterCodeUnknown):
            scan(actor, batch, 1, ["1"], batch_id=other.pk)

    def test_nothing_of_another_organization_is_known(self, batch, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        with pytest.raises(packing_errors.MasterCodeUnknown):
            scan(actor, foreign, 1, ["1"])
        packed = scan(actor, batch, 1, ["1", unit_of(foreign, 1).code])

        assert packed.filtered_codes(Bucket.NOT_FOUND) == [unit_of(foreign, 1).code]
        assert sequences_in(foreign, 1) == []

    def test_somebody_without_organization_packs_nothing(self, batch):
        with pytest.raises(OrganizationRequired):
            scan(UserFactory(), batch, 1, ["1"])


class TestBuckets:
    def test_each_unit_falls_into_the_first_that_fits(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=10, per_case=10)
        pack(batch, 2, [11])
        UnitCode.objects.filter(batch=batch, sequence_number__in=[3, 12]).update(status="spoiled")
        foreign_batch = unit_of(other, 1).code

        packed = scan(actor, batch, 1, ["zzz", "11", foreign_batch, "3", "12", "13", "1", "41"])

        assert packed.filtered_codes(Bucket.NOT_FOUND) == ["zzz"]
        assert packed.filtered_codes(Bucket.ALREADY_LINKED) == codes_of(batch, [11])
        assert packed.filtered_codes(Bucket.WRONG_BATCH) == [foreign_batch]
        assert packed.filtered_codes(Bucket.NOT_AVAILABLE) == codes_of(batch, [3, 12])
        assert packed.filtered_codes(Bucket.WRONG_SEQUENCE) == codes_of(batch, [13])
        assert packed.linked_codes == codes_of(batch, [1, 41])
        assert packed.buckets.summary == {
            "total_submitted": 8,
            "successfully_linked": 2,
            "not_found": 1,
            "already_linked": 1,
            "wrong_batch": 1,
            "wrong_variant": 0,
            "wrong_sequence": 1,
            "not_available": 2,
            "unused_capacity": 0,
        }
        assert packed.buckets.note == (
            "Successfully linked 2 of 8 codes. Filtered out: 1 not found, 1 already linked, "
            "1 wrong batch, 1 wrong sequence, 2 not available."
        )

    @pytest.mark.parametrize("status", sorted(set(UnitStatus) - set(FREE)))
    def test_a_unit_that_is_not_free_is_not_packed(self, batch, actor, status):
        UnitCode.objects.filter(batch=batch, sequence_number=1).update(
            status=status,
            master_code=None if status == UnitStatus.BUFFER_AVAILABLE else case_of(batch, 4),
            **({"is_buffer": True, "planned_case_number": None} if "buffer" in status else {}),
        )

        packed = scan(actor, batch, 1, ["2", "1"])

        expected = [1, 2] if status == UnitStatus.BUFFER_AVAILABLE else [2]
        assert sequences_in(batch, 1) == expected
        assert packed.buckets.count(Bucket.ALREADY_LINKED) == 2 - len(expected)

    @pytest.mark.parametrize("status", FREE)
    def test_a_free_unit_is_packed(self, batch, actor, status):
        UnitCode.objects.filter(batch=batch, sequence_number=1).update(status=status)

        assert scan(actor, batch, 1, ["1"]).linked_count == 1

    def test_units_over_the_room_stay_unused_in_the_order_given(self, batch, actor):
        packed = scan(actor, batch, 1, ["41", "42", "10", "1-9"])

        assert packed.linked_count == 10
        assert packed.unused_codes == codes_of(batch, [8, 9])
        assert sequences_in(batch, 1) == [1, 2, 3, 4, 5, 6, 7, 10, 41, 42]

    def test_units_of_other_cases_are_taken_when_the_plan_does_not_matter(self, batch, actor):
        scan(actor, batch, 1, ["11", "40"], skip_case_validation=True)

        assert sequences_in(batch, 1) == [11, 40]


class TestVariants:
    def test_of_the_plan(self, two_variants):
        actor = make_member(organization=two_variants.organization)

        packed = scan(actor, two_variants, 1, ["26", "1"], skip_case_validation=True)

        assert packed.filtered_codes(Bucket.WRONG_VARIANT) == codes_of(two_variants, [26])
        assert packed.skipped_variants == {"Mint": 1}
        assert (packed.target_variant, packed.variant_name) == ("Jas", "Jas")

    def test_of_the_units_in_the_case_go_before_the_plan(self, two_variants):
        actor = make_member(organization=two_variants.organization)
        pack(two_variants, 1, [26])

        packed = scan(actor, two_variants, 1, ["27", "1"], skip_case_validation=True)

        assert packed.linked_codes == codes_of(two_variants, [27])

    def test_most_frequent_ones_when_nothing_is_planned(self, two_variants):
        actor = make_member(organization=two_variants.organization)
        MasterCode.objects.filter(batch=two_variants, case_number=1).update(planned_variant=None)

        packed = scan(actor, two_variants, 1, ["1", "26", "27"], skip_case_validation=True)

        assert packed.linked_codes == codes_of(two_variants, [26, 27])

    def test_mixed_cases_take_any_that_is_planned(self, two_variants):
        actor = make_member(organization=two_variants.organization)

        packed = scan(actor, two_variants, 3, ["21-30"])

        assert packed.variant_name == "Jas, Mint"
        assert packed.is_complete

    def test_spares_of_another_variant_are_refused(self, two_variants):
        actor = make_member(organization=two_variants.organization)
        spares = UnitCode.objects.filter(batch=two_variants, sequence_number__gt=35)
        mint = UnitCode.objects.get(pk=spares.order_by("sequence_number").last().pk)
        UnitCode.objects.filter(pk=mint.pk).update(variant=unit_of(two_variants, 26).variant)

        packed = scan(actor, two_variants, 1, [mint.code, "1"])

        assert packed.filtered_codes(Bucket.WRONG_VARIANT) == [mint.code]


class TestRefusals:
    @pytest.mark.parametrize(("master_code", "codes"), [(" ", ["1"]), ("x", []), ("x", ["", ";"])])
    def test_nothing_given(self, actor, master_code, codes):
        with pytest.raises(packing_errors.CodesRequired) as refused:
            link_scanned(actor=actor, master_code=master_code, unique_codes=codes)

        assert str(refused.value) == "Master code and unique codes array are required"

    def test_too_many_entries(self, batch, actor, monkeypatch):
        monkeypatch.setattr(packing, "MAX_CODES", 5)

        with pytest.raises(packing_errors.TooManyCodes):
            scan(actor, batch, 1, ["1", "2", "3", "4", "5", "6"])

    def test_too_many_units_in_ranges(self, batch, actor, monkeypatch):
        monkeypatch.setattr(packing, "MAX_CODES", 5)

        with pytest.raises(packing_errors.TooManyCodes):
            scan(actor, batch, 1, ["1-6"])

    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_batch_that_is_not_packed(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(errors.BatchNotReady) as refused:
            scan(actor, batch, 1, ["1"])

        assert str(refused.value) == f"Batch is not ready for packing ({status})"

    @pytest.mark.parametrize("status", LOCKED)
    def test_locked_order(self, batch, actor, status):
        MasterCode.objects.filter(batch=batch, case_number=4).update(status=status)

        with pytest.raises(errors.OrderLocked):
            scan(actor, batch, 1, ["1"])

    def test_full_case(self, batch, actor):
        pack(batch, 1, range(1, 11))

        with pytest.raises(errors.CaseFull):
            scan(actor, batch, 1, ["41"])

    def test_only_unknown_and_packed_units(self, batch, actor):
        pack(batch, 2, range(11, 17))

        with pytest.raises(packing_errors.NoValidCodes) as refused:
            scan(actor, batch, 1, ["11-16", "a", "b", "c", "d"])

        assert str(refused.value) == (
            "No valid codes available to link. 4 code(s) not found in database, "
            "6 code(s) already linked to master cases."
        )
        assert refused.value.extra == {
            "not_found_count": 4,
            "already_linked_count": 6,
            "total_submitted": 10,
        }

    def test_only_unknown_units(self, batch, actor):
        with pytest.raises(packing_errors.NoValidCodes) as refused:
            scan(actor, batch, 1, ["zzz"])

        assert str(refused.value) == (
            "No valid codes available to link. 1 code(s) not found in database."
        )

    def test_only_units_of_another_batch(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=10, per_case=10)

        with pytest.raises(packing_errors.NoCodesOfBatch) as refused:
            scan(actor, batch, 1, [*codes_of(other, [1, 2, 3]), "zzz"])

        assert str(refused.value) == (
            f"No codes match this master case batch ({batch.pk}). "
            f"Found: 3 codes from batch {other.pk}"
        )
        assert refused.value.extra == {
            "wrong_batch_count": 3,
            "expected_batch_id": str(batch.pk),
        }

    def test_only_units_of_other_cases(self, batch, actor):
        with pytest.raises(packing_errors.NoCodesOfCase) as refused:
            scan(actor, batch, 3, ["16", "15"])

        assert str(refused.value) == (
            "No codes match Case #3 sequence range (21-30). Found sequences: 15, 16"
        )
        assert refused.value.extra == {"wrong_sequence_count": 2, "expected_range": "21-30"}

    def test_many_units_of_other_cases_are_cut_short(self, batch, actor):
        with pytest.raises(packing_errors.NoCodesOfCase) as refused:
            scan(actor, batch, 3, ["1-15"])

        assert str(refused.value).endswith("7, 8, 9, 10 and 5 more")

    def test_only_units_that_do_not_fit(self, two_variants):
        actor = make_member(organization=two_variants.organization)
        UnitCode.objects.filter(batch=two_variants, sequence_number=1).update(status="spoiled")

        with pytest.raises(packing_errors.NoCodesFit) as refused:
            scan(actor, two_variants, 1, ["26", "27", "1"])

        assert str(refused.value) == (
            "No valid codes available to link. Issues: 2 wrong variant, 1 not available."
        )
        assert refused.value.extra["filtering_summary"]["wrong_variant"] == 2

    def test_change_nothing(self, batch, actor):
        prepare(batch)

        with pytest.raises(packing_errors.NoCodesOfCase):
            scan(actor, batch, 3, ["15"])

        assert not ScanEvent.objects.filter(batch=batch).exists()
        assert live_sequences(batch) == [*range(1, 41)]


class TestSameScanAgain:
    def test_gets_the_units_of_the_first(self, batch, actor):
        first = scan(actor, batch, 1, ["1-3"], client_uuid=FIRST_UUID)

        again = scan(actor, batch, 1, ["1-3"], client_uuid=FIRST_UUID)

        assert again.event_id == first.event_id
        assert again.linked_codes == first.linked_codes
        assert again.case == first.case
        assert ScanEvent.objects.filter(batch=batch).count() == 1

    def test_is_refused_for_another_case(self, batch, actor):
        scan(actor, batch, 1, ["1-3"], client_uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            scan(actor, batch, 2, ["11"], client_uuid=FIRST_UUID)

    def test_is_refused_after_another_kind_of_event(self, batch, actor):
        ScanEventFactory(batch=batch, kind="receive", client_uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            scan(actor, batch, 1, ["1"], client_uuid=FIRST_UUID)

    def test_is_refused_when_two_come_at_once(self, batch, actor, monkeypatch):
        def collide(*args, **kwargs):
            raise IntegrityError("qr_scan_events_org_client_uniq")

        monkeypatch.setattr(packing, "pack_units", collide)

        with pytest.raises(errors.ClientUuidReused):
            scan(actor, batch, 1, ["1"], client_uuid=FIRST_UUID)

    def test_other_broken_rules_are_no_repeated_scan(self, batch, actor, monkeypatch):
        def collide(*args, **kwargs):
            raise IntegrityError("qr_codes_batch_seq_uniq")

        monkeypatch.setattr(packing, "pack_units", collide)

        with pytest.raises(IntegrityError):
            scan(actor, batch, 1, ["1"])


class TestQueryPlan:
    def test_live_rows_are_found_by_their_units_and_not_by_reading_the_queue(self, batch):
        units = list(UnitCode.objects.filter(batch=batch).values_list("pk", flat=True))
        live = f"WITH {statements.load('part_live_rows')} SELECT FROM live"
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {live}", {"units": units})
            plan = "\n".join(line for (line,) in cursor.fetchall())

        assert "qr_prepared_codes_unit" in plan
        assert "qr_prepared_codes_queue" not in plan
