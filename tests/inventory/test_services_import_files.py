"""Files as they come: decoded, split, asked about, or refused with a reason."""

import json
from pathlib import Path

import pytest

from inventory.models import QueueImportRow
from inventory.selectors.imports import get_preview, list_rows
from tables.errors import TableTooLarge
from tables.streaming import Sheet, stream_xlsx
from tests.inventory.factories import A, B, imei_of
from tests.inventory.imports import D, phones_of, read, verdicts
from tests.tables.test_reading import with_sheet_data

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parents[1] / "tables" / "samples"
STATION = {
    "IMEI": A, "IMEI2": "", "Serial": "C02", "Make": "Apple", "Model": "iPhone 13",
    "Model#": "A2633", "Memory": "128GB", "Color": "Blue", "Carrier": "Unlocked", "Grade": "A",
    "Working": "YES", "BatteryHealthPercentage": 95, "BatteryCycle": 100, "MDM": None,
    "Notes": "", "Failed": "NO", "TesterName": "Tess", "Custom1": "",
    "DeviceCreatedDate": "2025-08-01 10:00", "DeviceUpdatedDate": "2025-08-02 10:00",
}  # fmt: skip


def workbook(*sheets):
    return b"".join(stream_xlsx([Sheet(f"Sheet {n}", [], rows) for n, rows in enumerate(sheets)]))


class TestText:
    @pytest.mark.parametrize(
        "content",
        [
            f"IMEI;Colour\n{A};Grün\n".encode("utf-8-sig"),
            f"IMEI\tColour\r\n{A}\tGrün\r\n".encode("utf-16"),
            f"List of today\n\nIMEI,Colour\n{A},Grün\n".encode("cp1252"),
            f'"IMEI","Colour"\r{A},"Grün"\r'.encode(),
        ],
    )
    def test_is_decoded_and_split(self, organization, content):
        row = read(organization, content)

        assert phones_of(row) == [{"IMEI": A, "Colour": "Grün"}]
        assert row.format == "text"

    def test_needs_no_header_where_a_column_has_imeis(self, organization):
        row = read(organization, f"red,{A}\nblue,{B}\n".encode())

        assert phones_of(row)[0] == {"Column 1": "red", "IMEI": A}

    def test_asks_for_the_header_else(self, organization):
        row = read(organization, f"Paint,Phone\nred,{A}\nblue,none\n".encode())

        question = get_preview(row).question
        assert (row.status, row.counts) == ("ready", {})
        assert (question.kind, question.rows[0]) == ("header", (1, ("Paint", "Phone")))
        assert not QueueImportRow.objects.exists()

    def test_keeps_cells_beyond_the_header(self, organization):
        row = read(organization, f"IMEI\n{A},more\n".encode())

        assert phones_of(row) == [{"IMEI": A, "Column 2": "more"}]


class TestWorkbook:
    def test_keeps_numbers_so_that_spoiled_imeis_are_refused(self, organization):
        content = with_sheet_data(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>IMEI</t></is></c>'
            '<c r="B1" t="inlineStr"><is><t>Model</t></is></c></row>'
            '<row r="2"><c r="A2"><v>356938035643809</v></c><c r="B2"><v>13</v></c></row>'
            '<row r="3"><c r="A3"><v>35693803564380</v></c></row>'
            '<row r="4"><c r="A4"><v>356938000000000</v></c></row>'
        )

        row = read(organization, content)

        assert [code for *_, code in verdicts(row)] == [
            None, "imei_number_ambiguous", "imei_scientific",
        ]  # fmt: skip
        assert phones_of(row)[0] == {"IMEI": int(B), "Model": 13}
        assert get_preview(row).columns[0].samples[0] == B

    def test_reads_cells_with_errors_as_blank_and_says_so(self, organization):
        content = with_sheet_data(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>IMEI</t></is></c>'
            '<c r="B1" t="inlineStr"><is><t>Color</t></is></c></row>'
            f'<row r="2"><c r="A2" t="inlineStr"><is><t>{A}</t></is></c>'
            '<c r="B2" t="e"><v>#N/A</v></c></row>'
            '<row r="3"><c r="A3" t="e"><v>#REF!</v></c><c r="B3"><v>1</v></c></row>'
        )

        row = read(organization, content)

        good, bad = list_rows(row)
        assert good.data["phone"] == {"IMEI": A}
        assert good.warnings == [
            {"code": "cell_error", "message": "Color has an error and was read as blank"}
        ]
        assert bad.error_code == "imei_missing"
        assert row.counts["warnings"] == {"cell_error": 2}

    def test_asks_which_of_two_sheets(self, organization):
        row = read(organization, workbook([["IMEI"], [A]], [["IMEI"], [B], [D]]))

        question = get_preview(row).question
        assert (question.kind, question.sheets) == ("sheet", ("Sheet 0", "Sheet 1"))
        assert get_preview(row).can_queue is False

    def test_takes_the_only_sheet_in_which_something_is_written(self, organization):
        assert read(organization, workbook([], [["IMEI"], [A]])).counts["new"] == 1

    def test_is_refused_with_a_password(self, organization):
        row = read(organization, (SAMPLES / "protected.xlsx").read_bytes())

        assert (row.status, row.error_code) == ("failed", "table_protected")


