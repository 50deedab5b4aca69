"""Progress numbers: integers, rounded half up from exact ratios."""

from fractions import Fraction
from math import floor
from typing import NamedTuple

CLAIMED = 5
RESOLVED = 10
COUNTED = 30
PREPARED = 90
_PREPARE_SPAN = PREPARED - COUNTED


class BatchProgress(NamedTuple):
    master: int
    unique: int
    overall: int
    is_complete: bool


def percentage(part: int, whole: int) -> int:
    """Give 0..100; nothing of nothing is 0."""
    return _half_up(_ratio(part, whole) * 100)


def batch_progress(
    *, packed_cases: int, cases: int, packed_units: int, planned_units: int
) -> BatchProgress:
    """Percentages of cases, of units (capped at the plan) and the mean of the two unrounded."""
    master, unique = _ratio(packed_cases, cases), _ratio(packed_units, planned_units)
    return BatchProgress(
        master=_half_up(master * 100),
        unique=_half_up(unique * 100),
        overall=_half_up((master + unique) * 50),
        is_complete=0 < cases <= packed_cases and packed_units >= planned_units,
    )


def prepare_progress(done: int, total: int) -> int:
    """Progress of a job after `done` of `total` sequence numbers of its batch: 30 to 90."""
    return PREPARED if done >= total else COUNTED + _PREPARE_SPAN * done // total


def _ratio(part: int, whole: int) -> Fraction:
    return min(Fraction(max(part, 0), whole), Fraction(1)) if whole > 0 else Fraction(0)


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))
