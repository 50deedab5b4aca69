"""Rows of a packing plan: `master,unit,unit,...`, read by the one normaliser."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from qrtracking.rules.text import (
    CaseEntry,
    Entry,
    EntryKind,
    clean,
    parse_case_entry,
    parse_entries,
)

LONGEST_TEXT = 500


class PlanUnit(NamedTuple):
    """One unit of a row as it was written, and the entry that names it or nothing."""

    raw: str
    entry: Entry


@dataclass(frozen=True)
class PlanRow:
    """What one line of a plan names: a case, if it can be one, and units."""

    row_no: int
    raw_master: str
    case: CaseEntry | None
    entries: tuple[Entry, ...]

    @property
    def unit_count(self) -> int:
        """Without making them: a range may stand for a hundred thousand."""
        return sum(map(_count, self.entries))

    def units(self) -> Iterator[PlanUnit]:
        """Each unit of a range by itself, so that one that is missing costs only itself."""
        return chain.from_iterable(map(_units, self.entries))


def parse_row(row_no: int, cells: Sequence[str]) -> PlanRow | None:
    """Read one line; None when nothing is written in it.

    The case comes first: a label, `CASE:7` or a bare number. Units may follow in the same cell.
    """
    first = cells[0] if cells else ""
    case = parse_case_entry(first, bare_numbers=True)
    beside = () if case else parse_entries(first)
    units = parse_entries(cells[1:])
    if case is None and not beside and not units:
        return None
    master = beside[0].typed if beside else " ".join(clean(first).split())
    if beside:
        case = parse_case_entry(master, bare_numbers=True)
    named = {entry.key: entry for entry in (*beside[1:], *units)}
    return PlanRow(row_no, shorten(master), case, tuple(map(_bounded, named.values())))


def shorten(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _bounded(entry: Entry) -> Entry:
    """A text that no label can have is not looked for."""
    if len(entry.typed) <= LONGEST_TEXT:
        return entry
    return Entry(EntryKind.NOT_FOUND, shorten(entry.typed), "")


def _count(entry: Entry) -> int:
    return entry.last - entry.first + 1 if entry.kind is EntryKind.RANGE else 1


def _units(entry: Entry) -> Iterator[PlanUnit]:
    if entry.kind is not EntryKind.RANGE:
        yield PlanUnit(entry.typed, entry)
        return
    for number in range(entry.first, entry.last + 1):
        text = str(number)
        unit = Entry(EntryKind.SEQUENCE, text, text, number, number)
        yield PlanUnit(f"{text} of {entry.typed}", unit)
