import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.numbers import read_battery, read_cycle, read_quantity
from inventory.rules.refusals import ItemRefused


class TestReadBattery:
    @pytest.mark.parametrize(
        ("posted", "percent"),
        [("95%", 95), ("95", 95), (95, 95), (0.95, 95), ("0.95", 95), ("95.4", 95), ("95.5", 96),
         (100, 100), (0, 0), (1, 1), ("1", 1), ("95 %", 95)],
    )  # fmt: skip
    def test_reads_percent(self, posted, percent):
        assert read_battery(posted) == (percent, None)

    @pytest.mark.parametrize("posted", ["BCC", "Health not supported", None, "good", [], True])
    def test_reads_nothing_from_words(self, posted):
        assert read_battery(posted) == (None, None)

    @pytest.mark.parametrize(
        ("posted", "code"),
        [(150, "battery_out_of_range"), (-1, "battery_out_of_range"), ("101%", "battery_out_of_range"),
         (1.0, "battery_ambiguous"), ("1.0", "battery_ambiguous"), ("1e400", None)],
    )  # fmt: skip
    def test_tells_what_is_odd(self, posted, code):
        percent, note = read_battery(posted)

        assert percent is None
        assert (note and note.code) == code

    @given(st.one_of(st.text(), st.integers(), st.floats(), st.decimals()))
    def test_gives_a_percentage_or_nothing(self, posted):
        percent, _ = read_battery(posted)
        assert percent is None or 0 <= percent <= 100


class TestReadCycle:
    @pytest.mark.parametrize(
        ("posted", "cycle"),
        [(120, 120), ("120", 120), (0, 0), (-1, None), (1.5, None), ("x", None), (2**40, None)],
    )
    def test_reads_whole_numbers(self, posted, cycle):
        assert read_cycle(posted) == cycle


class TestReadQuantity:
    @pytest.mark.parametrize("posted", [None, "", False, 1, "1", 1.0, "n/a"])
    def test_is_one(self, posted):
        assert read_quantity(posted) is None

    @pytest.mark.parametrize("posted", [2, "5"])
    def test_notes_what_it_ignores(self, posted):
        assert read_quantity(posted).code == "quantity_ignored"

    @pytest.mark.parametrize("posted", [0, -1, 1.5, "x", "\u22121", True, [], {}])
    def test_refuses_what_is_none(self, posted):
        with pytest.raises(ItemRefused) as refused:
            read_quantity(posted)

        assert refused.value.code == "quantity_invalid"
        assert refused.value.message == "Quantity must be a whole number of at least 1"
