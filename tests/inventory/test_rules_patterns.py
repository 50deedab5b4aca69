import pytest

from inventory.rules.patterns import may_hang


class TestMayHang:
    @pytest.mark.parametrize(
        "pattern",
        ["^(a+)+$", "(a*)*", "(?:a|aa)+$", "(a|a)*", "(.*,){20}x", "((a+))+", "(?P<n>\\d+){2,}",
         "(a?){30}b", "x(y(z{1,3})w)*", "([a-z]+[)]?)*"],
    )  # fmt: skip
    def test_finds_repeats_of_what_varies(self, pattern):
        assert may_hang(pattern)

    @pytest.mark.parametrize(
        "pattern",
        ["", "^[0-9]{15}$", "^(iPhone|Galaxy) \\d+$", "(ab)+", "(?:[A-Z]\\d{3}-)*", "\\(a+\\)+",
         "[(a+)]+", "(a+)b+", "^(a+)?$", "[]*]+", "a|b+", ")+(", "(\\d{2}){3}", "(?i)a+"],
    )  # fmt: skip
    def test_leaves_others_alone(self, pattern):
        assert not may_hang(pattern)
