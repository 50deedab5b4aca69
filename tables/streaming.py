"""Tables written as files piece by piece: whatever their length, only some rows are in memory.

`stream_xlsx` gives a workbook, `stream_csv` a text file. Both start at once and ask for rows as they
go, so a consumer that stops early (a browser that went away) leaves nothing running: closing the
iterator closes the rows.

In a workbook texts are inline strings, never formulas; numbers are numbers while a spreadsheet keeps
them exactly, else texts; dates and times are real ones, in UTC. In CSV times are ISO 8601 with offset.
"""

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import count, islice
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from tables import xlsx_parts
from tables.cells import Cell, Row, Rows, in_utc, legal_text

XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_CONTENT_TYPE = "text/csv; charset=utf-8"

MAX_ROWS = 1_000_000
# Members over 2 GiB need ZIP64, at which Excel offers to repair the file.
MAX_SHEET_BYTES = 1_900_000_000

# Rows rendered at once, and bytes given at once.
_ROWS_A_PIECE = 200
_PIECE_BYTES = 64 * 1024
# Level 1 takes half the time of the default for a few percent more bytes.
_COMPRESSION = 1
# Also with apostrophes before it: whoever takes one away again has the text as it was.
_FORMULA_START = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under a bold, frozen header. Over `MAX_ROWS` they go on in sheets named `Title (2)`, …"""

    title: str
    header: Sequence[str]
    rows: Rows
    # Width of each column in characters.
    widths: Sequence[int] = field(default=())


class _Outlet(io.RawIOBase):
    """Takes what the archive writes until somebody fetches it. It cannot seek, as a socket cannot."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def take(self, *, at_least: int = 1) -> Iterator[bytes]:
        if self._size >= at_least:
            pieces, self._pieces, self._size = self._pieces, [], 0
            yield b"".join(pieces)


def stream_xlsx(
    sheets: Iterable[Sheet], *, max_rows: int = MAX_ROWS, max_bytes: int = MAX_SHEET_BYTES
) -> Generator[bytes, None, None]:
    """The bytes of a workbook of at least one sheet. Titles are cleaned and made different."""
    outlet = _Outlet()
    with ZipFile(outlet, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        archive.writestr("_rels/.rels", xlsx_parts.ROOT_RELATIONS)
        archive.writestr("xl/styles.xml", xlsx_parts.STYLES)
        yield from outlet.take()
        pages = _Pages(archive, max_rows=max_rows, max_bytes=max_bytes)
        for sheet in sheets:
            with closing(pages), _closed_afterwards(sheet.rows) as rows:
                pages.begin(sheet)
                while piece := list(islice(rows, pages.room)):
                    pages.write(piece)
                    yield from outlet.take(at_least=_PIECE_BYTES)
        for name, text in xlsx_parts.closing_parts(pages.titles):
            archive.writestr(name, text)
    yield from outlet.take()


class _Pages:
    """The worksheets of a workbook, one open at a time; a full one is followed by the next."""

    def __init__(self, archive: ZipFile, *, max_rows: int, max_bytes: int) -> None:
        self.titles: list[str] = []
        self._archive = archive
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._member: IO[bytes] | None = None

    @property
    def room(self) -> int:
        """How many rows the next `write` may bring."""
        left = self._max_rows if self._is_full else self._max_rows - self._rows
        return min(_ROWS_A_PIECE, left)

    @property
    def _is_full(self) -> bool:
        return self._rows >= self._max_rows or self._bytes >= self._max_bytes

    def begin(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._part = 0
        self._open_next()

    def write(self, rows: Sequence[Row]) -> None:
        if self._is_full:
            self.close()
            self._open_next()
        first = self._rows + (2 if self._sheet.header else 1)
        columns = _column_letters(max(len(row) for row in rows))
        lines = [xlsx_parts.row_xml(first + n, columns, row) for n, row in enumerate(rows)]
        self._put("".join(lines))
        self._rows += len(rows)

    def close(self) -> None:
        if self._member:
            self._put(xlsx_parts.SHEET_END)
            self._member.close()
            self._member = None

    def _open_next(self) -> None:
        self._part += 1
        self._rows = self._bytes = 0
        self.titles.append(_free_title(self._sheet.title, self._part, self.titles))
        self._member = self._archive.open(f"xl/worksheets/sheet{len(self.titles)}.xml", "w")
        header = self._sheet.header
        self._put(xlsx_parts.sheet_start(self._sheet.widths, frozen_rows=1 if header else 0))
        if header:
            columns = _column_letters(len(header))
            self._put(xlsx_parts.row_xml(1, columns, header, style=xlsx_parts.STYLE_HEADER))

    def _put(self, text: str) -> None:
        if self._member:
            self._bytes += self._member.write(text.encode())


@cache
def _column_letters(count: int) -> tuple[str, ...]:
    return tuple(xlsx_parts.column_letters(number) for number in range(1, count + 1))


def _free_title(title: str, part: int, taken: Sequence[str]) -> str:
    """Spreadsheets compare the titles of sheets without letter case."""
    known = {text.lower() for text in taken}
    clean = xlsx_parts.clean_title(title)
    candidates = (xlsx_parts.numbered_title(clean, number) for number in count(part))
    return next(text for text in candidates if text.lower() not in known)


def stream_csv(header: Sequence[str], rows: Rows) -> Generator[bytes, None, None]:
    """UTF-8 with byte order mark, by which Excel knows it. A text that a spreadsheet would take for
    a formula gets an apostrophe before it (OWASP, CSV injection)."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    with _closed_afterwards(rows) as lines:
        yield codecs.BOM_UTF8
        if header:
            writer.writerow([_csv_cell(text) for text in header])
        while piece := list(islice(lines, _ROWS_A_PIECE)):
            writer.writerows([[_csv_cell(value) for value in row] for row in piece])
            if buffer.tell() >= _PIECE_BYTES:
                yield _drained(buffer)
        yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _csv_cell(value: Cell) -> str | int | float | Decimal | None:
    if isinstance(value, str):
        text = legal_text(value)
        return f"'{text}" if _FORMULA_START.match(text) else text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return in_utc(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


@contextmanager
def _closed_afterwards(rows: Rows) -> Iterator[Iterator[Row]]:
    """Rows that come from a database hold something open until their iterator is closed."""
    iterator = iter(rows)
    try:
        yield iterator
    finally:
        if isinstance(iterator, Generator):
            iterator.close()
