import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection

from qrtracking.models import (
    FREE,
    INSIDE_CASES,
    LOCKED,
    Batch,
    BatchStatus,
    CaseStatus,
    MasterCode,
    Order,
    PreparedCode,
    ReverseJob,
    ReverseJobExclude,
    ReverseJobLog,
    ScanEvent,
    ScanItem,
    UnitCode,
    UnitStatus,
)
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import (
    BatchFactory,
    MasterCodeFactory,
    OrderFactory,
    OrderItemFactory,
    PreparedCodeFactory,
    ProductFactory,
    ProductVariantFactory,
    ReverseJobExcludeFactory,
    ReverseJobFactory,
    ReverseJobLogFactory,
    ScanEventFactory,
    ScanItemFactory,
    UnitCodeFactory,
    make_generated_batch,
)

pytestmark = pytest.mark.django_db

TENANT_FACTORIES = [
    ProductFactory,
    ProductVariantFactory,
    OrderFactory,
    OrderItemFactory,
    BatchFactory,
    MasterCodeFactory,
    UnitCodeFactory,
    ReverseJobFactory,
    ReverseJobExcludeFactory,
    ReverseJobLogFactory,
    PreparedCodeFactory,
    ScanEventFactory,
    ScanItemFactory,
]


def refused_by(name):
    return pytest.raises(IntegrityError, match=f'"{name}"')


def insert(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING *", values)
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


class TestEveryTable:
    @pytest.mark.parametrize("make", TENANT_FACTORIES)
    def test_shows_rows_of_the_own_organization_only(self, make):
        row = make()
        member = make_member(organization=row.organization)
        stranger = make_member()
        rows = type(row).objects

        assert rows.visible_to(member).filter(pk=row.pk).exists()
        assert not rows.visible_to(stranger).exists()
        assert not rows.visible_to(AnonymousUser()).exists()

    @pytest.mark.parametrize("make", TENANT_FACTORIES)
    def test_names_its_rows_for_people(self, make):
        assert str(make())


class TestProduct:
    @pytest.mark.parametrize("code", ["tea", "TEA 1", "-TEA", "TEA-", "TEA--1", "", "TÉA", "TEA_1"])
    def test_refuses_a_code_that_breaks_unit_codes(self, code):
        with refused_by("qr_products_product_code_format"):
            ProductFactory(product_code=code)

    def test_refuses_a_code_twice_in_an_organization(self):
        product = ProductFactory(product_code="TEA100")
        ProductFactory(product_code="TEA100")

        with refused_by("qr_products_org_code_uniq"):
            ProductFactory(product_code="TEA100", organization=product.organization)


class TestProductVariant:
    def test_refuses_a_code_with_other_letters(self):
        with refused_by("qr_product_variants_variant_code_format"):
            ProductVariantFactory(variant_code="Mint")

    def test_refuses_a_code_twice_for_a_product(self):
        variant = ProductVariantFactory()

        with refused_by("qr_product_variants_product_code_uniq"):
            ProductVariantFactory(product=variant.product, variant_code=variant.variant_code)

    def test_refuses_a_product_of_another_organization(self):
        with refused_by("qr_product_variants_product_fkey"):
            ProductVariantFactory(organization=OrganizationFactory())


class TestOrder:
    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"units_per_case": 0}, "qr_orders_units_per_case_at_least_1"),
            ({"qr_buffer_percent": -1}, "qr_orders_qr_buffer_percent_range"),
            ({"qr_buffer_percent": 101}, "qr_orders_qr_buffer_percent_range"),
            ({"extra_qr_master": 11}, "qr_orders_extra_qr_master_range"),
            ({"status": "open"}, "qr_orders_status_valid"),
        ],
    )
    def test_refuses_values_out_of_range(self, fields, name):
        with refused_by(name):
            OrderFactory(**fields)

    def test_refuses_another_seller(self):
        with refused_by("qr_orders_seller_is_organization"):
            OrderFactory(seller_org=OrganizationFactory())

    def test_refuses_a_number_twice_in_an_organization(self):
        order = OrderFactory()

        with refused_by("qr_orders_org_order_no_uniq"):
            OrderFactory(organization=order.organization, order_no=order.order_no)

    @pytest.mark.parametrize("status", CaseStatus.values)
    def test_is_locked_by_one_case_in_a_locked_status(self, status):
        MasterCodeFactory(status="packed")
        case = MasterCodeFactory(status=status)

        assert list(Order.objects.locked()) == ([case.order] if status in LOCKED else [])

    def test_takes_its_defaults_from_the_database(self):
        organization = OrganizationFactory()

        row = insert(
            "INSERT INTO qr_orders (organization_id, seller_org_id, order_no) VALUES (%s, %s, %s)",
            organization.pk,
            organization.pk,
            "ORD-1",
        )

        assert (row["status"], row["units_per_case"], row["qr_buffer_percent"]) == (
            "draft",
            100,
            10,
        )


