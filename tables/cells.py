"""Values of cells, and the texts that a file may hold."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

# Codes and serial numbers are given as str: a number over 15 digits loses its tail in a spreadsheet.
Cell = str | int | float | Decimal | bool | date | datetime | None
Row = Sequence[Cell]
Rows = Iterable[Row]

# What XML 1.0 has no way to write: control characters, halves of surrogate pairs, two non-characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def legal_text(text: str) -> str:
    return _ILLEGAL.sub("", text)


def in_utc(moment: datetime) -> datetime:
    """A spreadsheet knows no time zones, so every time in a file is UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment
