"""A posted phone as what it says: dates, second IMEIs, test results, places."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.fields import FIELDS
from inventory.rules.incoming import read_date, read_item
from inventory.rules.refusals import ItemRefused

A, B = "490154203237518", "356938035643809"
KEYS = [key for field in FIELDS.values() for key in field.keys]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=2), st.none(), max_size=2),
)  # fmt: skip


class TestReadDate:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2025-01-02T03:04:05Z", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
            ("2025-01-02 03:04", datetime(2025, 1, 2, 3, 4, tzinfo=UTC)),
            ("2025-01-02T03:04+02:00", datetime(2025, 1, 2, 1, 4, tzinfo=UTC)),
            ("2025-01-02", datetime(2025, 1, 2, tzinfo=UTC)),
            ("02/01/2025", None),
            ("0001-01-01T00:00:00+14:00", None),
            ("soon", None),
        ],
    )
    def test_reads_iso_and_takes_naive_for_utc(self, text, moment):
        assert read_date(text) == moment


class TestReadItem:
    @given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
    def test_gives_a_phone_or_a_reason_whatever_is_posted(self, data):
        try:
            answer = read_item({**data, "imei": A}).imei
        except ItemRefused as refusal:
            answer = refusal.code
        assert answer in {A, "wrong_type", "text_too_long", "quantity_invalid"}

    def test_warns_of_dates_that_it_cannot_read(self):
        incoming = read_item({"imei": A, "checkDate": "soon", "dateIn": "2025-01-02"})

        assert [note.code for note in incoming.notes] == ["date_unreadable"]
        assert incoming.known == {"received_at": datetime(2025, 1, 2, tzinfo=UTC)}

    def test_keeps_a_second_imei_or_warns(self):
        assert read_item({"imei": A, "IMEI2": B}).known == {"imei2": B}
        assert [note.code for note in read_item({"imei": A, "IMEI2": "12"}).notes] == [
            "imei2_invalid"
        ]

    @pytest.mark.parametrize(("is_strict", "codes"), [(False, []), (True, ["imei2_invalid"])])
    def test_judges_the_check_digit_of_both_imeis_alike(self, is_strict, codes):
        incoming = read_item({"imei": A, "imei2": f"{B[:-1]}8"}, is_strict=is_strict)

        assert [note.code for note in incoming.notes] == codes
        assert ("imei2" in incoming.known) is not is_strict

    def test_never_takes_the_serial_number_for_an_imei(self):
        with pytest.raises(ItemRefused) as refused:
            read_item({"serialNumber": A})

        assert refused.value.code == "imei_missing"

    def test_keeps_test_results_as_they_are(self):
        results = {"screen": ["ok", 1]}
        assert read_item({"imei": A, "testResults": results}).known["test_results"] == results
        with pytest.raises(ItemRefused):
            read_item({"imei": A, "testResults": "ok"})

    def test_reads_places_and_carriers(self):
        incoming = read_item({"imei": A, "bin": "  A  1 ", "warehouse": "North", "network": "vzw"})

        assert (incoming.location, incoming.warehouse) == ("A 1", "North")
        assert incoming.known == {"carrier": "Verizon"}

    def test_is_strict_where_asked_to(self):
        assert not read_item({"imei": "356938035643808"}).luhn_valid
        with pytest.raises(ItemRefused):
            read_item({"imei": "356938035643808"}, is_strict=True)