class TestOrderItem:
    def test_refuses_a_variant_twice(self):
        item = OrderItemFactory()

        with refused_by("qr_order_items_order_variant_uniq"):
            OrderItemFactory(order=item.order, variant=item.variant)

    @pytest.mark.parametrize("field", ["qty", "units_per_case"])
    def test_refuses_nothing(self, field):
        with refused_by(f"qr_order_items_{field}_at_least_1"):
            OrderItemFactory(**{field: 0})

    def test_refuses_a_variant_of_another_product(self):
        with refused_by("qr_order_items_variant_fkey"):
            OrderItemFactory(product=ProductFactory())


class TestBatch:
    def test_refuses_a_second_one_for_an_order(self):
        batch = BatchFactory()

        with refused_by("qr_batches_order_id_key"):
            BatchFactory(order=batch.order)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"status": "done"}, "qr_batches_status_valid"),
            ({"buffer_percent": 101}, "qr_batches_buffer_percent_range"),
            ({"progress": 101}, "qr_batches_progress_range"),
            ({"priority": 0}, "qr_batches_priority_range"),
        ],
    )
    def test_refuses_values_out_of_range(self, fields, name):
        with refused_by(name):
            BatchFactory(**fields)

    def test_refuses_an_order_of_another_organization(self):
        with refused_by("qr_batches_order_fkey"):
            BatchFactory(organization=OrganizationFactory())

    def test_is_named_after_its_order(self):
        assert BatchFactory(order__order_no="ORD-HM-1125-02").batch_code == "BATCH-ORD-HM-1125-02"

    @pytest.mark.parametrize("status", BatchStatus.values)
    def test_can_be_packed_from_generated_to_in_production(self, status):
        batch = BatchFactory(status=status)

        packable = status in {"generated", "printing", "in_production"}
        assert batch.is_packable == packable
        assert Batch.objects.packable().exists() == packable

    def test_is_pending_unless_told_otherwise(self):
        order = OrderFactory()

        row = insert(
            "INSERT INTO qr_batches (organization_id, order_id) VALUES (%s, %s)",
            order.organization_id,
            order.pk,
        )

        assert (row["status"], row["priority"], row["buffer_percent"]) == ("pending", 5, 10)

    def test_takes_everything_along_when_deleted_in_the_database(self):
        batch = make_generated_batch(units=20, per_case=10)
        unit = batch.units.eligible().earliest("sequence_number")
        job = ReverseJobFactory(batch=batch)
        PreparedCodeFactory(unit=unit, job=job)
        ReverseJobExcludeFactory(job=job)
        ReverseJobLogFactory(job=job)
        event = ScanEventFactory(batch=batch, master_code=batch.cases.first())
        ScanItemFactory(batch=batch, unit=unit, event=event)
        untouched = PreparedCodeFactory()

        batch.delete()

        for model in (MasterCode, ReverseJobExclude, ReverseJobLog, ScanEvent, ScanItem):
            assert not model.objects.exists()
        assert [row.pk for row in PreparedCode.objects.all()] == [untouched.pk]
        assert [row.pk for row in UnitCode.objects.all()] == [untouched.unit_id]
        assert [row.pk for row in ReverseJob.objects.all()] == [untouched.job_id]

    def test_stays_while_a_unit_is_packed(self):
        unit = UnitCodeFactory(packed=True)

        with refused_by("qr_batches_nothing_packed"):
            unit.batch.delete()


