"""Which way to pack fits; the boundaries are those of the table of modes."""

import pytest

from qrtracking.rules.modes import Mode, Situation, recommend

LIMIT = 500


def mode_for(units_left: int, **known: object) -> Mode | None:
    recommendation = recommend(Situation(units_left, **known), inline_limit=LIMIT)
    return recommendation.mode if recommendation else None


class TestRecommend:
    @pytest.mark.parametrize(
        ("units_left", "mode"),
        [
            (0, None),
            (1, Mode.PACK),
            (99, Mode.PACK),
            (100, Mode.REST_NOW),
            (500, Mode.REST_NOW),
            (501, Mode.REST),
            (1_000_000, Mode.REST),
        ],
    )
    def test_goes_by_the_units_that_are_left(self, units_left, mode):
        assert mode_for(units_left) == mode

    def test_goes_by_the_limit_of_what_is_prepared_at_once(self):
        recommendation = recommend(Situation(300), inline_limit=200)

        assert recommendation
        assert recommendation.mode is Mode.REST

    @pytest.mark.parametrize("units_left", [40, 300, 12_000])
    @pytest.mark.parametrize(
        ("known", "mode"),
        [
            ({"is_plan_checked": True}, Mode.PLAN),
            ({"is_queue_filled": True}, Mode.REST),
            ({"is_perfect_in_use": True}, Mode.PERFECT),
            ({"is_queue_filled": True, "is_perfect_in_use": True}, Mode.REST),
            (
                {"is_plan_checked": True, "is_queue_filled": True, "is_perfect_in_use": True},
                Mode.PLAN,
            ),
        ],
    )
    def test_finishes_what_was_begun(self, units_left, known, mode):
        assert mode_for(units_left, **known) == mode

    def test_trusts_no_perfect_case_once_a_unit_is_spoiled(self):
        assert mode_for(300, is_perfect_in_use=True, damaged_units=1) is Mode.REST_NOW

    def test_recommends_nothing_when_nothing_is_left(self):
        assert mode_for(0, is_queue_filled=True, is_plan_checked=True) is None

    @pytest.mark.parametrize(
        ("units_left", "reason"),
        [
            (1, "1 unit is left: few enough to scan each of them."),
            (40, "40 units are left: few enough to scan each of them."),
            (250, "250 units are left: they are prepared while you wait."),
            (12_000, "12,000 units are left: they are prepared while you go on working."),
        ],
    )
    def test_says_why(self, units_left, reason):
        recommendation = recommend(Situation(units_left), inline_limit=LIMIT)

        assert recommendation
        assert recommendation.reason == reason
