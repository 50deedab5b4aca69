"""When a failed item is tried again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Retry:
    retry_count: int
    # Seconds until then; 0: due at once.
    delay: float
    message: str


def plan_retry(
    *,
    retry_count: int,
    max_retries: int,
    base: float,
    cap: float,
    jitter: float,
    share: float,
) -> Retry | None:
    """The next attempt after a retryable error, or None when all are used.

    `share` is a random number from 0 to 1: it spreads the delay over 1 to 1 + jitter.
    """
    if retry_count >= max_retries:
        return None
    number = retry_count + 1
    delay = min(cap, base * 2 ** (number - 1))
    spread = min(cap, delay * (1 + jitter * share))
    return Retry(number, spread, f"Retry {number}/{max_retries} in {delay:g} s")


def given_up(max_retries: int) -> str:
    return f"Item failed after {max_retries + 1} attempts"
