import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.ranges import case_ranges_text, join_ranges, parse_case_numbers

case_numbers = st.sets(st.integers(1, 300), min_size=1)


class TestParseCaseNumbers:
    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("1-5,7", [1, 2, 3, 4, 5, 7]),
            ("7", [7]),
            (" 3 - 4 , 1 ", [1, 3, 4]),
            ("2,2,1-3", [1, 2, 3]),
        ],
    )
    def test_reads_numbers_and_ranges(self, text, numbers):
        assert parse_case_numbers(text) == numbers

    @pytest.mark.parametrize(
        "text", ["", ",", "1,", "a", "5-1", "0", "0-3", "-1", "1-2-3", "1-999999"]
    )
    def test_refuses_anything_else(self, text):
        with pytest.raises(ValueError, match="case"):
            parse_case_numbers(text)

    def test_limits_how_many_numbers_a_text_means(self):
        with pytest.raises(ValueError, match="case"):
            parse_case_numbers("1-60000,100001-160000")


class TestCaseRangesText:
    @pytest.mark.parametrize(
        ("numbers", "text"),
        [
            ([1, 2, 3, 4, 5, 7], "#1-#5, #7"),
            ([7, 1], "#1, #7"),
            ([2, 1], "#1-#2"),
            ([], ""),
        ],
    )
    def test_joins_neighbours(self, numbers, text):
        assert case_ranges_text(numbers) == text

    @given(case_numbers)
    def test_reads_back_to_the_same_numbers(self, numbers):
        text = case_ranges_text(numbers).replace("#", "")

        assert parse_case_numbers(text) == sorted(numbers)


class TestJoinRanges:
    @given(case_numbers)
    def test_covers_exactly_the_numbers(self, numbers):
        ranges = join_ranges(numbers)

        assert [n for first, last in ranges for n in range(first, last + 1)] == sorted(numbers)
