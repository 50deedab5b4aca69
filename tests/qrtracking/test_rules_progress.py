from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.progress import batch_progress, percentage, prepare_progress

counts = st.integers(0, 10**7)


class TestPercentage:
    @pytest.mark.parametrize(
        ("part", "whole", "percent"),
        [
            (0, 0, 0),
            (0, 10, 0),
            (1, 200, 1),
            (1, 201, 0),
            (5, 1000, 1),
            (25, 1000, 3),
            (995, 1000, 100),
            (994, 1000, 99),
            (3, 2, 100),
            (340, 1000, 34),
        ],
    )
    def test_rounds_half_up(self, part, whole, percent):
        assert percentage(part, whole) == percent

    @given(counts, counts)
    def test_is_nearest_to_the_exact_ratio(self, part, whole):
        if 0 < part <= whole:
            assert abs(percentage(part, whole) - Fraction(100 * part, whole)) <= Fraction(1, 2)


class TestBatchProgress:
    def test_gives_the_worked_example(self):
        progress = batch_progress(packed_cases=3, cases=10, packed_units=340, planned_units=1000)

        assert progress == (30, 34, 32, False)

    def test_takes_the_mean_of_the_unrounded(self):
        # 0.4 % and 1.4 % would give 0 and 1, their exact mean 0.9 % gives 1.
        progress = batch_progress(packed_cases=4, cases=1000, packed_units=14, planned_units=1000)

        assert progress == (0, 1, 1, False)

    def test_caps_units_at_the_plan(self):
        progress = batch_progress(packed_cases=0, cases=1, packed_units=300, planned_units=200)

        assert progress == (0, 100, 50, False)

    def test_is_complete_when_cases_and_units_are(self):
        assert batch_progress(packed_cases=2, cases=2, packed_units=9, planned_units=9).is_complete
        assert not batch_progress(
            packed_cases=2, cases=2, packed_units=8, planned_units=9
        ).is_complete

    def test_is_not_complete_without_cases(self):
        progress = batch_progress(packed_cases=0, cases=0, packed_units=0, planned_units=0)

        assert progress == (0, 0, 0, False)


class TestPrepareProgress:
    @pytest.mark.parametrize(
        ("done", "total", "progress"),
        [
            (0, 1000, 30),
            (1, 1000, 30),
            (500, 1000, 60),
            (999, 1000, 89),
            (1000, 1000, 90),
            (0, 0, 90),
            (20000, 1100000, 31),
        ],
    )
    def test_runs_from_30_to_90(self, done, total, progress):
        assert prepare_progress(done, total) == progress

    @given(counts, counts, st.integers(1, 10**7))
    def test_never_falls(self, done, more, total):
        assert prepare_progress(done, total) <= prepare_progress(done + more, total)
