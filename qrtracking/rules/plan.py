"""Which units, spares and cases a batch gets.

A plan holds a few records per order item, whatever the number of units, and gives any slice of
units or cases on demand.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

MIXED_CASE_LIMIT = 200


class PlanItem(NamedTuple):
    """One order item; `variant` is whatever the caller knows the variant by."""

    variant: object
    quantity: int
    units_per_case: int | None = None


class Segment(NamedTuple):
    """Consecutive units of one variant."""

    first: int
    last: int
    variant: object
    is_spare: bool


class CaseRun(NamedTuple):
    """Consecutive cases of one size over the units first..last; only the last may be short."""

    first_case: int
    size: int
    first: int
    last: int

    @property
    def case_count(self) -> int:
        return -(-(self.last - self.first + 1) // self.size)

    def case_of(self, sequence: int) -> int:
        return self.first_case + (sequence - self.first) // self.size

    def range_of(self, case_number: int) -> tuple[int, int]:
        first = self.first + (case_number - self.first_case) * self.size
        return first, min(first + self.size - 1, self.last)


class PlannedCase(NamedTuple):
    """A case and its units first..last; `variant` is None where it holds several."""

    number: int
    first: int
    last: int
    variant: object | None

    @property
    def unit_count(self) -> int:
        return self.last - self.first + 1

    @property
    def is_mixed(self) -> bool:
        return self.variant is None


class Block(NamedTuple):
    """Consecutive units of one variant and one case; spares have no case."""

    first: int
    last: int
    variant: object
    case_number: int | None

    @property
    def is_spare(self) -> bool:
        return self.case_number is None


class BatchPlan(NamedTuple):
    base_count: int
    spare_count: int
    case_count: int
    segments: tuple[Segment, ...]
    runs: tuple[CaseRun, ...]

    @property
    def unit_count(self) -> int:
        """Units and spares."""
        return self.base_count + self.spare_count

    def cases(self, first_case: int, last_case: int) -> Iterator[PlannedCase]:
        """Give the cases of a slice of case numbers, both ends included."""
        for number in range(max(first_case, 1), min(last_case, self.case_count) + 1):
            first, last = self._run_of_case(number).range_of(number)
            variants = {segment.variant for segment in self._segments(first, last)}
            yield PlannedCase(number, first, last, variants.pop() if len(variants) == 1 else None)

    def blocks(self, first: int, last: int) -> Iterator[Block]:
        """Give the units of a slice of sequence numbers, both ends included."""
        for segment in self._segments(first, last):
            start, end = max(segment.first, first), min(segment.last, last)
            if segment.is_spare:
                yield Block(start, end, segment.variant, None)
            else:
                yield from self._planned_blocks(start, end, segment.variant)

    def _planned_blocks(self, first: int, last: int, variant: object) -> Iterator[Block]:
        while first <= last:
            run = self.runs[bisect_right(self.runs, first, key=_first) - 1]
            number = run.case_of(first)
            end = min(run.range_of(number)[1], last)
            yield Block(first, end, variant, number)
            first = end + 1

    def _segments(self, first: int, last: int) -> Sequence[Segment]:
        start = max(bisect_right(self.segments, first, key=_first) - 1, 0)
        return self.segments[start : bisect_right(self.segments, last, key=_first)]

    def _run_of_case(self, number: int) -> CaseRun:
        return self.runs[bisect_right(self.runs, number, key=lambda run: run.first_case) - 1]


def plan_batch(
    items: Sequence[PlanItem],
    *,
    units_per_case: int,
    percent: Decimal,
    use_item_case_sizes: bool = False,
) -> BatchPlan:
    """Number the units 1..base in item order, put them into cases, then number the spares.

    Raises ValueError for an empty order, quantities or case sizes below 1, or a percentage
    outside 0..100.
    """
    _check(items, units_per_case, percent)
    base = sum(item.quantity for item in items)
    sizes = [_case_size(item, units_per_case) for item in items]
    if use_item_case_sizes:
        segments, runs = _cases_by_item(items, sizes)
    else:
        segments = _consecutive([(i.variant, i.quantity) for i in items], start=1, spare=False)
        runs = [CaseRun(1, units_per_case, 1, base)]
    shares = spare_shares([item.quantity for item in items], percent)
    spares = [(item.variant, share) for item, share in zip(items, shares, strict=True)]
    segments += _consecutive(spares, start=base + 1, spare=True)
    case_count = sum(run.case_count for run in runs)
    return BatchPlan(base, sum(shares), case_count, tuple(segments), tuple(runs))


def spare_shares(quantities: Sequence[int], percent: Decimal) -> list[int]:
    """Share floor(base * percent / 100) spares by quantity; what is left goes to the first item."""
    base = sum(quantities)
    numerator, denominator = percent.as_integer_ratio()
    spares = base * numerator // (100 * denominator)
    shares = [quantity * spares // base for quantity in quantities]
    shares[0] += spares - sum(shares)
    return shares


def _check(items: Sequence[PlanItem], units_per_case: int, percent: Decimal) -> None:
    if not items or any(item.quantity < 1 for item in items):
        raise ValueError("an order needs items with a quantity of at least 1")
    if any(_case_size(item, units_per_case) < 1 for item in items) or units_per_case < 1:
        raise ValueError("a case holds at least 1 unit")
    if not 0 <= percent <= 100:
        raise ValueError("spares are 0 to 100 percent")


def _case_size(item: PlanItem, units_per_case: int) -> int:
    return units_per_case if item.units_per_case is None else item.units_per_case


def _cases_by_item(
    items: Sequence[PlanItem], sizes: Sequence[int]
) -> tuple[list[Segment], list[CaseRun]]:
    full = [item.quantity - item.quantity % size for item, size in zip(items, sizes, strict=True)]
    units = [(item.variant, count) for item, count in zip(items, full, strict=True)]
    rest = [(item.variant, item.quantity - n) for item, n in zip(items, full, strict=True)]
    mixed = (MIXED_CASE_LIMIT, sum(count for _, count in rest))
    runs: list[CaseRun] = []
    case, first = 1, 1
    for size, count in [*zip(sizes, full, strict=True), mixed]:
        if count:
            runs.append(CaseRun(case, size, first, first + count - 1))
            case, first = case + runs[-1].case_count, first + count
    return _consecutive(units + rest, start=1, spare=False), runs


def _consecutive(counts: Sequence[tuple[object, int]], *, start: int, spare: bool) -> list[Segment]:
    segments = []
    for variant, count in counts:
        if count:
            segments.append(Segment(start, start + count - 1, variant, spare))
            start += count
    return segments


def _first(part: Segment | CaseRun) -> int:
    return part.first
