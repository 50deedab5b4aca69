"""Spoiled units, and the spares that take their places.

One event for each case that lost a unit, and one for the units that lay in none: an undo gives back
what one of them took. Its scan items tell which units: `removed` the spoiled ones, `linked` the
spares.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, repeat, zip_longest
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models.query import RawQuerySet

from accounts.models import User
from qrtracking import statements
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    FREE,
    Batch,
    EventKind,
    MasterCode,
    ScanEvent,
    ScanItem,
    ScanOutcome,
    UnitCode,
    UnitStatus,
)
from qrtracking.rules.text import Entry, parse_entries
from qrtracking.services.case_effects import reopen_cases, settle_case
from qrtracking.services.case_locks import HeldCase, hold_cases
from qrtracking.services.named_units import Named, find_units, lock_units
from qrtracking.services.open_batches import enter_open_batch

MAX_UNITS = 5_000
RAW_LENGTH = 500
SPOILABLE = (
    *FREE,
    UnitStatus.PACKED,
    UnitStatus.BUFFER_AVAILABLE,
    UnitStatus.BUFFER_USED,
)


class SpoilOutcome(StrEnum):
    REPLACED = "replaced"
    SPOILED = "spoiled"
    REFUSED = "refused"


@dataclass
class SpoilLine:
    """What became of one named unit; `spare` is the one that replaces it."""

    entry: str
    unit: UnitCode | None = None
    case_id: UUID | None = None
    case_number: int | None = None
    spare: UnitCode | None = None
    # The spare that was asked for, if one was.
    named_spare: UnitCode | None = None
    asked_spare: str = ""
    message: str = ""

    @property
    def outcome(self) -> SpoilOutcome:
        if self.unit is None:
            return SpoilOutcome.REFUSED
        return SpoilOutcome.REPLACED if self.spare else SpoilOutcome.SPOILED

    @property
    def replaces(self) -> int:
        """A spare for a spoiled spare stands for the unit that the first one stood for."""
        unit = self.unit
        return (unit.replaces_sequence_no or unit.sequence_number) if unit else 0


class _Pair(NamedTuple):
    """A named unit and the spare that was named for it; an entry may name nothing."""

    entry: Entry
    unit: Named | None
    spare_entry: Entry | None
    spare: Named | None


@transaction.atomic
def replace_spoiled(
    *, actor: User, batch_id: UUID, spoiled: Sequence[str], spares: Sequence[str] = ()
) -> list[SpoilLine]:
    """Mark units as spoiled; each gets a spare of its variant, the named one or else the next free.

    `spares` stand at the positions of the texts that they are for; an empty one names none. A bad
    entry is refused for itself, a bad or missing spare leaves the unit spoiled and its case short.
    Raises CodesRequired, BatchNotFound, BatchNotReady, OrderLocked and TooManyCodes.
    """
    asked = [
        (parse_entries(text), parse_entries(spare))
        for text, spare in zip_longest(spoiled[:MAX_UNITS], spares[: len(spoiled)], fillvalue="")
    ]
    if len(spoiled) > MAX_UNITS:
        raise packing_errors.TooManyCodes
    if not any(entries for entries, _ in asked):
        raise packing_errors.CodesRequired
    batch = enter_open_batch(actor=actor, batch_id=batch_id)
    pairs = _name_units(batch, asked)
    cases = _hold_cases(batch, pairs)
    own = [one for pair in pairs for one in (pair.unit, pair.spare) if one is not None]
    units = lock_units(one.unit_id for one in own if one.batch_id == batch.pk)
    lines = _read_lines(pairs, units, cases)
    good = [line for line in lines if line.unit is not None]
    if good:
        _choose_spares(batch, good)
        _write(actor, batch, good)
    return lines


def undo_spoiling(event: ScanEvent, held: HeldCase | None, *, actor: User) -> int | None:
    """Make the units of a locked event good again; None when they have moved on since."""
    items = ScanItem.objects.filter(event=event, unit__isnull=False)
    by_outcome = dict(items.values_list("unit", "outcome"))
    units = lock_units(by_outcome)
    spoiled = [pk for pk in units if by_outcome[pk] == ScanOutcome.REMOVED]
    spares = [pk for pk in units if by_outcome[pk] == ScanOutcome.LINKED]
    used = UnitStatus.BUFFER_USED if held else UnitStatus.BUFFER_AVAILABLE
    as_left = all(units[pk].status == UnitStatus.SPOILED for pk in spoiled)
    if not as_left or not all(units[pk].status == used for pk in spares):
        return None
    parameters = {"units": spoiled, "spares": spares, "case": held.case.pk if held else None}
    statements.execute("undo_spoiling", parameters)
    if held:
        settle_case(held.case, actor=actor, order=held.order)
    return len(spoiled)


def _name_units(
    batch: Batch, asked: Sequence[tuple[Sequence[Entry], Sequence[Entry]]]
) -> list[_Pair]:
    """Find all units and spares at once; the spares of a text are for its units in their order."""
    named = find_units(
        organization_id=batch.organization_id,
        batch_id=batch.pk,
        entries=[entry for texts in asked for part in texts for entry in part],
        limit=2 * MAX_UNITS + 1,
    )
    if len(named) > 2 * MAX_UNITS:
        raise packing_errors.TooManyCodes
    found: dict[int, list[Named]] = defaultdict(list)
    for one in named:
        found[one.position].append(one)
    position = count()
    pairs: list[_Pair] = []
    for texts in asked:
        units, spares = (_expand(part, position, found) for part in texts)
        replacing = [*spares, *repeat((None, None), len(units))]
        pairs.extend(_Pair(*unit, *spare) for unit, spare in zip(units, replacing, strict=False))
    return pairs


def _expand(
    entries: Sequence[Entry], position: Iterator[int], found: Mapping[int, Sequence[Named]]
) -> list[tuple[Entry, Named | None]]:
    nothing: Sequence[Named | None] = (None,)
    return [(entry, one) for entry in entries for one in found.get(next(position)) or nothing]


def _hold_cases(batch: Batch, pairs: Iterable[_Pair]) -> dict[UUID, MasterCode]:
    case_ids = {
        pair.unit.case_id
        for pair in pairs
        if pair.unit and pair.unit.case_id and pair.unit.batch_id == batch.pk
    }
    held = hold_cases(organization_id=batch.organization_id, case_ids=case_ids)
    return {case.pk: case for case in held[1]} if held else {}


def _read_lines(
    pairs: Iterable[_Pair], units: dict[UUID, UnitCode], cases: dict[UUID, MasterCode]
) -> list[SpoilLine]:
    lines: dict[object, SpoilLine] = {}
    for pair in pairs:
        unit = units.get(pair.unit.unit_id) if pair.unit else None
        line = SpoilLine(entry=pair.entry.typed)
        line.message = _refusal(pair, unit, cases)
        if unit is not None and not line.message:
            line.unit, line.case_id = unit, unit.master_code_id
            line.case_number = cases[line.case_id].case_number if line.case_id else None
            line.asked_spare = pair.spare_entry.typed if pair.spare_entry else ""
            line.named_spare = units.get(pair.spare.unit_id) if pair.spare else None
        lines.setdefault(unit.pk if unit else pair.entry.key, line)
    return list(lines.values())


def _refusal(pair: _Pair, unit: UnitCode | None, cases: dict[UUID, MasterCode]) -> str:
    if pair.unit is None:
        return f"Unknown code: {pair.entry.typed}."
    if unit is None:
        return "This unit belongs to another order."
    number = f"#{unit.sequence_number}"
    if unit.status == UnitStatus.SPOILED:
        return f"{number} is spoiled already."
    if unit.master_code_id is not None and unit.master_code_id not in cases:
        return f"{number} was packed a moment ago. Scan it again."
    if unit.status not in SPOILABLE:
        return f"{number} is not available ({unit.status})."
    return ""


def _choose_spares(batch: Batch, lines: Sequence[SpoilLine]) -> None:
    """Give each line its spare, or say why it has none."""
    taken = {line.unit.pk for line in lines if line.unit}
    for line in lines:
        if line.asked_spare:
            line.message = _spare_refusal(line, taken)
            line.spare = None if line.message else line.named_spare
            taken.update({line.spare.pk} if line.spare else ())
    waiting = [line for line in lines if not line.asked_spare]
    spares = _lock_free_spares(batch, waiting, taken)
    for line in waiting:
        queue = spares[line.unit.variant_id] if line.unit else []
        line.spare = queue.pop(0) if queue else None
        line.message = "" if line.spare else "No free spare of this variant is left."
    for line in lines:
        line.message = _told(line)


def _spare_refusal(line: SpoilLine, taken: Collection[UUID]) -> str:
    spare, unit = line.named_spare, line.unit
    if spare is None or unit is None:
        return f"Unknown spare: {line.asked_spare}."
    name = f"#{spare.sequence_number}"
    if not spare.is_buffer:
        return f"{name} is not a spare."
    if spare.status != UnitStatus.BUFFER_AVAILABLE or spare.pk in taken:
        return f"Spare {name} is used already."
    if spare.replaces_sequence_no not in (None, line.replaces):
        return f"Spare {name} is kept for #{spare.replaces_sequence_no}."
    return "" if spare.variant_id == unit.variant_id else f"Spare {name} is of another variant."


def _lock_free_spares(
    batch: Batch, lines: Iterable[SpoilLine], taken: Iterable[UUID]
) -> dict[UUID, list[UnitCode]]:
    counts = Counter(line.unit.variant_id for line in lines if line.unit)
    parameters = {
        "batch": batch.pk,
        "variants": list(counts),
        "counts": list(counts.values()),
        "except": list(taken),
    }
    by_variant: dict[UUID, list[UnitCode]] = defaultdict(list)
    spares: RawQuerySet[UnitCode] = UnitCode.objects.raw(statements.load("free_spares"), parameters)
    for spare in spares:
        by_variant[spare.variant_id].append(spare)
    return by_variant


def _told(line: SpoilLine) -> str:
    unit, spare = line.unit, line.spare
    number = f"#{unit.sequence_number}" if unit else ""
    place = f" in Case #{line.case_number}" if line.case_number else ""
    if spare is None:
        return f"{number} is spoiled. {line.message}"
    return f"{number} is spoiled, spare #{spare.sequence_number} replaces it{place}."


def _write(actor: User, batch: Batch, lines: Sequence[SpoilLine]) -> None:
    events = _write_events(actor, batch, lines)
    units = [line.unit for line in lines if line.unit]
    statements.execute("spoil_units", {"units": [unit.pk for unit in units], "actor": actor.pk})
    replaced = [(line, line.spare) for line in lines if line.spare]
    parameters = {
        "organization": batch.organization_id,
        "actor": actor.pk,
        "spares": [spare.pk for _, spare in replaced],
        "replaces": [line.replaces for line, _ in replaced],
        "cases": [line.case_id for line, _ in replaced],
        "events": [events[line.case_id] for line, _ in replaced],
    }
    statements.execute("use_spares", parameters)
    ScanItem.objects.bulk_create(
        ScanItem(
            organization_id=batch.organization_id,
            batch=batch,
            user=actor,
            raw_text=line.entry[:RAW_LENGTH],
            unit=unit,
            outcome=outcome,
            message=line.message,
            event_id=events[line.case_id],
        )
        for line in lines
        for unit, outcome in ((line.unit, ScanOutcome.REMOVED), (line.spare, ScanOutcome.LINKED))
        if unit is not None
    )
    taken: dict[UUID, list[UnitCode]] = defaultdict(list)
    for line in lines:
        if line.unit and line.case_id:
            taken[line.case_id].append(line.unit)
    if taken:
        reopen_cases(taken)


def _write_events(actor: User, batch: Batch, lines: Sequence[SpoilLine]) -> dict[UUID | None, UUID]:
    """The event of each case."""
    counts = Counter(line.case_id for line in lines)
    replaced = {line.case_id for line in lines if line.spare}
    kinds = [EventKind.REPLACE if pk in replaced else EventKind.SPOIL for pk in counts]
    parameters = {
        "organization": batch.organization_id,
        "batch": batch.pk,
        "order": batch.order_id,
        "actor": actor.pk,
        "kinds": [kind.value for kind in kinds],
        "cases": list(counts),
        "counts": list(counts.values()),
    }
    return dict(statements.fetch_all("spoil_events", parameters))
