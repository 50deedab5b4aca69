"""What happens after a failure: a pure decision on plain values."""

import hashlib
import random
import traceback
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError

from accounts.errors import DomainError
from jobs.errors import TemporaryFailure

BACKOFF_CAP_SECONDS = 300
JITTER = 0.2
MAX_CRASHES = 3
INTERNAL_ERROR = "internal_error"
POISON = "poison"

# Serialization failure, deadlock, lock timeout, statement timeout; the rest of the classes
# below: https://www.postgresql.org/docs/current/errcodes-appendix.html
_TRANSIENT_SQLSTATES = {"40001", "40P01", "55P03", "57014"}
_TRANSIENT_SQLSTATE_CLASSES = ("08", "57P", "53")
_TRANSIENT_HTTP_STATUS = {408, 429}


class FailureKind(Enum):
    PERMANENT = "permanent"
    TRANSIENT = "transient"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Retry:
    after_seconds: float


@dataclass(frozen=True)
class GiveUp:
    pass


def backoff_seconds(attempt: int, *, spread: float = 0.0) -> float:
    """Seconds before the try after failure number `attempt` (from 1); spread from -1 to 1."""
    base = min(2.0 ** min(attempt - 1, 30), BACKOFF_CAP_SECONDS)
    return base * (1 + JITTER * spread)


def decide(
    kind: FailureKind,
    *,
    failures: int,
    max_attempts: int,
    limit_transient: bool,
    spread: float | None = None,
) -> Retry | GiveUp:
    """Decide on a job that has now failed `failures` times in a row.

    Transient failures are retried without end unless `limit_transient`: a database that is away
    for an hour must not fail every job.
    """
    limited = kind is FailureKind.UNKNOWN or (kind is FailureKind.TRANSIENT and limit_transient)
    if kind is FailureKind.PERMANENT or (limited and failures >= max_attempts):
        return GiveUp()
    if spread is None:
        spread = random.uniform(-1, 1)  # noqa: S311 (spreads retries, guards nothing)
    return Retry(backoff_seconds(failures, spread=spread))


def classify(error: BaseException) -> FailureKind:
    if isinstance(error, TemporaryFailure):
        return FailureKind.TRANSIENT
    if isinstance(error, DomainError | ValidationError):
        return FailureKind.PERMANENT
    if _is_transient(error):
        return FailureKind.TRANSIENT
    return FailureKind.UNKNOWN


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, TimeoutError | ConnectionError | InterfaceError):
        return True
    if isinstance(error, OperationalError):
        return _is_transient_sqlstate(error)
    status = _http_status(error)
    return status is not None and (status in _TRANSIENT_HTTP_STATUS or status >= 500)


def _is_transient_sqlstate(error: OperationalError) -> bool:
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    # Without a code the server never answered: the connection is gone.
    if sqlstate is None:
        return True
    return sqlstate in _TRANSIENT_SQLSTATES or sqlstate.startswith(_TRANSIENT_SQLSTATE_CLASSES)


def _http_status(error: BaseException) -> int | None:
    """The status that HTTP clients attach to their exceptions, whatever the library."""
    response = getattr(error, "response", None)
    for holder, name in ((response, "status_code"), (error, "status_code"), (error, "status")):
        value = getattr(holder, name, None)
        if isinstance(value, int):
            return value
    return None


def describe(error: BaseException) -> tuple[str, str]:
    """Code and message for people; an unexpected error never shows its own text."""
    if isinstance(error, DomainError):
        return error.code, str(error)
    if isinstance(error, ValidationError):
        return "validation_error", "; ".join(error.messages)
    if classify(error) is FailureKind.TRANSIENT:
        return "temporary_failure", "A service that this job needs did not answer."
    return INTERNAL_ERROR, "An unexpected error stopped this job. The log has the details."


def fingerprint(error: BaseException) -> str:
    """The same for the same failure at the same place, to group failures; 16 hex digits."""
    frames = traceback.extract_tb(error.__traceback__)
    place = "|".join(f"{Path(frame.filename).name}:{frame.name}" for frame in frames[-5:])
    text = f"{type(error).__qualname__}|{place}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
