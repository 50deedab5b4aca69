"""The units that scanned, typed or pasted texts name, found and locked by two statements."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from qrtracking import statements
from qrtracking.models import UnitCode, UnitStatus
from qrtracking.rules.buckets import Scanned
from qrtracking.rules.text import Entry, as_columns


class Named(NamedTuple):
    """A unit that an entry names, as it was before anything is locked."""

    position: int
    unit_id: UUID
    code: str
    batch_id: UUID
    case_id: UUID | None


def find_units(
    *, organization_id: UUID, batch_id: UUID | None, entries: Sequence[Entry], limit: int
) -> list[Named]:
    """In the order of the entries; numbers and ranges name units of the batch.

    Each unit appears for every entry that names it, but no more than `limit` in all.
    """
    parameters = {
        "organization": organization_id,
        "batch": batch_id,
        **as_columns(entries),
        "limit": limit,
    }
    return [Named(*row) for row in statements.fetch_all("resolve_units", parameters)]


def lock_units(unit_ids: Iterable[UUID]) -> dict[UUID, UnitCode]:
    """Lock units, always in the same sequence, and read what they are now."""
    units = UnitCode.objects.filter(pk__in=list(unit_ids)).order_by("pk")
    return {unit.pk: unit for unit in units.select_for_update(no_key=True)}


def scanned_of_unit(unit: UnitCode) -> Scanned:
    return Scanned(
        code=unit.code,
        unit_id=unit.pk,
        batch_id=unit.batch_id,
        is_packed=unit.master_code_id is not None,
        is_free=unit.is_free or unit.status == UnitStatus.BUFFER_AVAILABLE,
        is_spare=unit.is_buffer,
        variant_id=unit.variant_id,
        sequence=unit.sequence_number,
        planned_case=unit.planned_case_number,
    )


def read_scanned(
    *, batch_id: UUID, entries: Sequence[Entry], named: Sequence[Named]
) -> list[Scanned]:
    """Each unit and each unknown entry once, in the order given; the batch's units are locked."""
    locked = lock_units({row.unit_id for row in named if row.batch_id == batch_id})
    known: dict[int, list[Named]] = {}
    for row in named:
        known.setdefault(row.position, []).append(row)
    scanned: dict[object, Scanned] = {}
    for position, entry in enumerate(entries):
        if position not in known:
            scanned[entry.key] = Scanned(code=entry.typed)
        for row in known.get(position, ()):
            scanned.setdefault(row.unit_id, _scanned(row, locked.get(row.unit_id)))
    return list(scanned.values())


def _scanned(row: Named, unit: UnitCode | None) -> Scanned:
    if unit is not None:
        return scanned_of_unit(unit)
    return Scanned(
        code=row.code,
        unit_id=row.unit_id,
        batch_id=row.batch_id,
        is_packed=row.case_id is not None,
    )
