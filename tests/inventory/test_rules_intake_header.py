"""Headers of sheets: found by a name of the IMEI, or by a column full of IMEIs, or asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.fields import FIELDS
from inventory.rules.intake_header import (
    Header,
    column_samples,
    find_header,
    header_at,
    looks_like_imei,
)

A, B, D = "490154203237518", "356938035643809", "350000000000014"
FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "IMEI")
CELL = st.one_of(st.none(), st.text(max_size=6), st.integers(), st.floats(), st.booleans())
ROWS = st.lists(st.lists(CELL, max_size=5), max_size=12)
# The file of the specification's example, without its header.
EXAMPLE = [[A], [B], [A], ["12"], ["3.56938E+14"], ["35693803564380"], [D], []]


class TestFindHeader:
    @pytest.mark.parametrize("key", FIELDS["imei"].keys)
    def test_knows_every_name_of_the_imei(self, key):
        assert find_header([["Colour", key.upper()], ["Red", A]]) == Header(
            1, ("Colour", key.upper())
        )

    @pytest.mark.parametrize(
        "name", ["IMEI #", "IMEI/MEID", "\ufeffimei", " Device  IMEI ", FULL_WIDTH]
    )
    def test_folds_names(self, name):
        assert find_header([[name], [A]]).row_no == 1

    def test_skips_titles_above_it(self):
        rows = [["Stock of 1 May"], [], ["Printed by", "Ann"], ["No.", "IMEI"], [1, A]]

        assert find_header(rows) == Header(4, ("No.", "IMEI"))

    @pytest.mark.parametrize(("before", "is_found"), [(9, True), (10, False)])
    def test_looks_at_ten_rows(self, before, is_found):
        header = find_header([["title"]] * before + [["imei"], ["x"]])

        assert (header is not None) is is_found

    def test_takes_the_first_of_two(self):
        assert find_header([["IMEI", "Model"], ["IMEI", "Model"]]).row_no == 1

    @pytest.mark.parametrize("name", ["imei2", "Serial", "IMEI list of May", ""])
    def test_asks_when_no_name_is_of_the_imei(self, name):
        assert find_header([[name, "Model"], ["x", "iPhone 13"]]) is None

    def test_asks_about_an_empty_sheet(self):
        assert find_header([]) is None
        assert find_header([[], [None, ""]]) is None

    def test_makes_names_up_where_a_column_has_imeis(self):
        rows = [["Ann", A, "Red"], ["Bob", B, "Blue"]]

        assert find_header(rows) == Header(0, ("Column 1", "IMEI", "Column 3"))

    def test_sees_imeis_that_a_spreadsheet_spoiled(self):
        assert find_header(EXAMPLE) == Header(0, ("IMEI",))

    @pytest.mark.parametrize(("good", "is_found"), [(8, True), (7, False)])
    def test_wants_four_of_five_rows_to_have_one(self, good, is_found):
        rows = [[A]] * good + [["x"]] * (10 - good) + [[], [" "]]

        assert (find_header(rows) is not None) is is_found

    def test_counts_rows_in_which_the_column_is_empty(self):
        assert find_header([["x", A], ["x", B], ["x"], ["x", D]]) is None

    def test_prefers_whole_imeis_to_numbers_of_a_similar_length(self):
        rows = [["20250827140311", A], ["20250827140312", B]]

        assert find_header(rows).names == ("Column 1", "IMEI")

    def test_prefers_the_first_of_two_columns_of_imeis(self):
        assert find_header([[A, B], [B, D]]).names == ("IMEI", "Column 2")

    @given(ROWS)
    def test_gives_every_column_a_name_of_its_own(self, rows):
        header = find_header(rows) or header_at(rows, 0)

        assert len(header.names) == max((len(row) for row in rows), default=0)
        assert len(set(header.names)) == len(header.names)
        assert all(name == " ".join(name.split()) and name for name in header.names)


class TestHeaderAt:
    def test_takes_the_row_that_a_person_chose(self):
        assert header_at([["Stock"], ["Device", "Colour"], [A, "Red"]], 2).names == (
            "Device",
            "Colour",
        )

    def test_tells_repeated_and_missing_names_apart(self):
        rows = [["Notes", "", "Notes", "Column 2", None, "Notes (2)"], [1, 2, 3, 4, 5, 6, 7]]

        assert header_at(rows, 1).names == (
            "Notes", "Column 2 (2)", "Notes (3)", "Column 2", "Column 5", "Notes (2)", "Column 7",
        )  # fmt: skip

    def test_tells_thousands_of_one_name_apart(self):
        """Each of them was once compared with all the others: minutes of a web process."""
        names = header_at([["imei"] * 3_000], 1).names

        assert names[:3] == ("imei", "imei (2)", "imei (3)")
        assert names[-1] == "imei (3000)"
        assert len(set(names)) == 3_000

    def test_cleans_names(self):
        assert header_at([["a\0b\n c", 12, 1.5]], 1).names == ("a b c", "12", "1.5")

    def test_makes_all_up_when_the_row_is_not_there(self):
        assert header_at([["a"]], 5).names == ("Column 1",)


class TestLooksLikeImei:
    @pytest.mark.parametrize(
        "cell", [A, int(A), float(A), "35693803564380", 35693803564380, "3.5E+14"]
    )
    def test_is_true_for_whole_and_for_spoiled_ones(self, cell):
        assert looks_like_imei(cell)

    @pytest.mark.parametrize(
        "cell", [None, "", "IMEI", "12", 12, True, "000000000000000", f"{A} {B}", float("nan")]
    )
    def test_is_false_for_the_rest(self, cell):
        assert not looks_like_imei(cell)


class TestColumnSamples:
    def test_shows_three_different_values(self):
        rows = [["a"], [], [""], ["a"], [None], [1.5], ["b\n c"], ["d"]]

        assert column_samples(rows, 0) == ["a", "1.5", "b c"]

    def test_shortens_long_values(self):
        (sample,) = column_samples([["x" * 500]], 0)

        assert len(sample) == 60
        assert sample.endswith("…")

    def test_has_none_for_an_empty_column(self):
        assert column_samples([["a"], ["b"]], 1) == []
