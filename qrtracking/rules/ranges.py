"""Numbers written as ranges."""

import re
from collections.abc import Iterable

MAX_CASES = 100_000

_PART = re.compile(r"\s*([0-9]{1,9})\s*(?:-\s*([0-9]{1,9})\s*)?")


def parse_case_numbers(text: str) -> list[int]:
    """Read `1-5,7` into ascending unique numbers; raise ValueError when it is anything else."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise ValueError(f"not a case number or range: {part.strip()!r}")
        first = int(match[1])
        last = int(match[2] or first)
        if not 0 < first <= last or len(numbers) + last - first >= MAX_CASES:
            raise ValueError(f"not a range of cases: {part.strip()!r}")
        numbers.update(range(first, last + 1))
    return sorted(numbers)


def join_ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Join neighbours: 1, 2, 3, 7 give (1, 3) and (7, 7)."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def case_ranges_text(numbers: Iterable[int]) -> str:
    """Write case numbers for people: `#1-#5, #7`; empty for none."""
    return ", ".join(
        f"#{first}" if first == last else f"#{first}-#{last}"
        for first, last in join_ranges(numbers)
    )