class TestRecords:
    @pytest.mark.parametrize("key", [None, "items", "devices", "data"])
    def test_of_stations_need_no_mapping(self, organization, key):
        content = json.dumps([STATION] if key is None else {"made": [1], key: [STATION]})

        row = read(organization, content.encode())

        assert (row.format, row.counts["new"]) == ("json", 1)
        assert phones_of(row) == [STATION]

    def test_are_those_of_the_first_list(self, organization):
        content = {"total": 2, "data": [STATION], "items": [{"imei": B}, {"imei": D}]}

        assert phones_of(read(organization, json.dumps(content).encode())) == [STATION]

    def test_are_read_in_other_encodings_and_pasted(self, organization):
        content = json.dumps([STATION])

        assert read(organization, content.encode("utf-16")).counts["new"] == 1
        assert read(organization, content.encode("utf-8-sig")).counts["new"] == 1
        assert read(organization, content).counts["new"] == 1

    def test_that_cannot_be_kept_cost_only_themselves(self, organization):
        bad = '7, null, {"imei": "\\ud800"}, {"imei": "1", "n": NaN}, {"a": "%s"}' % ("x" * 70_000)
        content = f'[{{"imei": "{A}"}}, {bad}, {{"imei": "{B}", "parts": [1]}}]'

        row = read(organization, content.encode())

        assert [code for *_, code in verdicts(row)] == [None, *["not_storable"] * 5, None]
        assert list_rows(row)[1].error_message == "The row cannot be stored: it is not an object"
        assert phones_of(row)[-1] == {"imei": B, "parts": [1]}

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            (f'[{{"imei": "{A}"}}, {{"im', "The JSON in this file is broken or breaks off."),
            (f'{{"items": [{{"imei": "{A}"}}]', "The JSON in this file is broken or breaks off."),
            (f'[{{"imei": "{A}"}}] x', "The JSON in this file is broken or breaks off."),
            ('{"rows": []}', "The JSON in this file has no list under items, devices, data."),
            ("[" * 100_000, "The JSON in this file has a value that cannot be read."),
            ("[]", "The file has no rows"),
        ],
    )
    def test_that_are_none_are_refused(self, organization, content, text):
        row = read(organization, content.encode())

        assert (row.status, row.error_message) == ("failed", text)
        assert not QueueImportRow.objects.exists()


class TestPaste:
    def test_is_a_list_of_imeis_and_places(self, organization):
        row = read(organization, f"{A}\tL1\r\n\r\n{B}, {D}\n")

        assert row.format == "paste"
        assert phones_of(row) == [{"imei": A, "location": "L1"}, {"imei": B}, {"imei": D}]
        assert row.options["source"] == "paste"

    def test_is_a_table_when_it_has_a_header_over_several_columns(self, organization):
        row = read(organization, f"Color\tIMEI\nred\t{A}\n")

        assert phones_of(row) == [{"Color": "red", "IMEI": A}]
        late = read(organization, f"\tIMEI\tModel\nred\t{A}\tX\n")
        assert phones_of(late) == [{"Column 1": "red", "IMEI": A, "Model": "X"}]


class TestLimits:
    def test_of_rows_refuse_before_anything_is_kept(self, organization, settings):
        settings.QUEUE_MAX_FILE_ROWS = 3
        rows = "".join(f"{imei_of(n)}\n" for n in range(3))

        assert read(organization, f"imei\n\n{rows}\n".encode()).counts["new"] == 3
        row = read(organization, f"imei\n{rows}{A}\n".encode())

        assert (row.status, row.error_code) == ("failed", "table_too_many_rows")
        assert row.error_message == "The file has over 3 rows."
        assert not row.rows.exists()

    def test_of_columns_refuse_too(self, organization):
        names = ",".join(f"c{n}" for n in range(1_000))

        row = read(organization, f"imei,{names}\n{A}\n".encode())

        assert row.error_message == "The table has over 1,000 columns."

    def test_of_keys_refuse_records_with_names_of_their_own(self, organization):
        phones = [{"imei": A, **{f"{n}-{m}": 1 for m in range(101)}} for n in range(10)]

        row = read(organization, json.dumps(phones).encode())

        assert row.error_message == "The phones have over 1,000 different keys."

    def test_of_a_row_refuse_a_file_and_not_a_pasted_line(self, organization):
        imeis = ",".join([A] * 17_000)

        with pytest.raises(TableTooLarge, match="A row has over 16,384 cells"):
            read(organization, imeis.encode())

        assert read(organization, imeis, run=False).format == "paste"
