import codecs
import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables import reading
from tables.errors import TableHasTooManyRows, TableProtected, TableTooLarge, TableUnreadable
from tables.reading import (
    Limits,
    detect_delimiter,
    list_sheets,
    read_cells,
    read_table,
)
from tables.streaming import Sheet, stream_csv, stream_xlsx

SAMPLES = Path(__file__).parent / "samples"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


def rows_of(content: bytes, **limits: int) -> list[list[str]]:
    return list(read_table(io.BytesIO(content), limits=Limits(**limits)))


def workbook(*rows: list[object], title: str = "Plan") -> bytes:
    return b"".join(stream_xlsx([Sheet(title, [], rows)]))


def with_sheet_data(data: str) -> bytes:
    """A workbook whose sheet holds these rows as they are."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as source, zipfile.ZipFile(target, "w") as new:
        for name in source.namelist():
            part = source.read(name).decode()
            new.writestr(name, part.replace("<sheetData>", f"<sheetData>{data}"))
    return target.getvalue()


def ods(*rows: list[str]) -> bytes:
    table = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="Plan">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return target.getvalue()


class TestReadTableOfText:
    @pytest.mark.parametrize(
        ("content", "cell"),
        [
            ("Käse".encode(), "Käse"),
            (codecs.BOM_UTF8 + "Käse".encode(), "Käse"),
            ("Käse".encode("utf-16"), "Käse"),
            (codecs.BOM_UTF16_BE + "Käse".encode("utf-16-be"), "Käse"),
            ("Käse zu 5 €".encode("cp1252"), "Käse zu 5 €"),
            (b"K\x81se", "K\ufffdse"),
        ],
    )
    def test_knows_the_encoding(self, content: bytes, cell: str) -> None:
        assert rows_of(content) == [[cell]]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_takes_every_end_of_line(self, end: str) -> None:
        assert rows_of(f"a,b{end}c,d{end}".encode()) == [["a", "b"], ["c", "d"]]

    @pytest.mark.parametrize("delimiter", ["\t", ";", ","])
    def test_finds_the_delimiter(self, delimiter: str) -> None:
        content = f"Master{delimiter}Unit\nM{delimiter}U\n".encode()

        assert rows_of(content) == [["Master", "Unit"], ["M", "U"]]

    def test_keeps_quoted_delimiters_and_line_ends(self) -> None:
        assert rows_of(b'"a, ""b""","c\nd"\n') == [['a, "b"', "c\nd"]]

    def test_keeps_empty_rows_so_that_rows_keep_their_numbers(self) -> None:
        assert rows_of(b"a,b\n\n,,\nc,\n") == [["a", "b"], [], [], ["c"]]

    def test_trims_nothing_inside_a_row(self) -> None:
        assert rows_of(b" a ,,b") == [[" a ", "", "b"]]

    def test_gives_no_rows_for_an_empty_file(self) -> None:
        assert rows_of(b"") == []

    def test_reads_what_we_write(self) -> None:
        content = b"".join(stream_csv(["Code", "N"], [["PROD-1", 5], ["PROD, 2", None]]))

        assert rows_of(content) == [["Code", "N"], ["PROD-1", "5"], ["PROD, 2"]]

    def test_reads_rows_as_they_are_asked_for(self) -> None:
        rows = read_table(io.BytesIO(b"a\n" * 10), limits=Limits(max_rows=2))

        assert [next(rows), next(rows)] == [["a"], ["a"]]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (b"ab," * 16_385, "A row has over 16,384 cells."),
            (b'"%b\n",' % (b"a" * 100) * 11_000, "A row has over 1,048,576 letters."),
            (b"a" * 1_100_000, "A row has over 1,048,576 letters."),
        ],
    )
    def test_refuses_a_row_that_fills_the_memory(self, row: bytes, reason: str) -> None:
        with pytest.raises(TableTooLarge, match=reason):
            rows_of(b"a,b\n" + row)

    def test_refuses_a_cell_without_end_by_its_line(self) -> None:
        with pytest.raises(TableUnreadable, match="cannot be read at line 2"):
            rows_of(b"a\n" + b"x" * 200_000)

    @given(st.binary(max_size=300))
    def test_answers_any_bytes_with_rows_or_a_plain_refusal(self, content: bytes) -> None:
        # Workbooks start a process each, so they have tests of their own.
        if not content.startswith((b"PK", b"\xd0\xcf")):
            try:
                rows = rows_of(content)
            except TableUnreadable:
                rows = []
            assert all(isinstance(cell, str) for row in rows for cell in row)


