import codecs
import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tables.cells import Cell, Row
from tables.streaming import Sheet, stream_csv, stream_xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def workbook_of(*sheets: Sheet, **limits: int) -> bytes:
    return b"".join(stream_xlsx(sheets, **limits))


def read_back(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def one_cell(value: Cell) -> object:
    (rows,) = read_back(workbook_of(Sheet("A", ["Head"], [["anchor", value, "end"]]))).values()
    return rows[1][1]


def part(content: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return ElementTree.fromstring(archive.read(name))


def endless(*, closed: list[bool]) -> Iterator[Row]:
    try:
        while True:
            yield ["code", 1]
    finally:
        closed.append(True)


class TestStreamXlsx:
    def test_gives_a_workbook_with_its_named_sheets(self) -> None:
        content = workbook_of(
            Sheet("Summary", ["Field", "Value"], [["Cases", 10]]),
            Sheet("Codes", ["Code"], [["PROD-1"], ["PROD-2"]]),
        )

        assert read_back(content) == {
            "Summary": [["Field", "Value"], ["Cases", 10.0]],
            "Codes": [["Code"], ["PROD-1"], ["PROD-2"]],
        }

    def test_gives_an_intact_archive_without_zip64(self) -> None:
        with zipfile.ZipFile(io.BytesIO(workbook_of(Sheet("A", ["H"], [["x"]])))) as archive:
            assert archive.testzip() is None
            assert {info.create_version for info in archive.infolist()} == {20}

    def test_declares_each_part_that_it_holds(self) -> None:
        content = workbook_of(Sheet("A", ["H"], []), Sheet("B", ["H"], []))

        declared = {
            element.get("PartName")
            for element in part(content, "[Content_Types].xml")
            if element.tag.endswith("Override")
        }
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            held = {f"/{name}" for name in archive.namelist() if not name.endswith(".rels")}
        assert declared == held - {"/[Content_Types].xml"}

    def test_points_from_each_sheet_of_the_workbook_to_a_part_that_exists(self) -> None:
        content = workbook_of(Sheet("A", ["H"], []), Sheet("B", ["H"], []))

        targets = {
            element.get("Id"): f"xl/{element.get('Target')}"
            for element in part(content, "xl/_rels/workbook.xml.rels")
        }
        relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
        sheets = part(content, "xl/workbook.xml").findall(f"{MAIN}sheets/{MAIN}sheet")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {targets[sheet.get(relation)] for sheet in sheets} <= set(archive.namelist())

    def test_freezes_the_bold_header(self) -> None:
        content = workbook_of(Sheet("A", ["Head"], [["x"]], widths=[30]))

        sheet = part(content, "xl/worksheets/sheet1.xml")
        pane = sheet.find(f"{MAIN}sheetViews/{MAIN}sheetView/{MAIN}pane")
        style = sheet.find(f"{MAIN}sheetData/{MAIN}row/{MAIN}c").get("s")
        formats = part(content, "xl/styles.xml").find(f"{MAIN}cellXfs")
        fonts = part(content, "xl/styles.xml").find(f"{MAIN}fonts")
        font = fonts[int(formats[int(style)].get("fontId"))]
        assert (pane.get("state"), pane.get("ySplit"), pane.get("topLeftCell")) == (
            "frozen",
            "1",
            "A2",
        )
        assert font.find(f"{MAIN}b") is not None
        assert sheet.find(f"{MAIN}cols/{MAIN}col").get("width") == "30"

    def test_freezes_nothing_without_a_header(self) -> None:
        content = workbook_of(Sheet("A", [], [["x"]]))

        assert part(content, "xl/worksheets/sheet1.xml").find(f".//{MAIN}pane") is None
        assert read_back(content) == {"A": [["x"]]}

    def test_goes_on_in_the_next_sheet_when_one_is_full(self) -> None:
        rows = [[number] for number in range(7)]

        sheets = read_back(workbook_of(Sheet("Codes", ["N"], rows), max_rows=3))

        assert {name: [row[0] for row in rows] for name, rows in sheets.items()} == {
            "Codes": ["N", 0, 1, 2],
            "Codes (2)": ["N", 3, 4, 5],
            "Codes (3)": ["N", 6],
        }

    def test_opens_no_empty_sheet_after_one_that_is_just_full(self) -> None:
        rows = [[number] for number in range(6)]

        assert list(read_back(workbook_of(Sheet("Codes", ["N"], rows), max_rows=3))) == [
            "Codes",
            "Codes (2)",
        ]

    def test_goes_on_in_the_next_sheet_before_one_is_too_large_for_plain_zip(self) -> None:
        rows = [["x" * 1000] for _ in range(450)]

        sheets = read_back(workbook_of(Sheet("Codes", ["N"], rows), max_bytes=100_000))

        assert [len(rows) - 1 for rows in sheets.values()] == [200, 200, 50]

    def test_gives_equal_titles_numbers(self) -> None:
        sheets = (Sheet("Codes", ["H"], []), Sheet("codes", ["H"], []), Sheet("CODES", ["H"], []))

        assert list(read_back(workbook_of(*sheets))) == ["Codes", "codes (2)", "CODES (3)"]

    def test_has_its_header_when_there_are_no_rows(self) -> None:
        assert read_back(workbook_of(Sheet("A", ["H"], []))) == {"A": [["H"]]}

    def test_gives_its_first_bytes_before_it_asks_for_rows(self) -> None:
        closed: list[bool] = []
        stream = stream_xlsx([Sheet("A", ["H"], endless(closed=closed))])

        assert next(stream).startswith(b"PK")

    def test_closes_the_rows_when_its_reader_goes_away(self) -> None:
        closed: list[bool] = []
        stream = stream_xlsx([Sheet("A", ["H"], endless(closed=closed))])
        next(stream)
        next(stream)

        stream.close()

        assert closed == [True]

    def test_passes_on_what_goes_wrong_in_the_rows(self) -> None:
        def broken() -> Iterator[Row]:
            yield ["x"]
            raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            workbook_of(Sheet("A", ["H"], broken()))

    def test_keeps_its_memory_flat(self) -> None:
        def rows(count: int) -> Iterator[Row]:
            return ([number, f"PROD-{number:05d}"] for number in range(count))

        def peak(count: int) -> int:
            tracemalloc.start()
            for _piece in stream_xlsx([Sheet("A", ["N", "Code"], rows(count))]):
                pass
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return most

        peak(100)
        assert peak(30_000) < peak(3_000) + 200_000


class TestCellsOfAWorkbook:
    @pytest.mark.parametrize(
        "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "007", "  padded  "]
    )
    def test_keep_texts_as_typed(self, text: str) -> None:
        assert one_cell(text) == text

    def test_never_hold_formulas(self) -> None:
        sheet = part(workbook_of(Sheet("=A1", ["=H"], [["=1+1"]])), "xl/worksheets/sheet1.xml")

        assert sheet.find(f".//{MAIN}f") is None
        assert {cell.get("t") for cell in sheet.iter(f"{MAIN}c")} == {"inlineStr"}

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("a\x00b\x0bc", "abc"),
            ("a\ud800b\ufffec", "abc"),
            ('<a> & "b"\'', '<a> & "b"\''),
            ("line\r\nnext\rlast", "line\nnext\nlast"),
            ("_x000D_", "_x000D_"),
            ("😀 שלום", "😀 שלום"),
            ("x" * 40_000, "x" * 32_766 + "…"),
        ],
    )
    def test_lose_only_what_xml_cannot_hold(self, text: str, kept: str) -> None:
        assert one_cell(text) == kept

    @given(
        st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
    )
    def test_give_back_any_printable_text(self, text: str) -> None:
        assert one_cell(f"|{text}|") == f"|{text}|"

    @pytest.mark.parametrize("number", [0, -5, 123_456_789_012_345, 2.5, Decimal("19.90"), 1e300])
    def test_keep_numbers_as_numbers(self, number: int | float | Decimal) -> None:
        assert one_cell(number) == float(number)

    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (3_569_380_356_438_095_1, "35693803564380951"),
            (Decimal("0.12345678901234567"), "0.12345678901234567"),
            (Decimal("NaN"), "NaN"),
            (float("inf"), "inf"),
        ],
    )
    def test_write_what_a_spreadsheet_would_round_as_text(
        self, number: int | float | Decimal, text: str
    ) -> None:
        assert one_cell(number) == text

    def test_keep_times_as_real_ones_in_utc(self) -> None:
        moment = datetime(2026, 11, 25, 14, 30, 15, tzinfo=timezone(timedelta(hours=1)))

        assert one_cell(moment) == datetime(2026, 11, 25, 13, 30, 15)  # noqa: DTZ001

    def test_keep_days_as_days(self) -> None:
        assert one_cell(date(2026, 11, 25)) == date(2026, 11, 25)

    def test_write_days_before_the_calendar_of_spreadsheets_as_text(self) -> None:
        assert one_cell(date(1899, 5, 1)) == "1899-05-01"

    def test_keep_truth_and_emptiness(self) -> None:
        assert (one_cell(True), one_cell(None)) == (True, "")


