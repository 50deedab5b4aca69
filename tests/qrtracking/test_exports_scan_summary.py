from datetime import UTC, date, datetime

import pytest

from accounts.models import Role
from qrtracking.exports.scan_summary import CASE_HEADER, UNIT_HEADER, file_name, scan_summary
from qrtracking.models import MasterCode, UnitCode
from qrtracking.selectors.progress import get_batch_progress
from tests.accounts.factories import make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, pack, prepare

pytestmark = pytest.mark.django_db

SCANNED_AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def batch():
    """Case 1 is full, case 2 holds one of ten units, case 3 none."""
    batch = make_generated_batch(units=30, per_case=10, order_no="ORD-HM-1125-02")
    actor = make_member(Role.OPERATOR, organization=batch.organization)
    actor.first_name, actor.last_name = "Ada", "Lau"
    actor.save()
    prepare(batch)
    link(actor, batch, 1)
    link(actor, batch, 2, target_units=1)
    return batch


def sheets_of(batch, **options):
    user = make_member(Role.VIEWER, organization=batch.organization)
    report = get_batch_progress(user=user, batch_id=batch.pk)
    return {sheet.title: sheet for sheet in scan_summary(report=report, **options)}


class TestScanSummary:
    def test_has_three_sheets(self, batch):
        assert list(sheets_of(batch)) == ["Summary", "Master Cases", "Child Codes by Master"]

    def test_has_a_width_for_each_column(self, batch):
        assert all(len(sheet.widths) == len(sheet.header) for sheet in sheets_of(batch).values())


class TestSummarySheet:
    def test_says_how_far_the_batch_is(self, batch):
        facts = dict(sheets_of(batch)["Summary"].rows)

        assert facts["Order"] == "ORD-HM-1125-02"
        assert facts["Batch"] == "BATCH-ORD-HM-1125-02"
        assert facts["Status"] == "in_production"
        assert (facts["Cases"], facts["Cases packed"]) == (3, 1)
        assert (facts["Cases partly packed"], facts["Cases empty"]) == (1, 1)
        assert (facts["Units planned"], facts["Units packed"]) == (30, 11)
        assert (facts["Spares"], facts["Spares used"], facts["Spares spoiled"]) == (3, 0, 0)

    def test_names_the_document_where_there_is_one(self, batch):
        assert "Document" not in dict(sheets_of(batch)["Summary"].rows)

        batch.order.display_doc_no = "DOC-7"
        batch.order.save()

        assert dict(sheets_of(batch)["Summary"].rows)["Document"] == "DOC-7"


class TestMasterCasesSheet:
    def test_has_the_columns_of_the_contract(self, batch):
        assert CASE_HEADER == (
            "#",
            "Master Code",
            "Case Number",
            "Expected Units",
            "Actual Units",
            "Status",
            "Scanned At",
            "Scanned By",
        )

    @pytest.mark.parametrize("page_rows", [1, 2, 100])
    def test_lists_every_case(self, batch, page_rows):
        MasterCode.objects.exclude(manufacturer_scanned_at=None).update(
            manufacturer_scanned_at=SCANNED_AT
        )

        rows = list(sheets_of(batch, page_rows=page_rows)["Master Cases"].rows)

        codes = [case_of(batch, number).master_code for number in (1, 2, 3)]
        assert rows == [
            (1, codes[0], 1, 10, 10, "packed", SCANNED_AT, "Ada Lau"),
            (2, codes[1], 2, 10, 1, "generated", SCANNED_AT, "Ada Lau"),
            (3, codes[2], 3, 10, 0, "generated", None, None),
        ]

    def test_names_people_without_a_name_by_their_sign_in(self, batch):
        person = case_of(batch, 1).manufacturer_scanned_by
        person.first_name = person.last_name = ""
        person.save()

        assert next(iter(sheets_of(batch)["Master Cases"].rows))[-1] == person.username


class TestChildCodesSheet:
    def test_has_the_columns_of_the_contract(self):
        assert UNIT_HEADER == (
            "Master Code",
            "Case Number",
            "Child Code",
            "Product",
            "Variant",
            "Sequence",
            "Is Buffer",
            "Replaces Seq",
            "Status",
            "Scanned At",
        )

    @pytest.mark.parametrize("page_rows", [1, 4, 10, 11, 100])
    def test_lists_the_units_that_are_really_packed_case_by_case(self, batch, page_rows):
        rows = list(sheets_of(batch, page_rows=page_rows)["Child Codes by Master"].rows)

        assert [(row[1], row[5]) for row in rows] == [
            *((1, sequence) for sequence in range(1, 11)),
            (2, 11),
        ]

    def test_goes_by_the_case_that_holds_a_unit_not_by_the_plan(self, batch):
        pack(batch, 3, [12])

        rows = list(sheets_of(batch)["Child Codes by Master"].rows)

        assert (rows[-1][1], rows[-1][5]) == (3, 12)

    def test_shows_spares_and_what_they_replace(self, batch):
        UnitCode.objects.filter(batch=batch, sequence_number=31).update(
            status="buffer_used",
            master_code=case_of(batch, 3),
            replaces_sequence_no=25,
            last_scanned_at=SCANNED_AT,
        )

        row = dict(
            zip(UNIT_HEADER, list(sheets_of(batch)["Child Codes by Master"].rows)[-1], strict=True)
        )

        spare = UnitCode.objects.select_related("product", "variant").get(
            batch=batch, sequence_number=31
        )
        assert row == {
            "Master Code": case_of(batch, 3).master_code,
            "Case Number": 3,
            "Child Code": spare.code,
            "Product": spare.product.product_name,
            "Variant": spare.variant.variant_name,
            "Sequence": 31,
            "Is Buffer": True,
            "Replaces Seq": 25,
            "Status": "buffer_used",
            "Scanned At": SCANNED_AT,
        }


class TestFileName:
    def test_names_order_and_day(self):
        name = file_name(order_no="ORD-HM-1125-02", on=date(2026, 11, 5))

        assert name == "Scan_Summary_ORD-HM-1125-02_2026-11-05.xlsx"
