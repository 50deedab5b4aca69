"""Does it work? Two fields, many spellings; whole words only."""

from dataclasses import dataclass
from typing import Any

from inventory.rules.blanks import is_blank
from inventory.rules.refusals import Note

YES, NO, PENDING = "YES", "NO", "PENDING"
_YES_WORDS = frozenset({"YES", "Y", "TRUE", "1", "PASS", "PASSED", "GOOD", "FULLY FUNCTIONAL"})
_NO_WORDS = frozenset({"NO", "N", "FALSE", "0", "FAIL", "FAILED", "BAD"})
_RESULTS = {YES: "PASSED", NO: "FAILED", PENDING: "PENDING"}


@dataclass(frozen=True)
class Working:
    """`is_given` is false when nothing was decided: a stored status then stays.

    `clears_defects`: the phone was said to have none.
    """

    status: str
    defects: str | None
    is_given: bool
    note: Note | None = None
    clears_defects: bool = False

    @property
    def test_result(self) -> str:
        return result_of(self.status)


def result_of(status: str) -> str:
    return _RESULTS[status]


def token_of(value: Any) -> bool | None:
    """True for a word (or JSON value) that says yes, False for one that says no."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in {0, 1}:
        return bool(value)
    if not isinstance(value, str):
        return None
    word = " ".join(value.split()).upper()
    if word in _YES_WORDS:
        return True
    return False if word in _NO_WORDS else None


def read_working(working: Any, failed: Any) -> Working:
    """Judge the values of the chains `working` and `failed`; None stands for absent."""
    works, fails = token_of(working), token_of(failed)
    defects = _defects(failed)
    if works is False:
        return Working(NO, defects, is_given=True, clears_defects=fails is False)
    if works is True:
        if fails is True:
            note = Note("working_failed_conflict", "Both working and failed say yes: failed counts")
            return Working(NO, defects, is_given=True, note=note)
        return Working(YES, defects, is_given=True, clears_defects=True)
    if fails is True or defects is not None:
        return Working(NO, defects, is_given=True)
    return Working(PENDING, None, is_given=False)


def _defects(failed: Any) -> str | None:
    """A `failed` that is neither a token nor blank names what is broken."""
    if token_of(failed) is not None or is_blank(failed) or not isinstance(failed, str):
        return None
    return failed.strip()
