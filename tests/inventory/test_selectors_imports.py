import csv
import io
import json
import uuid
from itertools import count

import pytest

from inventory.errors import ImportNotFound
from inventory.models import Device
from inventory.selectors import imports
from inventory.selectors.exports import read_table
from inventory.selectors.imports import (
    get_import,
    get_preview,
    list_import_errors,
    list_rows,
    read_import_errors,
)
from inventory.services.exporting import stream_table
from inventory.services.importing import queue_import
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import NOW, A, B, add, process
from tests.inventory.imports import EXAMPLE, D, make_read_row, phones_of, read, verdicts
from tests.tables.test_reading import with_sheet_data

pytestmark = pytest.mark.django_db


def error_file(row, format="csv"):
    return b"".join(stream_table(read_import_errors(row), format, count()))


def lines_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


class TestGetImport:
    def test_knows_nothing_of_others(self, organization):
        row = make_read_row(organization)

        assert get_import(organization.pk, row.pk) == row
        for whose, which in ((OrganizationFactory().pk, row.pk), (organization.pk, uuid.uuid4())):
            with pytest.raises(ImportNotFound):
                get_import(whose, which)


class TestGetPreview:
    def test_shows_columns_with_guess_and_samples(self, organization):
        preview = get_preview(read(organization, EXAMPLE.encode()))

        columns = [(one.key, one.guess, one.field, one.samples) for one in preview.columns]
        assert columns == [
            ("imei", "imei", "imei", (A, B, "12")),
            ("Model", "model", "model", ("iPhone 13",)),
            ("Paint", "", "", ("red",)),
        ]
        assert (preview.counts.rows, preview.counts.queueable) == (7, 5)
        assert preview.can_queue

    def test_is_there_before_anything_is_read(self, organization):
        preview = get_preview(read(organization, EXAMPLE.encode(), run=False))

        assert (preview.columns, preview.question, preview.is_judged) == ((), None, False)
        assert (preview.counts.rows, preview.can_queue) == (0, False)


class TestListRows:
    def test_goes_through_the_rows_of_a_verdict_in_pages(self, organization):
        row = read(organization, EXAMPLE.encode())

        first = list_rows(row, verdict="invalid", limit=1)
        rest = list_rows(row, verdict="invalid", after=first[-1].line_no)

        assert [one.line_no for one in first + rest] == [5, 6]


class TestListImportErrors:
    def test_holds_what_is_written_in_each_row(self, organization, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 1)
        row = read(organization, EXAMPLE.encode())

        first, second = list_import_errors(row)

        assert (first.line_no, first.error_code, first.data) == (5, "imei_length", {"imei": "12"})
        assert second.reason == "IMEI in scientific notation - column must be text"


class TestReadImportErrors:
    def test_can_be_corrected_and_sent_as_it_is(self, organization):
        text = f"Color,IMEI,Notes\n=red,12,-5\nblue,{A},\n@x,13,it's\n"
        bad = read(organization, text.encode())

        content = error_file(bad)

        assert lines_of(content) == [
            ["Color", "IMEI", "Notes", "line", "error_code", "reason"],
            ["'=red", "12", "'-5", "2", "imei_length", "IMEI must have 15 digits, got 2"],
            ["'@x", "13", "it's", "4", "imei_length", "IMEI must have 15 digits, got 2"],
        ]
        good = read(organization, content.replace(b"12", B.encode()))
        assert phones_of(good)[0] == {"Color": "=red", "IMEI": B, "Notes": "-5"}
        assert verdicts(good) == [(2, "new", None), (3, "invalid", "imei_length")]
        # The reasons of the first time do not pile up.
        assert lines_of(error_file(good))[0] == lines_of(content)[0]
        book = read(organization, error_file(bad, "xlsx"))
        assert list_rows(book)[1].data["cells"][:4] == ["@x", "13", "it's", 4]
        assert (book.counts["invalid"], book.mapping["line"]) == (2, "ignore")

    def test_gives_an_imei_that_a_workbook_spoiled_as_spoiled_again(self, organization):
        content = with_sheet_data(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>IMEI</t></is></c>'
            '<c r="B1" t="inlineStr"><is><t>Model</t></is></c></row>'
            '<row r="2"><c r="A2"><v>35693803564380</v></c><c r="B2"><v>13</v></c>'
            '<c r="C2"><v>2.5</v></c></row>'
        )
        bad = read(organization, content)

        lines = lines_of(error_file(bad))

        assert lines[0][:3] == ["IMEI", "Model", "Column 3"]
        assert lines[1][:3] == ["35693803564380.0", "13", "2.5"]
        again = read(organization, error_file(bad))
        assert verdicts(again) == [(2, "invalid", "imei_number_ambiguous")]

    def test_has_the_keys_of_all_refused_records(self, organization):
        records = [{"imei": A}] * 200 + [{"imei": 12, "extra": {"a": [True]}, "ok": True}]
        bad = read(organization, json.dumps([*records, 7]).encode())

        assert lines_of(error_file(bad)) == [
            ["imei", "extra", "ok", "line", "error_code", "reason"],
            ["12.0", '{"a": [true]}', "TRUE", "201", "imei_length",
             "IMEI must have 15 digits, got 2"],
            ["", "", "", "202", "not_storable", "The row cannot be stored: it is not an object"],
        ]  # fmt: skip


class TestOwnExport:
    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_changes_no_device_when_it_is_imported(self, organization, format):
        full = {"imei": B, "model": "iPhone 13", "color": "Blue", "storage": "128GB", "sku": "S-1",
                "carrier": "att", "working": "YES", "failed": "Face ID", "batteryHealth": "95%",
                "batteryCycle": "120", "notes": "=1+1", "location": "-A1", "grade": "A"}  # fmt: skip
        add(organization, {"imei": A}, full, {"imei": D, "working": "NO"})
        process(organization)
        before = devices(organization)
        table = read_table(organization.pk, "devices", {})

        row = read(organization, b"".join(stream_table(table, format, count())))

        assert (row.counts["update"], row.counts["invalid"]) == (3, 0)
        queue_import(queue_import=row, actor=None, now=NOW)
        process(organization)
        assert devices(organization) == before


def devices(organization):
    """Everything that is known of each device but when and by what it was written last."""
    table = read_table(organization.pk, "devices", {})
    facts = Device.objects.filter(organization=organization).order_by("imei")
    return list(table.rows), list(facts.values_list("imei", "status", "assumed", "sku", "name"))
