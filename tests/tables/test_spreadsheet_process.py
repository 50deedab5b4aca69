import io
import json
import resource
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tables import spreadsheet_process
from tables.spreadsheet_process import find_errors, print_lines, text_of
from tables.streaming import Sheet, stream_xlsx
from tests.tables.test_reading import with_sheet_data

SAMPLES = Path(__file__).parent / "samples"


def printed(content: bytes, *, kind: str = "texts", sheet: str = "", max_rows: int = 10) -> Any:
    out = io.StringIO()
    print_lines(content, kind=kind, sheet=sheet, max_rows=max_rows, out=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


class TestPrintLines:
    def test_prints_each_row_and_how_it_ended(self) -> None:
        content = b"".join(stream_xlsx([Sheet("A", ["Head"], [[None, 15]])]))

        assert printed(content) == [["Head", ""], ["", "15"], {"end": "done"}]

    def test_prints_the_first_visible_sheet(self) -> None:
        content = b"".join(stream_xlsx([Sheet("A", [], [["a"]]), Sheet("B", [], [["b"]])]))

        assert printed(content) == [["a"], {"end": "done"}]

    def test_stops_after_the_rows_that_are_allowed(self) -> None:
        content = b"".join(stream_xlsx([Sheet("A", [], [["a"], ["b"]])]))

        assert printed(content, max_rows=1) == [["a"], {"end": "too_many_rows"}]

    def test_tells_a_protected_workbook_from_a_broken_one(self) -> None:
        assert printed((SAMPLES / "protected.xlsx").read_bytes()) == [{"end": "protected"}]
        assert printed(b"PK\x03\x04") == [{"end": "unreadable"}]


class TestPrintLinesOfCells:
    def test_keeps_numbers_as_numbers_and_tells_errors_from_nothing(self) -> None:
        content = with_sheet_data(
            '<row r="2"><c r="B2"><v>35693803564380</v></c><c r="C2"><v>2.5</v></c>'
            '<c s="0" t="e" r="D2"><f>1/0</f><v>#DIV/0!</v></c><c r="E2" t="b"><v>1</v></c></row>'
            '<row r="4"><c r="A4" t="inlineStr"><is><t>x</t></is></c>'
            "<c r='AB4' t='e'><v>#N/A</v></c></row>"
        )

        rows = printed(content, kind="cells")

        assert rows[1][:5] == ["", 35693803564380, 2.5, None, "TRUE"]
        assert rows[3][0] == "x"
        assert rows[3][27] is None
        assert rows[-1] == {"end": "done"}

    def test_finds_errors_wherever_the_pieces_of_the_file_are_cut(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = with_sheet_data('<row r="1"><c r="C1" t="e"><v>#N/A</v></c></row>')

        for size in range(20, 60):
            monkeypatch.setattr(spreadsheet_process, "_BLOCK", size)
            assert find_errors(content, "Plan") == {0: [2]}

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", (SAMPLES / "plan.xls").read_bytes()])
    def test_finds_none_in_what_is_no_xlsx(self, content: bytes) -> None:
        assert find_errors(content, "Plan") == {}


class TestPrintLinesOfSheets:
    def test_names_those_in_which_something_is_written(self) -> None:
        sheets = [Sheet("A & B", [], [["a"]]), Sheet("Empty", [], []), Sheet("C", [], [["c"]])]
        content = b"".join(stream_xlsx(sheets))

        assert printed(content, kind="sheets") == [["A & B"], ["C"], {"end": "done"}]
        assert printed(content, kind="cells", sheet="C") == [["c"], {"end": "done"}]
        assert printed(content, kind="cells", sheet="D") == [{"end": "unreadable"}]

    def test_names_the_only_one_whatever_is_in_it(self) -> None:
        content = b"".join(stream_xlsx([Sheet("Empty", [], [])]))

        assert printed(content, kind="sheets") == [["Empty"], {"end": "done"}]


class TestLimitResources:
    def test_limits_memory_and_time_of_the_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        limits: dict[int, tuple[int, int]] = {}
        monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)

        spreadsheet_process.limit_resources(1_000_000)

        assert limits[resource.RLIMIT_AS] == (1_000_000, 1_000_000)
        assert limits[resource.RLIMIT_CPU][0] == spreadsheet_process.CPU_SECONDS


class TestTextOf:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("007", "007"),
            (15.0, "15"),
            (356938035643809.0, "356938035643809"),
            (2.5, "2.5"),
            (1e20, "1e+20"),
            (7, "7"),
            (True, "TRUE"),
            (False, "FALSE"),
            (date(2026, 11, 25), "2026-11-25"),
            (datetime(2026, 11, 25, 13, 30), "2026-11-25 13:30:00"),  # noqa: DTZ001
            (time(13, 30), "13:30:00"),
            (timedelta(hours=30), "1 day, 6:00:00"),
            (None, ""),
        ],
    )
    def test_is_what_a_person_would_type(self, value: object, text: str) -> None:
        assert text_of(value) == text
