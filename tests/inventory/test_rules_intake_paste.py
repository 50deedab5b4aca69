"""Pasted lists, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.imei import check_digit
from inventory.rules.intake_paste import read_pasted_list

A, B = "490154203237518", "356938035643809"
IMEI = (
    st.integers(1, 10**14 - 1).map(lambda n: f"{n:014d}").map(lambda body: body + check_digit(body))
)


def read(text):
    return [(phone["imei"], phone.get("location")) for phone in read_pasted_list(text)]


class TestReadPastedList:
    @pytest.mark.parametrize(
        ("text", "phones"),
        [
            (A, [(A, None)]),
            (f"{A}\r\n\r\n  \n{B}\r\n", [(A, None), (B, None)]),
            (f"{A}\r{B}", [(A, None), (B, None)]),
            (f"{A}\tShelf  1 \n{B}", [(A, "Shelf  1"), (B, None)]),
            (f" {A} \t\tShelf 1\tmore", [(A, "Shelf 1")]),
            (f"{A}\t\n\t{B}", [(A, None), (B, None)]),
            (f"{A}\t{B}", [(A, None), (B, None)]),
            (f"{A} {B}", [(A, None), (B, None)]),
            (f"{A},{B};{A}, {B}", [(A, None), (B, None), (A, None), (B, None)]),
            ("49-015420-323751-8", [("49-015420-323751-8", None)]),
            ("490154 203237 518", [("490154 203237 518", None)]),
            (f"IMEI: {A}", [(f"IMEI: {A}", None)]),
            (f"IMEI: {A}, IMEI: {B}", [(A, None), (B, None)]),
            (f"IMEI\n{A}", [(A, None)]),
            (f"IMEI\tLocation\n{A}\tL1", [(A, "L1")]),
            ("12", [("12", None)]),
            (f"{A} 12 x", [(A, None), ("12", None), ("x", None)]),
            ("3.56938E+14\tL1", [("3.56938E+14", "L1")]),
            ("\tL1", [("", "L1")]),
            ("", []),
            (" \n\t\n", []),
        ],
    )
    def test_reads_one_or_more_phones_a_line(self, text, phones):
        assert read(text) == phones

    @given(st.lists(IMEI, min_size=1), st.data())
    def test_gives_every_imei_once_in_its_order(self, imeis, data):
        separator = st.sampled_from([",", ";", " ", ", ", "\n", "\r\n", "\n\n"])
        text = "".join(imei + data.draw(separator) for imei in imeis)

        assert [imei for imei, _ in read(text)] == imeis

    @given(st.text())
    def test_takes_any_text(self, text):
        assert all(isinstance(imei, str) for imei, _ in read(text))
