"""Bars as numbers for an SVG: no library, no script, nothing inline."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 170
TOP, BOTTOM, LEFT = 12, 24, 64
GAP = 4
# More labels than these would run into each other.
MOST_LABELS = 8


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str
    label: str


@dataclass(frozen=True)
class BarChart:
    bars: list[Bar]
    highest: int
    highest_text: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    baseline: int = HEIGHT - BOTTOM


def draw_bars(values: Sequence[tuple[int, str, str]]) -> BarChart:
    """One bar for each (value, title, label), in their order; not every label is drawn."""
    highest = max((value for value, _, _ in values), default=0)
    scale = (HEIGHT - TOP - BOTTOM) / max(highest, 1)
    slot = (WIDTH - LEFT) / max(len(values), 1)
    every = -(-len(values) // MOST_LABELS) or 1
    bars = [
        Bar(
            x=round(LEFT + at * slot + GAP / 2, 1),
            y=round(HEIGHT - BOTTOM - value * scale, 1),
            width=round(slot - GAP, 1),
            height=round(value * scale, 1),
            title=title,
            label=label if at % every == 0 else "",
        )
        for at, (value, title, label) in enumerate(values)
    ]
    return BarChart(bars, highest, f"{highest:,}")