class TestMasterCode:
    def test_refuses_a_code_twice_in_any_letter_case(self):
        case = MasterCodeFactory()

        with refused_by("qr_master_codes_org_code_uniq"):
            MasterCodeFactory(batch=case.batch, master_code=case.master_code.lower())

    def test_refuses_a_case_number_twice(self):
        case = MasterCodeFactory()

        with refused_by("qr_master_codes_batch_case_uniq"):
            MasterCodeFactory(batch=case.batch, case_number=case.case_number, master_code="OTHER")

    def test_refuses_an_sscc_twice(self):
        case = MasterCodeFactory(sscc="000000000000000018")

        with refused_by("qr_master_codes_org_sscc_uniq"):
            MasterCodeFactory(batch=case.batch, sscc=case.sscc)

    @pytest.mark.parametrize("count", [-1, 101])
    def test_refuses_more_units_than_expected_and_less_than_none(self, count):
        with refused_by("qr_master_codes_not_overfilled"):
            MasterCodeFactory(actual_unit_count=count)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"case_number": 0}, "qr_master_codes_case_number_at_least_1"),
            (
                {"planned_unit_count": 0, "expected_unit_count": 1},
                "qr_master_codes_planned_unit_count_at_least_1",
            ),
            ({"expected_unit_count": 0}, "qr_master_codes_expected_unit_count_at_least_1"),
            ({"status": "partial"}, "qr_master_codes_status_valid"),
        ],
    )
    def test_refuses_values_out_of_range(self, fields, name):
        with refused_by(name):
            MasterCodeFactory(**fields)

    def test_refuses_a_batch_of_another_order(self):
        with refused_by("qr_master_codes_batch_fkey"):
            MasterCodeFactory(order=OrderFactory())

    def test_is_full_when_it_holds_what_is_expected(self):
        full, partial = MasterCodeFactory(full=True), MasterCodeFactory(actual_unit_count=40)

        assert list(MasterCode.objects.packed()) == [full]
        assert (full.is_full, full.remaining_capacity) == (True, 0)
        assert (partial.is_full, partial.remaining_capacity) == (False, 60)

    @pytest.mark.parametrize("status", CaseStatus.values)
    def test_is_locked_once_the_warehouse_has_it(self, status):
        assert MasterCodeFactory(status=status).is_locked == (status in LOCKED)

    def test_is_found_by_its_code_in_any_letter_case(self):
        case = MasterCodeFactory()

        assert MasterCode.objects.with_code(case.master_code.lower()).get() == case


class TestUnitCode:
    def test_refuses_a_code_twice_in_any_letter_case(self):
        unit = UnitCodeFactory()

        with refused_by("qr_codes_org_code_uniq"):
            UnitCodeFactory(batch=unit.batch, code=unit.code.lower())

    def test_takes_a_code_of_another_organization(self):
        assert UnitCodeFactory(code=UnitCodeFactory().code).pk

    def test_refuses_a_sequence_number_twice(self):
        unit = UnitCodeFactory()

        with refused_by("qr_codes_batch_seq_uniq"):
            UnitCodeFactory(batch=unit.batch, sequence_number=unit.sequence_number, code="OTHER")

    @pytest.mark.parametrize("status", [*FREE, "buffer_available"])
    def test_refuses_a_free_unit_in_a_case(self, status):
        with refused_by("qr_codes_free_not_in_case"):
            UnitCodeFactory(packed=True, status=status)

    @pytest.mark.parametrize("status", INSIDE_CASES)
    def test_refuses_a_packed_unit_without_a_case(self, status):
        with refused_by("qr_codes_packed_in_case"):
            UnitCodeFactory(status=status)

    def test_refuses_a_case_planned_for_a_spare(self):
        with refused_by("qr_codes_spare_unplanned"):
            UnitCodeFactory(spare=True, planned_case_number=1)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"sequence_number": 0}, "qr_codes_sequence_number_at_least_1"),
            ({"status": "partial"}, "qr_codes_status_valid"),
        ],
    )
    def test_refuses_values_out_of_range(self, fields, name):
        with refused_by(name):
            UnitCodeFactory(**fields)

    def test_refuses_a_case_of_another_batch(self):
        with refused_by("qr_codes_master_code_fkey"):
            UnitCodeFactory(status="packed", master_code=MasterCodeFactory())

    def test_refuses_a_batch_of_another_order(self):
        with refused_by("qr_codes_batch_fkey"):
            UnitCodeFactory(order=OrderFactory())

    def test_keeps_its_case_from_being_deleted(self):
        unit = UnitCodeFactory(packed=True)

        with refused_by("qr_codes_master_code_fkey"):
            unit.master_code.delete()

    @pytest.mark.parametrize("status", UnitStatus.values)
    def test_is_eligible_while_free(self, status):
        unit = UnitCodeFactory(
            status=status, **({"packed": True} if status in INSIDE_CASES else {})
        )

        free = status in {"pending", "generated", "printed", "available"}
        assert unit.is_free == free
        assert UnitCode.objects.eligible().exists() == free

    def test_is_not_eligible_as_a_spare(self):
        used = UnitCodeFactory(packed=True, is_buffer=True, status="buffer_used")
        free = UnitCodeFactory(spare=True, batch=used.batch)

        assert not UnitCode.objects.eligible().exists()
        assert set(UnitCode.objects.spares()) == {used, free}
        assert list(UnitCode.objects.free_spares()) == [free]

    def test_is_found_by_its_code_in_any_letter_case(self):
        unit = UnitCodeFactory()

        assert UnitCode.objects.with_code(unit.code.upper()).get() == unit

    def test_compares_codes_by_bytes(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, column_name FROM information_schema.columns "
                "WHERE collation_name = 'C' AND table_schema = 'public' AND table_name LIKE 'qr_%'"
            )
            columns = set(cursor.fetchall())

        assert columns >= {
            ("qr_codes", "code"),
            ("qr_prepared_codes", "code"),
            ("qr_master_codes", "master_code"),
        }