class TestReadTableOfWorkbooks:
    def test_reads_xlsx(self) -> None:
        content = workbook(["Master", "Unit"], ["M-1", 15, 2.5, True, None])

        assert rows_of(content) == [["Master", "Unit"], ["M-1", "15", "2.5", "TRUE"]]

    def test_reads_xls(self) -> None:
        assert rows_of((SAMPLES / "plan.xls").read_bytes()) == [
            ["Master", "Unit", "Count"],
            ["MASTER-1", "PROD-1", "15"],
            ["MASTER-1", "PROD-2", "2.5"],
            ["", "2026-11-25"],
        ]

    def test_reads_ods(self) -> None:
        assert rows_of(ods(["Master", "Unit"], ["M-1", "U-1"])) == [
            ["Master", "Unit"],
            ["M-1", "U-1"],
        ]

    def test_keeps_empty_rows_and_columns_before_the_table(self) -> None:
        content = workbook([], [], [None, "x"], [None, "y"])

        assert rows_of(content) == [[], [], ["", "x"], ["", "y"]]

    def test_gives_no_rows_for_an_empty_sheet(self) -> None:
        assert rows_of(workbook()) == []

    def test_refuses_one_with_a_password(self) -> None:
        with pytest.raises(TableProtected):
            rows_of((SAMPLES / "protected.xlsx").read_bytes())

    def test_refuses_one_that_claims_more_cells_than_memory_holds(self) -> None:
        content = with_sheet_data(
            '<row r="1"><c r="A1"><v>1</v></c></row>'
            '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        )

        with pytest.raises(TableTooLarge, match="Send the sheet as CSV"):
            rows_of(content)

    def test_refuses_one_that_unpacks_to_more_than_memory_holds(self) -> None:
        content = with_sheet_data(
            f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 200_000_000}</t></is></c></row>'
        )

        with pytest.raises(TableTooLarge):
            rows_of(content, max_memory=256 * reading.MIB, max_bytes=300 * reading.MIB)

    def test_refuses_one_whose_cells_share_a_text_that_fills_the_memory(self) -> None:
        content = workbook(["IMEI"], ["x" * 32_000] * 40)

        assert len(content) < 20_000
        with pytest.raises(TableTooLarge):
            rows_of(content)

    def test_leaves_no_process_when_its_reader_stops_early(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started: list[subprocess.Popen[str]] = []
        popen = subprocess.Popen

        def noted(*args: object, **kwargs: object) -> subprocess.Popen[str]:
            started.append(popen(*args, **kwargs))
            return started[-1]

        monkeypatch.setattr(subprocess, "Popen", noted)
        rows = read_table(io.BytesIO(workbook(*([["x"]] * 1000))))
        next(rows)

        rows.close()

        assert [process.returncode is not None for process in started] == [True]


class TestReadCells:
    def test_keeps_what_a_workbook_knows_of_its_cells(self) -> None:
        content = with_sheet_data('<row r="1"><c r="A1"><v>7</v></c><c r="B1" t="e"/></row>')

        assert list(read_cells(io.BytesIO(content))) == [[7, None]]

    def test_reads_the_sheet_that_is_named(self) -> None:
        content = b"".join(stream_xlsx([Sheet("A", [], [["a"]]), Sheet("B", [], [["b"]])]))

        assert list(read_cells(io.BytesIO(content), sheet="B")) == [["b"]]

    def test_gives_the_texts_of_a_text(self) -> None:
        assert list(read_cells(io.BytesIO(b"IMEI;n\n35693803564380;2.5\n"))) == [
            ["IMEI", "n"],
            ["35693803564380", "2.5"],
        ]


class TestListSheets:
    def test_names_those_in_which_something_is_written(self) -> None:
        content = b"".join(stream_xlsx([Sheet("A", [], [["a"]]), Sheet("B", [], [["b"]])]))

        assert list_sheets(io.BytesIO(content)) == ["A", "B"]

    def test_names_none_of_a_text(self) -> None:
        assert list_sheets(io.BytesIO(b"a,b")) == []


class TestReadTableRefusals:
    @pytest.mark.parametrize(
        "content",
        [
            PNG,
            b"%PDF-1.7\n1 0 obj",
            b"<html><table><tr><td>1</td></tr></table></html>",
            b"  <!DOCTYPE html>",
            b"GIF89a\x01\x00\x01\x00",
            b"PK\x03\x04 and then nothing of an archive",
            bytes.fromhex("d0cf11e0a1b11ae1") + b"nothing",
        ],
    )
    def test_say_that_it_is_no_table(self, content: bytes) -> None:
        with pytest.raises(TableUnreadable, match="not a table"):
            rows_of(content)

    def test_say_so_of_an_archive_of_something_else(self) -> None:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("photo.png", PNG)

        with pytest.raises(TableUnreadable):
            rows_of(target.getvalue())

    def test_name_the_size_that_is_allowed(self) -> None:
        with pytest.raises(TableTooLarge, match=r"over 0\.5 MB"):
            rows_of(b"x" * 600_000, max_bytes=reading.MIB // 2)

    @pytest.mark.parametrize("content", [b"a\n" * 4, workbook(*([["a"]] * 4))])
    def test_name_the_rows_that_are_allowed(self, content: bytes) -> None:
        with pytest.raises(TableHasTooManyRows, match="over 3 rows"):
            rows_of(content, max_rows=3)

    @pytest.mark.parametrize("content", [b"a\n" * 3, workbook(*([["a"]] * 3))])
    def test_begin_after_the_last_row_that_is_allowed(self, content: bytes) -> None:
        assert len(rows_of(content, max_rows=3)) == 3


class TestDetectDelimiter:
    @pytest.mark.parametrize(
        ("lines", "delimiter"),
        [
            ([], ","),
            (["one column"], ","),
            (["a,b"], ","),
            (["Name;Price", "A;1,50", "B;2,50"], ";"),
            (["A;1,50", "B;2,50"], ";"),
            (["M,U", 'M,"a;b"', "M,U;x"], ","),
            (["a\tb, c", "d\te"], "\t"),
        ],
    )
    def test_takes_the_one_that_most_lines_have(self, lines: list[str], delimiter: str) -> None:
        assert detect_delimiter(lines) == delimiter
