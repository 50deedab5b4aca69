"""TACs from a file: what staff or their supplier knows of phones that nobody has taken in yet."""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from inventory.errors import TacFileInvalid
from inventory.models import TacModel
from inventory.selectors.devices import TAC_DIGITS
from inventory.services.learning import suggest_models
from tables.cells import legal_text
from tables.reading import read_table

COLUMNS = ("tac", "brand", "model")
CHUNK = 1_000
LONGEST = 100


def import_tacs(*, organization_id: UUID, file: BinaryIO) -> int:
    """Take TACs from a table with the columns tac, brand and model; they count as confirmed.

    All or nothing. Returns how many. Raises TacFileInvalid with the line, and what reading tables
    raises.
    """
    rows = {row.tac: row for row in _rows(organization_id, read_table(file))}
    with transaction.atomic():
        TacModel.objects.bulk_create(
            rows.values(),
            batch_size=CHUNK,
            update_conflicts=True,
            unique_fields=["organization", "tac"],
            update_fields=["brand", "model", "confirmed", "updated_at"],
        )
    suggest_models(organization_id=organization_id)
    return len(rows)


def _rows(organization_id: UUID, lines: Iterable[Sequence[str]]) -> Iterator[TacModel]:
    places: list[int] | None = None
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if places is None:
            places = _places_of_columns(cells)
            continue
        values = [cells[place] if place < len(cells) else "" for place in places]
        yield _row(organization_id, values, number)
    if places is None:
        raise TacFileInvalid


def _places_of_columns(header: Sequence[str]) -> list[int]:
    names = [name.casefold() for name in header]
    if not set(COLUMNS) <= set(names):
        raise TacFileInvalid
    return [names.index(column) for column in COLUMNS]


def _row(organization_id: UUID, values: Sequence[str], number: int) -> TacModel:
    tac, brand, model = values
    is_tac = len(tac) == TAC_DIGITS and tac.isascii() and tac.isdigit()
    if not (is_tac and _is_name(brand) and _is_name(model)):
        raise TacFileInvalid(f"Line {number}: a TAC has 8 digits, brand and model 1 to 100 letters")
    return TacModel(
        organization_id=organization_id, tac=tac, brand=brand, model=model, confirmed=True
    )


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST and legal_text(text) == text
