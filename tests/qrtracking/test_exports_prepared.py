from datetime import UTC, datetime

import pytest

from qrtracking.exports.prepared import HEADER, file_stem, prepared_rows, prepared_sheet
from qrtracking.models import PreparedCode, UnitCode
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, make_jas_mint_batch, prepare

pytestmark = pytest.mark.django_db

PREPARED_AT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
PACKED_AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


class TestPreparedRows:
    def test_tell_what_a_label_is_and_where_its_unit_belongs(self):
        batch = make_generated_batch(order_no="ORD-HM-1125-02")
        job = prepare(batch, first=15, last=15)
        PreparedCode.objects.update(created_at=PREPARED_AT)

        row = dict(zip(HEADER, next(prepared_rows(job=job)), strict=True))

        code = UnitCode.objects.get(batch=batch, sequence_number=15).code
        variant = batch.order.items.get().variant
        assert row == {
            "Sequence": 15,
            "Code": code,
            "URL": f"http://testserver/track/product/{code}",
            "Product": variant.product.product_name,
            "Variant": variant.variant_name,
            "Planned Case": 1,
            "Status": "prepared",
            "Packed In Case": None,
            "Prepared At": PREPARED_AT,
            "Packed At": None,
        }

    def test_tell_the_case_that_took_the_unit(self):
        batch = make_generated_batch(units=200)
        job = prepare(batch, first=15, last=15)
        PreparedCode.objects.update(
            status="consumed", master_code=case_of(batch, 2), consumed_at=PACKED_AT
        )

        row = dict(zip(HEADER, next(prepared_rows(job=job)), strict=True))

        assert (row["Status"], row["Packed In Case"], row["Packed At"]) == (
            "consumed",
            2,
            PACKED_AT,
        )

    def test_come_once_each_in_the_order_of_the_queue(self):
        batch = make_jas_mint_batch()
        job = prepare(batch, last=7)
        prepare(batch, first=8, last=9)

        rows = list(prepared_rows(job=job, page_rows=3))

        assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6, 7]

    def test_take_a_statement_a_page(self, django_assert_num_queries):
        batch = make_generated_batch(units=20)
        job = prepare(batch)

        with django_assert_num_queries(4):
            list(prepared_rows(job=job, page_rows=6))


class TestPreparedSheet:
    def test_has_a_width_for_each_column(self):
        sheet = prepared_sheet(job=prepare(make_generated_batch(units=1)))

        assert len(sheet.widths) == len(sheet.header) == 10


class TestFileStem:
    def test_names_order_and_job(self):
        job = prepare(make_generated_batch(units=1, order_no="ORD-HM-1125-02"))

        assert file_stem(job=job) == f"Prepared_Codes_ORD-HM-1125-02_{job.pk.hex[-8:]}"
