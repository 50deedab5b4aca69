import io
import json
import resource
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from tables import spreadsheet_process
from tables.spreadsheet_process import print_rows, text_of
from tables.streaming import Sheet, stream_xlsx

SAMPLES = Path(__file__).parent / "samples"


def printed(content: bytes, *, max_rows: int = 10) -> list[object]:
    out = io.StringIO()
    print_rows(content, max_rows=max_rows, out=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


class TestPrintRows:
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
