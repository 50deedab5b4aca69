from typing import Any

import httpx
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import DomainError
from jobs.errors import TemporaryFailure
from jobs.retry import (
    BACKOFF_CAP_SECONDS,
    JITTER,
    FailureKind,
    GiveUp,
    Retry,
    backoff_seconds,
    classify,
    decide,
    describe,
    fingerprint,
)

SECRET = "password=hunter2"
spreads = st.floats(min_value=-1, max_value=1)
attempts = st.integers(min_value=1, max_value=32_767)
# Any number of failures, also those far beyond what a small column could count.
limited_kinds = st.sampled_from([FailureKind.UNKNOWN, FailureKind.TRANSIENT])


class Refused(DomainError):
    """The order was refused."""

    code = "order_refused"


class HttpError(Exception):
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


def database_error(sqlstate: str | None) -> OperationalError:
    error = OperationalError("from the server")
    error.__cause__ = HttpError(sqlstate=sqlstate)
    return error


def http_status_error(status: int) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", "http://provider.test/")
    return httpx.HTTPStatusError(
        "no", request=request, response=httpx.Response(status, request=request)
    )


class TestBackoffSeconds:
    def test_starts_at_a_second_and_doubles(self) -> None:
        assert [backoff_seconds(n) for n in range(1, 6)] == [1, 2, 4, 8, 16]

    @given(attempts)
    def test_never_shrinks_from_one_failure_to_the_next(self, attempt: int) -> None:
        assert backoff_seconds(attempt) <= backoff_seconds(attempt + 1)

    @given(attempts, spreads)
    def test_is_capped_and_spread_by_a_fifth_at_most(self, attempt: int, spread: float) -> None:
        seconds = backoff_seconds(attempt, spread=spread)

        middle = backoff_seconds(attempt)
        assert middle <= BACKOFF_CAP_SECONDS
        assert middle * (1 - JITTER) <= seconds <= middle * (1 + JITTER)


class TestDecide:
    @given(attempts, st.booleans())
    def test_gives_up_on_a_permanent_failure_at_once(self, failures: int, limit: bool) -> None:
        decision = decide(
            FailureKind.PERMANENT, failures=failures, max_attempts=1_000, limit_transient=limit
        )

        assert decision == GiveUp()

    @given(attempts, attempts, spreads)
    def test_retries_a_transient_failure_without_end(
        self, failures: int, max_attempts: int, spread: float
    ) -> None:
        decision = decide(
            FailureKind.TRANSIENT,
            failures=failures,
            max_attempts=max_attempts,
            limit_transient=False,
            spread=spread,
        )

        assert decision == Retry(backoff_seconds(failures, spread=spread))

    @given(limited_kinds, attempts, attempts)
    def test_gives_up_exactly_from_the_last_attempt_on(
        self, kind: FailureKind, failures: int, max_attempts: int
    ) -> None:
        decision = decide(
            kind, failures=failures, max_attempts=max_attempts, limit_transient=True, spread=0
        )

        assert isinstance(decision, GiveUp) is (failures >= max_attempts)

    def test_spreads_retries_when_nobody_says_how(self) -> None:
        waits = {
            decide(FailureKind.UNKNOWN, failures=1, max_attempts=3, limit_transient=False)
            for _ in range(20)
        }

        assert len(waits) > 1


class TestClassify:
    @pytest.mark.parametrize(
        "error", [Refused(), ValidationError("bad")], ids=["domain", "validation"]
    )
    def test_takes_an_expected_failure_as_permanent(self, error: Exception) -> None:
        assert classify(error) is FailureKind.PERMANENT

    @pytest.mark.parametrize(
        "error",
        [
            TemporaryFailure(),
            TimeoutError(),
            ConnectionResetError(),
            InterfaceError("connection already closed"),
            OperationalError("server closed the connection unexpectedly"),
            *(
                database_error(code)
                for code in ("40001", "40P01", "55P03", "57014", "57P01", "08006", "53300")
            ),
            database_error(None),
            *(http_status_error(status) for status in (408, 429, 500, 502, 503, 504)),
            HttpError(status_code=503),
            HttpError(status=429),
        ],
        ids=repr,
    )
    def test_takes_what_passes_by_itself_as_transient(self, error: Exception) -> None:
        assert classify(error) is FailureKind.TRANSIENT

    @pytest.mark.parametrize(
        "error",
        [
            KeyError("a bug"),
            IntegrityError("duplicate key"),
            database_error("22003"),
            http_status_error(404),
            HttpError(status="503"),
        ],
        ids=repr,
    )
    def test_takes_anything_else_as_unknown(self, error: Exception) -> None:
        assert classify(error) is FailureKind.UNKNOWN


class TestDescribe:
    def test_shows_the_code_and_text_of_an_expected_failure(self) -> None:
        assert describe(Refused()) == ("order_refused", "The order was refused.")

    def test_shows_the_text_of_a_temporary_failure_that_has_one(self) -> None:
        assert describe(TemporaryFailure("The printer is silent.")) == (
            "temporary_failure",
            "The printer is silent.",
        )

    def test_joins_the_messages_of_a_validation_error(self) -> None:
        assert describe(ValidationError(["No name.", "No price."])) == (
            "validation_error",
            "No name.; No price.",
        )

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (OperationalError(SECRET), "temporary_failure"),
            (KeyError(SECRET), "internal_error"),
        ],
        ids=["transient", "unknown"],
    )
    def test_never_shows_the_text_of_an_unexpected_failure(
        self, error: Exception, code: str
    ) -> None:
        found, message = describe(error)

        assert found == code
        assert SECRET not in message


class TestFingerprint:
    def raised(self, function: Any) -> Exception:
        try:
            function()
        except Exception as error:  # noqa: BLE001 (whatever it raises is the subject)
            return error
        raise AssertionError("nothing was raised")

    def missing_key(self) -> None:
        raise KeyError(SECRET)

    def other_missing_key(self) -> None:
        raise KeyError("another text")

    def wrong_value(self) -> None:
        raise ValueError(SECRET)

    def test_is_the_same_for_the_same_place_and_type(self) -> None:
        marks = {fingerprint(self.raised(self.missing_key)) for _ in range(2)}

        assert len(marks) == 1
        assert len(marks.pop()) == 16

    def test_differs_by_place_and_by_type(self) -> None:
        functions = (self.missing_key, self.other_missing_key, self.wrong_value)

        assert len({fingerprint(self.raised(function)) for function in functions}) == 3

    def test_copes_with_an_error_that_was_never_raised(self) -> None:
        assert len(fingerprint(KeyError())) == 16
