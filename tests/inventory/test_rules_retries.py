from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.retries import given_up, plan_retry

DEFAULTS = {"base": 2.0, "cap": 300.0, "jitter": 0.1, "share": 0.0}


class TestPlanRetry:
    def test_doubles_the_gap_up_to_the_cap(self):
        delays = [
            plan_retry(retry_count=used, max_retries=10, **DEFAULTS).delay for used in range(10)
        ]

        assert delays == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]

    def test_says_what_it_plans_before_the_jitter(self):
        retry = plan_retry(retry_count=1, max_retries=3, **{**DEFAULTS, "share": 1.0})

        assert retry.message == "Retry 2/3 in 4 s"
        assert retry.delay == pytest.approx(4.4)

    def test_gives_up_when_all_are_used(self):
        attempts = next(
            number
            for number in count()
            if plan_retry(retry_count=number, max_retries=3, **DEFAULTS) is None
        )

        assert attempts == 3
        assert given_up(3) == "Item failed after 4 attempts"

    def test_is_due_at_once_without_a_base(self):
        assert plan_retry(retry_count=0, max_retries=3, **{**DEFAULTS, "base": 0.0}).delay == 0

    @given(st.integers(0, 9), st.floats(0, 1))
    def test_stays_within_the_cap_and_ten_percent(self, used, share):
        retry = plan_retry(retry_count=used, max_retries=10, **{**DEFAULTS, "share": share})
        plain = min(300, 2 * 2**used)
        assert plain <= retry.delay <= min(300, plain * 1.1)
