"""Bars of jobs per hour as numbers for an SVG: no library, no script, nothing inline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 960, 170
TOP, BOTTOM, LEFT = 12, 24, 48
GAP = 4
LABEL_EVERY = 4


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    done_y: float
    done_height: float
    failed_y: float
    failed_height: float
    title: str
    label: str


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    highest: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    baseline: int = HEIGHT - BOTTOM


def draw_chart(*, done: Sequence[int], failed: Sequence[int], now: datetime) -> Chart:
    """Stacked bars, the oldest hour on the left; index 0 of the counts is the hour that ends now."""
    hours = len(done)
    highest = max((d + f for d, f in zip(done, failed, strict=True)), default=0)
    slot = (WIDTH - LEFT) / max(hours, 1)
    bars = [
        _bar(
            x=LEFT + (hours - 1 - ago) * slot,
            slot=slot,
            done=done[ago],
            failed=failed[ago],
            highest=highest,
            start=now - timedelta(hours=ago + 1),
            is_labelled=ago % LABEL_EVERY == 0,
        )
        for ago in reversed(range(hours))
    ]
    return Chart(bars, highest)


def _bar(
    *,
    x: float,
    slot: float,
    done: int,
    failed: int,
    highest: int,
    start: datetime,
    is_labelled: bool,
) -> Bar:
    scale = (HEIGHT - TOP - BOTTOM) / max(highest, 1)
    base = HEIGHT - BOTTOM
    done_height, failed_height = round(done * scale, 1), round(failed * scale, 1)
    end = start + timedelta(hours=1)
    return Bar(
        x=round(x + GAP / 2, 1),
        width=round(slot - GAP, 1),
        done_y=round(base - done_height, 1),
        done_height=done_height,
        failed_y=round(base - done_height - failed_height, 1),
        failed_height=failed_height,
        title=f"{start:%H:%M} to {end:%H:%M}: {done} done, {failed} failed",
        label=f"{start:%H:%M}" if is_labelled else "",
    )
