"""Samples that lie evenly over a range of numbers, so that a big table is judged by a small part."""

from typing import NamedTuple


class Window(NamedTuple):
    """Numbers from `first` to `last`, both inside."""

    first: int
    last: int


def spread_windows(*, highest: int, most: int, width: int) -> list[Window]:
    """Windows over 1..`highest` that hold at most `most` numbers together.

    One window over everything where that is few enough, else as many of `width` as fit.
    """
    if highest <= most:
        return [Window(1, max(highest, 1))]
    count = max(most // width, 1)
    step = highest // count
    return [Window(at * step + 1, at * step + min(width, step)) for at in range(count)]


def scale(parts: list[int], *, total: int) -> list[int]:
    """Blow a sample up to `total`: the largest parts take what rounding leaves."""
    seen = sum(parts)
    if not seen:
        return parts
    scaled = [part * total // seen for part in parts]
    rest = total - sum(scaled)
    largest = sorted(range(len(parts)), key=lambda at: -parts[at])
    for at in largest[:rest]:
        scaled[at] += 1
    return scaled
