import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.labels import (
    LEADING,
    SMALLEST_TEXT,
    Label,
    case_label,
    contents_lines,
    fit_text,
    spare_label,
    unit_label,
)

BASE = "https://qr.example"
CODE = "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"
codes = st.text(alphabet=string.ascii_uppercase + string.digits + "-", min_size=1, max_size=60)


def measure(text: str, is_bold: bool) -> float:
    return len(text) * (0.6 if is_bold else 0.5)


def fit(*lines: str, width: float = 50, height: float = 60, largest: float = 8):
    return fit_text(lines, width=width, height=height, largest=largest, measure=measure)


class TestUnitLabel:
    def test_holds_the_address_and_the_words_of_the_unit(self):
        label = unit_label(
            base_url=BASE, code=CODE, order_no="ORD-1", sequence=15, variant="MINT", case=1
        )

        assert label == Label(f"{BASE}/track/product/{CODE}", ("ORD-1", "#15", "MINT", "Case 1"))

    def test_leaves_out_a_case_that_is_not_planned(self):
        label = unit_label(
            base_url=BASE, code=CODE, order_no="ORD-1", sequence=15, variant="MINT", case=None
        )

        assert label.lines == ("ORD-1", "#15", "MINT")


class TestSpareLabel:
    @pytest.mark.parametrize(("number", "text"), [(1, "BMINT-0001"), (12_345, "BMINT-12345")])
    def test_counts_within_the_variant(self, number, text):
        label = spare_label(
            base_url=BASE, code=CODE, order_no="O", sequence=1001, variant="MINT", number=number
        )

        assert label.lines == ("O", "#1001", text)


class TestCaseLabel:
    def test_holds_the_address_and_the_contents_of_the_case(self):
        label = case_label(
            base_url=BASE,
            code="MASTER-1",
            order_no="ORD-1",
            case=7,
            contents={"JAS": 50, "MINT": 50},
            sscc="306141411234567897",
        )

        assert label == Label(
            f"{BASE}/track/master/MASTER-1",
            ("ORD-1", "CASE 7", "50 x JAS", "50 x MINT", "SSCC 306141411234567897"),
        )

    def test_has_no_line_for_an_sscc_that_is_not_there(self):
        label = case_label(
            base_url=BASE, code="M", order_no="O", case=7, contents={"JAS": 50}, sscc=None
        )

        assert label.lines == ("O", "CASE 7", "50 x JAS")


class TestContentsLines:
    @pytest.mark.parametrize(
        ("variants", "last"), [(6, "6 x V6"), (7, "and 1 more variant"), (9, "and 3 more variants")]
    )
    def test_names_at_most_six_variants(self, variants, last):
        lines = contents_lines({f"V{number}": number for number in range(1, variants + 1)})

        assert lines[:6] == [f"{number} x V{number}" for number in range(1, 7)]
        assert (lines[-1], len(lines)) == (last, min(variants, 7))


class TestFitText:
    def test_takes_the_largest_size_in_which_whole_lines_fit(self):
        fitted = fit("ORD-HM-11", "#15")

        assert (fitted.size, fitted.lines) == (8, (("ORD-HM-11", False), ("#15", True)))

    def test_shrinks_a_little_before_it_breaks_a_line(self):
        fitted = fit("ORD-HM-1125-02", "#15")

        assert (fitted.size, fitted.lines[0]) == (7, ("ORD-HM-1125-02", False))

    def test_breaks_after_dashes_rather_than_shrinking_much(self):
        fitted = fit("ORD-HM-1125-02-AND-MORE", "#15")

        assert fitted.size > 6
        assert [line for line, _ in fitted.lines] == ["ORD-HM-1125-", "02-AND-MORE", "#15"]

    def test_cuts_a_word_that_nothing_else_makes_fit(self):
        fitted = fit("A" * 40, "#15")

        assert "".join(line for line, _ in fitted.lines[:-1]) == "A" * 40
        assert fitted.size >= 4

    def test_leaves_out_the_last_lines_when_nothing_else_helps(self):
        fitted = fit(*"ABCDEFGHIJ", height=5 * SMALLEST_TEXT * LEADING)

        assert fitted.size == SMALLEST_TEXT
        assert [line for line, _ in fitted.lines] == list("ABCDE")

    @given(
        st.lists(codes, min_size=1, max_size=6),
        st.floats(min_value=30, max_value=200),
        st.floats(min_value=40, max_value=200),
        st.floats(min_value=SMALLEST_TEXT, max_value=20),
    )
    def test_never_leaves_its_box_and_never_loses_a_letter_but_at_the_end(
        self, lines, width, height, largest
    ):
        fitted = fit(*lines, width=width, height=height, largest=largest)

        assert SMALLEST_TEXT <= fitted.size <= largest
        assert len(fitted.lines) * fitted.size * LEADING <= height
        assert all(measure(*line) * fitted.size <= width + 1e-6 for line in fitted.lines)
        shown = "".join(line for line, _ in fitted.lines)
        assert "".join(lines).startswith(shown)
        if shown != "".join(lines):
            assert fitted.size == SMALLEST_TEXT
