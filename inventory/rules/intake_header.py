"""Where the phones of a sheet begin, and what its columns are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from inventory.rules.fields import FIELDS, fold_key
from inventory.rules.imei import ImeiReading, read_imei
from inventory.rules.refusals import ItemRefused

# Texts of CSV; workbooks have numbers and truths too. A cell in which nothing is written is None.
Cell = str | int | float | bool | None
CellRow = Sequence[Cell]

HEADER_ROWS = 10
# What can be known of a sheet from its first rows.
SAMPLE_ROWS = 200
_ENOUGH_PERCENT = 80
_IMEI_KEYS = frozenset(FIELDS["imei"].keys)
# An IMEI all the same, that a spreadsheet has spoiled.
_SPOILED = frozenset({"imei_scientific", "imei_number_ambiguous"})
_SAMPLES = 3
_SHOWN = 60


@dataclass(frozen=True)
class Header:
    """`row_no` is that of the header's row, from 1; 0 when the first row is a phone already.

    Names are all different, and none is empty.
    """

    row_no: int
    names: tuple[str, ...]


def find_header(rows: Sequence[CellRow]) -> Header | None:
    """The header of a sheet by its first `SAMPLE_ROWS` rows; None when a person has to say.

    It is the first of ten rows with a name of the IMEI. Without one, a column in which nearly every
    cell looks like an IMEI makes a sheet without header.
    """
    for row_no, row in enumerate(rows[:HEADER_ROWS], 1):
        if any(is_imei_name(cell) for cell in row):
            return header_at(rows, row_no)
    return header_at(rows, 0) if _imei_column(rows) is not None else None


def header_at(rows: Sequence[CellRow], row_no: int) -> Header:
    """The header that is in this row, or the one that is made up when `row_no` is 0.

    Made up are `IMEI` for the column that has them, and `Column 2` for where nothing is written.
    """
    width = max((len(row) for row in rows), default=0)
    names = [_name(cell) for cell in rows[row_no - 1]] if 0 < row_no <= len(rows) else []
    names += [""] * (width - len(names))
    column = None if row_no else _imei_column(rows)
    if column is not None:
        names[column] = "IMEI"
    return Header(row_no, _made_different(names))


def is_imei_name(cell: Cell) -> bool:
    return isinstance(cell, str) and fold_key(cell) in _IMEI_KEYS


def looks_like_imei(cell: Cell) -> bool:
    """Whether it is one, or was before a spreadsheet made a number of it."""
    try:
        read_imei(cell)
    except ItemRefused as refusal:
        return refusal.code in _SPOILED
    return True


def column_name(index: int) -> str:
    """What a column without header is called, the first one having index 0."""
    return f"Column {index + 1}"


def column_samples(rows: Sequence[CellRow], index: int) -> list[str]:
    """Up to three values of a column, as they are shown."""
    cells = (row[index] for row in rows if index < len(row))
    texts = (" ".join(str(cell).split()) for cell in cells if cell is not None)
    found = dict.fromkeys(_shortened(text) for text in texts if text)
    return list(found)[:_SAMPLES]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _imei_column(rows: Sequence[CellRow]) -> int | None:
    """The column with most IMEIs, if nearly every row has one there; of equals, with best ones."""
    written = [row for row in rows[:SAMPLE_ROWS] if any(_is_written(cell) for cell in row)]
    scores = []
    for index in range(max((len(row) for row in written), default=0)):
        cells = [row[index] for row in written if index < len(row)]
        found = sum(looks_like_imei(cell) for cell in cells)
        if found and found * 100 >= len(written) * _ENOUGH_PERCENT:
            scores.append((found, sum(_is_whole(cell) for cell in cells), -index))
    return -max(scores)[2] if scores else None


def _is_written(cell: Cell) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace())


def _is_whole(cell: Cell) -> bool:
    """With its own check digit, and right: other numbers hardly ever are."""
    try:
        reading: ImeiReading = read_imei(cell, is_strict=True)
    except ItemRefused:
        return False
    return not reading.notes


def _name(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _made_different(names: Sequence[str]) -> tuple[str, ...]:
    taken = {name for name in names if name}
    result: dict[str, None] = {}
    # Where to go on counting: a sheet may have thousands of columns with one name.
    numbers: dict[str, int] = {}
    for index, name in enumerate(names):
        wanted = name or column_name(index)
        if wanted in result or (not name and wanted in taken):
            number = next(
                n
                for n in count(numbers.get(wanted, 2))
                if (text := f"{wanted} ({n})") not in taken and text not in result
            )
            numbers[wanted] = number + 1
            wanted = f"{wanted} ({number})"
        result[wanted] = None
    return tuple(result)
