"""The ways to pack a batch, and the one that fits what is left of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

# From so many units on, scanning each of them takes longer than naming the few that are left out.
SCANNED_BELOW = 100


class Mode(StrEnum):
    PACK = "pack"
    REST_NOW = "rest-now"
    REST = "rest"
    PERFECT = "perfect"
    PLAN = "plan"


@dataclass(frozen=True)
class Situation:
    """What is known of a batch that may be packed."""

    units_left: int
    # Units that a job has prepared wait for their cases.
    is_queue_filled: bool = False
    # A packing plan was checked and packs something, but nobody has applied it.
    is_plan_checked: bool = False
    # The last case that was packed and not undone was a perfect one.
    is_perfect_in_use: bool = False
    damaged_units: int = 0


class Recommendation(NamedTuple):
    mode: Mode
    reason: str


def recommend(situation: Situation, *, inline_limit: int) -> Recommendation | None:
    """The fitting mode and why; None when nothing is left. What was begun is finished first."""
    if situation.units_left <= 0:
        return None
    return _begun(situation) or _by_size(situation.units_left, inline_limit)


def _begun(situation: Situation) -> Recommendation | None:
    if situation.is_plan_checked:
        return Recommendation(Mode.PLAN, "A checked packing plan waits to be applied.")
    if situation.is_queue_filled:
        return Recommendation(Mode.REST, "Prepared units wait for their cases.")
    if situation.is_perfect_in_use and not situation.damaged_units:
        return Recommendation(Mode.PERFECT, "The last cases were perfect, and no unit is spoiled.")
    return None


def _by_size(left: int, inline_limit: int) -> Recommendation:
    words = f"{left:,} {'unit is' if left == 1 else 'units are'} left"
    if left < SCANNED_BELOW:
        return Recommendation(Mode.PACK, f"{words}: few enough to scan each of them.")
    if left <= inline_limit:
        return Recommendation(Mode.REST_NOW, f"{words}: they are prepared while you wait.")
    return Recommendation(Mode.REST, f"{words}: they are prepared while you go on working.")
