import pytest

from qrtracking.rules.samples import Window, scale, spread_windows


class TestSpreadWindows:
    @pytest.mark.parametrize("highest", [1, 999, 1000])
    def test_give_one_for_few_numbers(self, highest):
        assert spread_windows(highest=highest, most=1000, width=10) == [Window(1, highest)]

    def test_begin_at_one_also_for_nothing(self):
        assert spread_windows(highest=0, most=1000, width=10) == [Window(1, 1)]

    def test_lie_evenly_over_many_numbers(self):
        windows = spread_windows(highest=1_000_000, most=20_000, width=200)

        assert windows[:2] == [Window(1, 200), Window(10_001, 10_200)]
        assert windows[-1] == Window(990_001, 990_200)
        assert sum(last - first + 1 for first, last in windows) == 20_000

    @pytest.mark.parametrize(
        ("highest", "most", "width"), [(1001, 1000, 10), (70, 50, 20), (9, 5, 8)]
    )
    def test_never_overlap_nor_leave_the_range(self, highest, most, width):
        numbers = [
            number
            for first, last in spread_windows(highest=highest, most=most, width=width)
            for number in range(first, last + 1)
        ]

        assert len(numbers) == len(set(numbers)) <= max(most, width)
        assert set(numbers) <= set(range(1, highest + 1))


class TestScale:
    @pytest.mark.parametrize(
        ("parts", "total", "scaled"),
        [
            ([800, 19_200], 1_000_000, [40_000, 960_000]),
            ([1, 1, 1], 10, [4, 3, 3]),
            ([5, 1], 6, [5, 1]),
            ([], 7, []),
            ([0, 0], 7, [0, 0]),
        ],
    )
    def test_blows_a_sample_up_to_the_total(self, parts, total, scaled):
        assert scale(parts, total=total) == scaled
