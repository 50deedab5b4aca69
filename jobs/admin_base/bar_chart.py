"""Bars as numbers for an SVG: no library, no script, nothing inline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 960, 170
TOP, BOTTOM, LEFT = 12, 24, 64
GAP = 4
# More labels than these would run into each other.
MOST_LABELS = 8


@dataclass(frozen=True)
class Piece:
    """A rectangle of a bar; `kind` is its class in the picture."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    # Stacked, the lowest first.
    pieces: tuple[Piece, ...]
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


class Column(NamedTuple):
    """What a bar shows: a count of each kind, words for it, and what stands below it."""

    counts: Mapping[str, int]
    title: str
    label: str


def draw_bars(columns: Sequence[Column]) -> BarChart:
    """One bar for each column, in their order; not every label is drawn."""
    highest = max((sum(column.counts.values()) for column in columns), default=0)
    scale = (HEIGHT - TOP - BOTTOM) / max(highest, 1)
    slot = (WIDTH - LEFT) / max(len(columns), 1)
    every = -(-len(columns) // MOST_LABELS) or 1
    bars = [
        Bar(
            x=round(LEFT + at * slot + GAP / 2, 1),
            width=round(slot - GAP, 1),
            pieces=tuple(_stack(column.counts, scale)),
            title=column.title,
            label=column.label if at % every == 0 else "",
        )
        for at, column in enumerate(columns)
    ]
    return BarChart(bars, highest, f"{highest:,}")


def _stack(counts: Mapping[str, int], scale: float) -> Iterator[Piece]:
    top = float(HEIGHT - BOTTOM)
    for kind, count in counts.items():
        height = round(count * scale, 1)
        top = round(top - height, 1)
        yield Piece(kind, top, height)
