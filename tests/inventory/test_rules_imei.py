"""IMEI: the table of the specification, and what must hold for any text."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import imei as stdnum_imei

from inventory.rules.imei import check_digit, read_imei
from inventory.rules.refusals import ItemRefused

GOOD = "356938035643809"
FULL_WIDTH = "".join(chr(ord("\uff10") + int(digit)) for digit in GOOD)
ARABIC = "".join(chr(ord("\u0660") + int(digit)) for digit in GOOD)


class TestReadImei:
    @pytest.mark.parametrize(
        "posted",
        [
            GOOD,
            int(GOOD),
            Decimal(GOOD),
            float(GOOD),
            "IMEI: 35-693803-564380-9",
            "IMEI1=356938035643809",
            "imei/meid # 356938035643809",
            "IMEI number: 356938035643809",
            "'356938035643809.0",
            "'356938035643809",
            '"356938035643809"',
            " 356 938 035 643 809 ",
            FULL_WIDTH,
            ARABIC,
            "35_693803.564380/9",
        ],
    )
    def test_reads_every_spelling(self, posted):
        reading = read_imei(posted)

        assert (reading.imei, reading.luhn_valid, reading.notes) == (GOOD, True, ())

    @pytest.mark.parametrize(
        ("posted", "code"),
        [
            ("356938035643809/01", "imei_svn_dropped"),
            ("3569380356438012", "imeisv_normalised"),
            ("35693803564380", "check_digit_added"),
        ],
    )
    def test_notes_what_it_made_whole(self, posted, code):
        reading = read_imei(posted)

        assert reading.imei == GOOD
        assert [note.code for note in reading.notes] == [code]

    @pytest.mark.parametrize(
        ("posted", "expected"), [("356938035643808", "9"), ("123456789012345", "7")]
    )
    def test_keeps_a_wrong_check_digit_and_tells(self, posted, expected):
        reading = read_imei(posted)

        assert (reading.imei, reading.luhn_valid) == (posted, False)
        assert f"expected {expected}" in reading.notes[0].message

    def test_refuses_a_wrong_check_digit_where_asked_to(self):
        with pytest.raises(ItemRefused) as refused:
            read_imei("356938035643808", is_strict=True)

        assert refused.value.code == "imei_check_digit"

    @pytest.mark.parametrize(
        ("posted", "code", "text"),
        [
            (None, "imei_missing", "Missing IMEI - this is the only required field"),
            ("", "imei_missing", "only required field"),
            (" n/a ", "imei_missing", "only required field"),
            ("--", "imei_missing", "only required field"),
            (True, "imei_not_numeric", "IMEI is not numeric: 'True'"),
            ([GOOD], "imei_not_numeric", "not numeric"),
            ({"imei": GOOD}, "imei_not_numeric", "not numeric"),
            ("35693803564380A", "imei_not_numeric", "IMEI is not numeric: '35693803564380A'"),
            ("UNKNOWN_", "imei_not_numeric", "IMEI is not numeric: 'UNKNOWN_'"),
            (35693803564380, "imei_number_ambiguous", "came as a number with 14 digits"),
            ("35693803564380.0", "imei_number_ambiguous", "came as a number with 14 digits"),
            (3569380356438012, "imei_number_ambiguous", "came as a number with 16 digits"),
            ("3.56938E+14", "imei_scientific", "column must be text"),
            ("3.5E+14", "imei_scientific", "column must be text"),
            (356938000000000, "imei_scientific", "column must be text"),
            (3.56938e14, "imei_scientific", "column must be text"),
            ("490154203237518/356938035643809", "imei_multiple", "More than one IMEI"),
            ("490154203237518 356938035643809", "imei_multiple", "More than one IMEI"),
            ("000000000000000", "imei_placeholder", "placeholder (all zeros)"),
            ("12", "imei_length", "IMEI must have 15 digits, got 2"),
            ("3569380356438", "imei_length", "got 13"),
            ("35693803564380912", "imei_length", "got 17"),
            (12, "imei_length", "got 2"),
            (-356938035643809, "imei_not_numeric", "not numeric"),
            (35693803564380.5, "imei_not_numeric", "not numeric"),
            (float("inf"), "imei_not_numeric", "not numeric"),
        ],
    )
    def test_says_what_is_wrong(self, posted, code, text):
        with pytest.raises(ItemRefused) as refused:
            read_imei(posted)

        assert refused.value.code == code
        assert text in refused.value.message

    def test_shows_forty_characters_at_most(self):
        with pytest.raises(ItemRefused) as refused:
            read_imei("x" * 100)

        assert refused.value.message == f"IMEI is not numeric: '{'x' * 40}'"

    @given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
    def test_gives_fifteen_digits_or_a_reason(self, posted):
        try:
            answer = read_imei(posted).imei
        except ItemRefused as refusal:
            answer = refusal.code
        assert re.fullmatch("[0-9]{15}|imei_[a-z_]+", answer)

    @given(st.from_regex(r"\A[0-9]{13}[1-9]\Z"))
    def test_reads_again_what_it_gave(self, body):
        reading = read_imei(body)

        assert reading.luhn_valid
        assert read_imei(reading.imei) == type(reading)(reading.imei, True)


class TestCheckDigit:
    @given(st.from_regex(r"\A[0-9]{14}\Z"))
    def test_makes_a_valid_imei(self, body):
        assert stdnum_imei.is_valid(body + check_digit(body))

    @pytest.mark.parametrize("body", ["1", "1" * 15, "x" * 14, "\uff11" * 14])
    def test_belongs_to_fourteen_digits(self, body):
        with pytest.raises(ValueError, match="14 digits"):
            check_digit(body)