class TestReverseJob:
    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"status": "processing"}, "qr_reverse_jobs_status_valid"),
            ({"progress": -1}, "qr_reverse_jobs_progress_range"),
            ({"priority": 11}, "qr_reverse_jobs_priority_range"),
        ],
    )
    def test_refuses_values_out_of_range(self, fields, name):
        with refused_by(name):
            ReverseJobFactory(**fields)

    def test_refuses_another_manufacturer(self):
        with refused_by("qr_reverse_jobs_manufacturer_is_organization"):
            ReverseJobFactory(manufacturer_org=OrganizationFactory())

    def test_refuses_a_batch_of_another_order(self):
        with refused_by("qr_reverse_jobs_batch_fkey"):
            ReverseJobFactory(order=OrderFactory())

    def test_takes_its_defaults_from_the_database(self):
        batch = BatchFactory()

        row = insert(
            "INSERT INTO qr_reverse_jobs (organization_id, manufacturer_org_id, batch_id, order_id)"
            " VALUES (%s, %s, %s, %s)",
            batch.organization_id,
            batch.organization_id,
            batch.pk,
            batch.order_id,
        )

        assert row["exclude_codes"] == []
        assert (row["status"], row["progress"], row["prepared_count"]) == ("queued", 0, 0)
        assert (row["notify_email"], row["process_now"]) == (True, False)

    def test_takes_its_rows_along_when_deleted_in_the_database(self):
        row = PreparedCodeFactory()
        ReverseJobExcludeFactory(job=row.job)
        ReverseJobLogFactory(job=row.job)
        other = PreparedCodeFactory()

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM qr_reverse_jobs WHERE id = %s", [row.job_id])

        assert list(PreparedCode.objects.all()) == [other]
        assert not ReverseJobExclude.objects.exists()
        assert not ReverseJobLog.objects.exists()
        assert UnitCode.objects.filter(pk=row.unit_id).exists()

    def test_is_unfinished_while_queued_or_running(self):
        queued, running = ReverseJobFactory(), ReverseJobFactory(running=True)
        ReverseJobFactory(completed=True)
        cancelled = ReverseJobFactory(cancelled=True)

        assert set(ReverseJob.objects.unfinished()) == {queued, running}
        assert not ReverseJob.objects.not_cancelled().filter(pk=cancelled.pk).exists()


class TestReverseJobExclude:
    def test_refuses_a_unit_twice(self):
        exclude = ReverseJobExcludeFactory()

        with refused_by("qr_reverse_job_excludes_pkey"):
            ReverseJobExcludeFactory(job=exclude.job, sequence_number=exclude.sequence_number)

    def test_refuses_a_job_of_another_organization(self):
        with refused_by("qr_reverse_job_excludes_job_fkey"):
            ReverseJobExcludeFactory(organization=OrganizationFactory())


class TestReverseJobLog:
    def test_refuses_another_level(self):
        with refused_by("qr_reverse_job_logs_level_valid"):
            ReverseJobLogFactory(level="fatal")


