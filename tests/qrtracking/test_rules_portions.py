import pytest

from qrtracking.rules.portions import MOST_UNITS, first_portion
from qrtracking.rules.text import parse_entries


class TestFirstPortion:
    def test_is_everything_when_it_is_little(self):
        entries = parse_entries("1 2 15-20 zzz")

        assert first_portion(entries) == entries

    def test_ends_at_so_many_entries(self):
        entries = parse_entries("1 2 15-20 zzz")

        assert first_portion(entries, most=2) == entries[:2]

    def test_ends_at_so_many_units(self):
        entries = parse_entries("1-100000, 2-100001, 3")
        assert MOST_UNITS == 200_000

        assert first_portion(entries) == entries[:2]

    @pytest.mark.parametrize("most", [1, 5])
    def test_has_at_least_one_entry(self, most):
        entries = parse_entries("1-100000")

        assert first_portion(entries, most=most) == entries