def csv_text(*rows: Row, header: tuple[str, ...] = ("Head",)) -> str:
    return b"".join(stream_csv(header, rows)).decode("utf-8")


class TestStreamCsv:
    def test_begins_with_the_mark_by_which_excel_knows_utf_8(self) -> None:
        assert next(stream_csv(["é"], [])) == codecs.BOM_UTF8

    def test_gives_header_and_rows(self) -> None:
        text = csv_text(["a", 1], ["b, c", Decimal("2.50")], header=("Name", "Number"))

        assert text == '\ufeffName,Number\r\na,1\r\n"b, c",2.50\r\n'

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'=", "''-"])
    def test_disarms_texts_that_look_like_formulas(self, start: str) -> None:
        rows = list(csv.reader(io.StringIO(csv_text([f"{start}1+1"]), newline="")))

        assert rows[1] == [f"'{start}1+1"]

    def test_leaves_negative_numbers_numbers(self) -> None:
        assert csv_text([-5, Decimal("-0.5")]).splitlines()[1] == "-5,-0.5"

    def test_writes_times_with_their_offset(self) -> None:
        moment = datetime(2026, 11, 25, 13, 30, 15, 999, tzinfo=UTC)

        assert csv_text([moment, date(2026, 11, 25), True, None]).splitlines()[1] == (
            "2026-11-25T13:30:15+00:00,2026-11-25,TRUE,"
        )

    def test_closes_the_rows_when_its_reader_goes_away(self) -> None:
        closed: list[bool] = []
        stream = stream_csv(["Head"], endless(closed=closed))
        next(stream)
        next(stream)

        stream.close()

        assert closed == [True]

    def test_gives_many_rows_in_pieces(self) -> None:
        pieces = list(stream_csv(["N"], ([f"{number:0100d}"] for number in range(2_000))))

        assert len(pieces) > 3
        assert b"".join(pieces).count(b"\r\n") == 2_001


class TestSheetTitles:
    @pytest.mark.parametrize(
        ("title", "shown"),
        [
            ("Child Codes by Master", "Child Codes by Master"),
            ("a/b\\c?d*e[f]g:h", "a b c d e f g h"),
            ("'quoted'", "quoted"),
            ("x" * 40, "x" * 31),
            ("", "Sheet"),
            ("History", "History_"),
            ('<&">', '<&">'),
        ],
    )
    def test_are_such_as_spreadsheets_take(self, title: str, shown: str) -> None:
        assert list(read_back(workbook_of(Sheet(title, ["H"], [])))) == [shown]

    def test_stay_short_with_their_number(self) -> None:
        sheets = read_back(workbook_of(Sheet("x" * 31, ["H"], [[1], [2]]), max_rows=1))

        assert list(sheets) == ["x" * 31, "x" * 27 + " (2)"]