class TestPreparedCode:
    def test_refuses_a_second_live_row_of_a_unit(self):
        live = PreparedCodeFactory()
        PreparedCodeFactory(unit=live.unit, invalid=True)

        with refused_by("qr_prepared_codes_live_unit"):
            PreparedCodeFactory(unit=live.unit)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"status": "ready"}, "qr_prepared_codes_status_valid"),
            (
                {"status": "invalid", "invalid_reason": "bad"},
                "qr_prepared_codes_invalid_reason_valid",
            ),
            ({"status": "consumed"}, "qr_prepared_codes_consumed_in_case"),
        ],
    )
    def test_refuses_illegal_words(self, fields, name):
        with refused_by(name):
            PreparedCodeFactory(**fields)

    def test_refuses_an_unknown_unit(self):
        row = PreparedCodeFactory(invalid=True)

        with refused_by("qr_prepared_codes_code_fkey"):
            PreparedCode.objects.filter(pk=row.pk).update(unit=uuid.uuid4())

    def test_refuses_a_job_of_another_organization(self):
        row = PreparedCodeFactory()

        with refused_by("qr_prepared_codes_job_fkey"):
            PreparedCode.objects.filter(pk=row.pk).update(job=ReverseJobFactory())

    def test_has_no_constraints_on_its_other_keys(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' "
                "AND conrelid IN ('qr_codes'::regclass, 'qr_prepared_codes'::regclass)"
            )
            keys = {name for _, name in cursor.fetchall()}

        assert keys == {
            "qr_codes_batch_fkey",
            "qr_codes_variant_fkey",
            "qr_codes_master_code_fkey",
            "qr_prepared_codes_job_fkey",
            "qr_prepared_codes_code_fkey",
        }

    def test_is_live_while_prepared_and_waits_by_sequence(self):
        late = PreparedCodeFactory(unit__sequence_number=30)
        early = PreparedCodeFactory(unit__sequence_number=4)
        PreparedCodeFactory(unit__sequence_number=5, invalid=True)

        assert list(PreparedCode.objects.live().in_queue_order()) == [early, late]


class TestScanEvent:
    def test_refuses_a_client_uuid_twice(self):
        event = ScanEventFactory(client_uuid=uuid.uuid4())
        ScanEventFactory(batch=event.batch)
        ScanEventFactory(batch=event.batch)

        with refused_by("qr_scan_events_org_client_uniq"):
            ScanEventFactory(batch=event.batch, client_uuid=event.client_uuid)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"kind": "scan"}, "qr_scan_events_kind_valid"),
            ({"unit_count": -1}, "qr_scan_events_unit_count_at_least_0"),
        ],
    )
    def test_refuses_values_out_of_range(self, fields, name):
        with refused_by(name):
            ScanEventFactory(**fields)

    def test_refuses_a_case_of_another_batch(self):
        with refused_by("qr_scan_events_master_code_fkey"):
            ScanEventFactory(master_code=MasterCodeFactory())


class TestScanItem:
    def test_refuses_a_unit_on_two_lists(self):
        unit = UnitCodeFactory()
        ScanItemFactory(batch=unit.batch, unit=unit)
        ScanItemFactory(batch=unit.batch, unit=unit, outcome="removed", user=UserFactory())

        with refused_by("qr_scan_items_listed_unit"):
            ScanItemFactory(batch=unit.batch, unit=unit)

    def test_refuses_a_client_uuid_twice(self):
        item = ScanItemFactory(client_uuid=uuid.uuid4())

        with refused_by("qr_scan_items_org_client_uniq"):
            ScanItemFactory(batch=item.batch, client_uuid=item.client_uuid)

    def test_refuses_another_outcome(self):
        with refused_by("qr_scan_items_outcome_valid"):
            ScanItemFactory(outcome="ok")

    def test_refuses_a_batch_of_another_organization(self):
        with refused_by("qr_scan_items_batch_fkey"):
            ScanItemFactory(organization=OrganizationFactory())


class TestMakeGeneratedBatch:
    def test_makes_the_batch_of_the_worked_examples(self):
        batch = make_generated_batch(order_no="ORD-HM-1125-02")

        unit = batch.units.get(sequence_number=15)
        assert unit.code == "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"
        assert batch.cases.filter(planned_unit_count=100).count() == 10
        assert batch.units.eligible().count() == batch.planned_unique_codes == 1000
        assert batch.units.free_spares().count() == batch.spare_count == 100

    def test_mixes_variants(self):
        batch = make_generated_batch(variants={"JAS": 250, "MINT": 100}, per_case=100)

        mixed = batch.cases.get(is_mixed=True)
        assert (mixed.case_number, mixed.planned_variant) == (3, None)
        assert batch.units.get(sequence_number=250).variant.variant_code == "JAS"
        assert batch.units.get(sequence_number=251).variant.variant_code == "MINT"
