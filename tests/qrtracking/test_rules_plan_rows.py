import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.plan_rows import LONGEST_TEXT, PlanRow, parse_row
from qrtracking.rules.text import EntryKind

MASTER = "MASTER-ORD-HM-1125-02-CASE-007-9d2aa62ebe41"
UNIT = "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"


def raws(row: PlanRow | None) -> list[str]:
    assert row is not None
    return [unit.raw for unit in row.units()]


class TestParseRow:
    @pytest.mark.parametrize("cells", [[], [""], ["", "  ", "\t"], ["\ufeff", '""']])
    def test_skips_a_line_in_which_nothing_is_written(self, cells):
        assert parse_row(3, cells) is None

    def test_takes_the_first_cell_for_the_case_and_the_others_for_units(self):
        row = parse_row(3, [MASTER, UNIT, "16", "SEQ:17"])

        assert row is not None
        assert (row.row_no, row.raw_master, row.case) == (3, MASTER, (None, MASTER))
        assert raws(row) == [UNIT, "16", "SEQ:17"]

    @pytest.mark.parametrize("text", ["7", "007", "CASE:7", "case: 7", "\uff17"])
    def test_takes_case_numbers(self, text):
        row = parse_row(1, [text, "1"])

        assert row is not None
        assert row.case == (7, "")

    @pytest.mark.parametrize(
        "cell", [f" '{MASTER}'", f"https://any.host/track/master/{MASTER}/?a=b", f"]Q3{MASTER}"]
    )
    def test_reads_labels_as_they_were_scanned(self, cell):
        row = parse_row(1, [cell, "1"])

        assert row is not None
        assert row.case is not None
        assert row.case.text == MASTER

    def test_takes_units_that_stand_beside_the_case_in_one_cell(self):
        row = parse_row(1, [f"{MASTER} 15  16;17"])

        assert row is not None
        assert row.case == (None, MASTER)
        assert raws(row) == ["15", "16", "17"]

    @pytest.mark.parametrize("text", ["", "0", "1-5", "-"])
    def test_finds_no_case_in_other_texts(self, text):
        row = parse_row(1, [text, UNIT])

        assert row is not None
        assert row.case is None or row.case.text == text

    def test_makes_a_unit_of_each_number_of_a_range(self):
        row = parse_row(1, ["7", "15 \u2013 18", UNIT])

        assert row is not None
        assert row.unit_count == 5
        assert raws(row) == [
            "15 of 15 - 18", "16 of 15 - 18", "17 of 15 - 18", "18 of 15 - 18", UNIT,
        ]  # fmt: skip
        assert [unit.entry.first for unit in row.units()] == [15, 16, 17, 18, 0]

    def test_takes_equal_entries_of_a_row_once(self):
        assert raws(parse_row(1, ["7 15", "15", "015", UNIT, UNIT.lower()])) == ["15", UNIT]

    def test_looks_for_no_text_longer_than_any_label(self):
        row = parse_row(1, ["x" * 10_000, "y" * 10_000])

        assert row is not None
        assert len(row.raw_master) == LONGEST_TEXT
        assert [unit.entry.kind for unit in row.units()] == [EntryKind.NOT_FOUND]
        assert len(raws(row)[0]) == LONGEST_TEXT

    @pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "a\x00b", "\ud800x", "\u202e<b>"])
    def test_keeps_only_what_a_database_can_hold(self, cell):
        row = parse_row(1, [cell, cell])

        assert row is not None
        for text in (row.raw_master, *raws(row)):
            assert "\x00" not in text
            text.encode()

    @given(st.lists(st.text(max_size=40), max_size=6))
    def test_counts_what_it_gives(self, cells):
        row = parse_row(1, cells)

        if row is not None and row.unit_count < 10_000:
            assert len(list(row.units())) == row.unit_count
            assert all(len(raw) <= LONGEST_TEXT for raw in raws(row))
            assert row.raw_master or row.unit_count
