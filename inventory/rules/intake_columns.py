"""What the columns of a sheet become in the phones that are posted: `raw_data` by a mapping.

A mapping gives each column its field of `rules.fields`, KEEP or IGNORE. Columns that are kept stay in
`raw_data` under their header; nothing reads them.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any

from inventory.rules.fields import FIELDS, fold_key, guess_field
from inventory.rules.intake_header import Cell, CellRow, column_name
from inventory.rules.storable import as_stored

KEEP, IGNORE = "", "ignore"
# The last columns of our error files: they tell of the upload before.
ERROR_COLUMNS = ("line", "error_code", "reason")

# Our files put an apostrophe before what a spreadsheet would take for a formula.
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r]")
# Fields for which a number is another value than the same digits as text.
_IMEIS = frozenset({"imei", "imei2"})
# A workbook knows only floating point; whole numbers beyond this have lost digits.
_WHOLE_BELOW = 1e17
_OPENED_KILOBYTES = 64


def guess_mapping(names: Sequence[str]) -> dict[str, str]:
    """For each column the field that its header means; kept when it means none."""
    ignored = _error_columns(names)
    return {name: IGNORE if name in ignored else guess_field(name) or KEEP for name in names}


def _error_columns(names: Sequence[str]) -> set[str]:
    """All three, or none: a sheet may have a `reason` of its own."""
    last = {fold_key(_without_number(name)): name for name in names}
    found = {last[key] for key in map(fold_key, ERROR_COLUMNS) if key in last}
    return found if len(found) == len(ERROR_COLUMNS) else set()


def _without_number(name: str) -> str:
    """`reason (2)` follows a `reason` of the sheet itself."""
    base, _, number = name.rpartition(" (")
    return base if base in ERROR_COLUMNS and number.rstrip(")").isdigit() else name


def mapping_problem(names: Sequence[str], mapping: Mapping[Any, Any]) -> str | None:
    """What is wrong with the mapping that a person chose for these columns, in words."""
    known = set(names)
    for name, target in mapping.items():
        if name not in known:
            return f"The file has no column '{str(name)[:40]}'"
        if not isinstance(target, str) or target not in {KEEP, IGNORE, *FIELDS}:
            return f"There is no field '{str(target)[:40]}'"
    if "imei" not in mapping.values():
        return "Choose the column that has the IMEI"
    return None


class Columns:
    """Turns rows, or records, into phones. Columns that the mapping leaves out are kept."""

    __slots__ = ("_fields", "_keys", "_places")

    def __init__(self, names: Sequence[str], mapping: Mapping[str, str]) -> None:
        self._fields = {name: mapping.get(name, KEEP) for name in names}
        self._keys = _keys(self._fields)
        self._places = [(self._keys[name], self._fields[name]) for name in names]

    def phone_of_row(self, cells: CellRow) -> dict[str, Any] | None:
        """The phone of a row, without its empty cells; None when nothing is written in it."""
        phone: dict[str, Any] = {}
        is_written = False
        for index, cell in enumerate(cells):
            if cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()):
                continue
            is_written = True
            if index >= len(self._places):
                phone.setdefault(_beyond(phone, index), _plain(cell, KEEP))
                continue
            key, field = self._places[index]
            if key is not None:
                phone[key] = _plain(cell, field)
        return phone if is_written else None

    def phone_of_record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The phone of a JSON record: its values stay as they are."""
        keys = self._keys
        named = ((keys.get(name, name), value) for name, value in record.items())
        return {key: value for key, value in named if key is not None}


def _keys(fields: Mapping[str, str]) -> dict[str, str | None]:
    """The key of each column, all different; None for what is ignored."""
    natural = {name for name, field in fields.items() if (guess_field(name) or KEEP) == field}
    taken = set(fields)
    keys: dict[str, str | None] = {}
    for name, field in fields.items():
        if field == IGNORE:
            keys[name] = None
        elif name in natural:
            keys[name] = name
        else:
            candidates = _unread(name) if field == KEEP else _spellings(field)
            keys[name] = next(key for key in candidates if key not in taken)
            taken.add(str(keys[name]))
    return keys


def _spellings(field: str) -> Iterator[str]:
    """Keys of a field: what is no letter or digit does not count in them."""
    keys = FIELDS[field].keys
    return chain(keys, (keys[0] + "_" * number for number in count(1)))


def _unread(name: str) -> Iterator[str]:
    """A header that means a field, though it must not: under its own name it would be read."""
    return chain([f"{name} (not used)"], (f"{name} (not used {n})" for n in count(2)))


def _beyond(phone: Mapping[str, Any], index: int) -> str:
    name = column_name(index)
    return name if name not in phone else f"{name} (no header)"


def _plain(cell: Cell, field: str) -> Any:
    """A cell as it is posted: numbers stay numbers, so that the rules of the IMEI can judge them."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        # 100 % is 1.0 in a sheet of shares and may be 1 % in another: the point tells it was a share.
        is_whole = cell.is_integer() and abs(cell) < _WHOLE_BELOW and field != "battery_health"
        return int(cell) if is_whole else cell
    if not isinstance(cell, str):
        return cell
    text = cell[1:] if _QUOTED_FORMULA.match(cell) else cell
    return _opened(text) if field == "test_results" else text


def _opened(text: str) -> Any:
    """An object or a list, which a sheet can only have as its JSON text."""
    try:
        value = json.loads(text)
        as_stored({"": value}, max_kilobytes=_OPENED_KILOBYTES)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) else text


def cell_of(value: Any, field: str) -> Any:
    """A posted value as a cell that means the same when it is sent again: no digit is lost, and a
    number that was refused as an IMEI has the point of one. Lists and objects as JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if field in _IMEIS:
        return float(value)
    is_whole = field != "battery_health" and value == int(value)
    return int(value) if is_whole else value
