"""The file of an import, opened: what it is, what it is called by columns, and its rows one by one."""

import codecs
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File

from inventory.errors import BodyNotJson, ImportFileMissing
from inventory.models import QueueImport
from inventory.rules.fields import guess_field
from inventory.rules.intake_header import (
    HEADER_ROWS,
    SAMPLE_ROWS,
    Header,
    column_samples,
    find_header,
    header_at,
)
from inventory.rules.intake_paste import read_pasted_list
from inventory.rules.intake_records import LIST_KEYS, record_names
from inventory.rules.json_stream import JsonText, ValueTooLong, ValueUnreadable
from tables.cells import legal_text
from tables.errors import TableHasTooManyRows, TableTooLarge, TableUnreadable
from tables.reading import MIB, Limits, TypedCell, is_workbook, list_sheets, read_cells

PASTE, JSON, WORKBOOK, TEXT = "paste", "json", "workbook", "text"
MOST_COLUMNS = 1_000
# The text of one phone in a file may be so much longer than what is stored of it.
_TEXT_PER_STORED_BYTE = 16
_START = 512
_LONGEST_SHOWN = 100
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class FileRow:
    """Either `cells` of a table or the `record` of a list; of neither when `problem` says why."""

    line_no: int
    cells: list[TypedCell] | None = None
    record: dict[str, Any] | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Contents:
    """`samples` belong to `names`. `rows` are read as they are asked for and may raise, too."""

    names: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    rows: Iterator[FileRow]
    # Where the person said that the IMEIs are.
    imei_name: str | None = None
    # Of a workbook, the sheet that is read.
    sheet: str = ""


@dataclass(frozen=True)
class Asked:
    """What a person has to tell before the file can be read."""

    kind: str
    sheets: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "sheets": self.sheets, "rows": self.rows}


def limits() -> Limits:
    """Of rows there may be some more than phones: headers and empty ones."""
    return Limits(
        max_bytes=settings.QUEUE_MAX_FILE_MB * MIB, max_rows=2 * settings.QUEUE_MAX_FILE_ROWS
    )


def kind_of(file: "File[bytes]", *, is_pasted: bool) -> str:
    """By its first bytes. Raises TableUnreadable for an image and the like."""
    file.seek(0)
    start = file.read(_START)
    file.seek(0)
    if is_workbook(start):
        return WORKBOOK
    if _text_start(start).startswith(("[", "{")):
        return JSON
    sample = _first_rows(file, is_pasted=is_pasted)
    file.seek(0)
    return PASTE if is_pasted and not _is_table(sample) else TEXT


def _first_rows(file: "File[bytes]", *, is_pasted: bool) -> list[list[TypedCell]]:
    try:
        with closing(read_cells(cast(BinaryIO, file), limits=limits())) as rows:
            return list(islice(rows, HEADER_ROWS))
    except TableTooLarge:
        if is_pasted:
            # Of a list all phones may stand in one line.
            return []
        raise


def _text_start(start: bytes) -> str:
    encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
    return start[: len(start) // 2 * 2].decode(encoding, errors="replace").lstrip()


def _is_table(rows: list[list[TypedCell]]) -> bool:
    """Whether a pasted text has a header over several columns: then it is no list."""
    if _width(rows) > MOST_COLUMNS:
        return False
    header = find_header(rows)
    named = rows[header.row_no - 1] if header is not None and header.row_no else []
    return sum(guess_field(str(cell)) is not None for cell in named) > 1


@contextmanager
def opened(queue_import: QueueImport) -> Iterator[Asked | Contents]:
    """Raises ImportFileMissing and the errors of `tables.errors`; the rows raise them, too."""
    try:
        file = queue_import.file.open("rb")
    except (OSError, ValueError) as error:
        raise ImportFileMissing from error
    with file:
        if queue_import.format == PASTE:
            yield _open_list(file)
        elif queue_import.format == JSON:
            yield _open_json(file)
        else:
            with _open_table(file, queue_import) as contents:
                yield contents


def _open_list(file: IO[bytes]) -> Contents:
    phones = read_pasted_list(file.read().decode(errors="replace"))
    return _contents_of_records(phones)


def _open_json(file: IO[bytes]) -> Contents:
    start = file.read(2)
    file.seek(0)
    if start in _UTF16:
        file = BytesIO(file.read().decode("utf-16", errors="replace").encode())
    text = JsonText(file, longest=settings.QUEUE_MAX_ITEM_KB * 1024 * _TEXT_PER_STORED_BYTE)
    return _contents_of_records(_json_records(text))


def _json_records(text: JsonText) -> Generator[Any, None, None]:
    """Raises TableUnreadable for what is no list of phones."""
    try:
        yield from _listed(text)
    except BodyNotJson as error:
        raise TableUnreadable("The JSON in this file is broken or breaks off.") from error
    except (ValueTooLong, ValueUnreadable) as error:
        raise TableUnreadable("The JSON in this file has a value that cannot be read.") from error


def _listed(text: JsonText) -> Generator[Any, None, None]:
    """The elements of the list that the text is, or of the first one under a known name."""
    has_list = text.peek() == "["
    if has_list:
        yield from text.elements()
    else:
        for key in text.each_key():
            if key in LIST_KEYS and text.peek() == "[" and not has_list:
                has_list = True
                yield from text.elements()
            else:
                text.skip()
    if text.peek():
        raise BodyNotJson
    if not has_list:
        raise TableUnreadable(f"The JSON in this file has no list under {', '.join(LIST_KEYS)}.")


def _contents_of_records(records: Iterator[Any]) -> Contents:
    sample = list(islice(records, SAMPLE_ROWS))
    # Other names are those of records that cannot be kept.
    names = tuple(name for name in record_names(sample) if legal_text(name) == name)
    if len(names) > MOST_COLUMNS:
        raise TableUnreadable(f"The phones have over {MOST_COLUMNS:,} different keys.")
    table = [[one.get(name) for name in names] for one in sample if isinstance(one, dict)]
    return Contents(
        names=names,
        samples=_samples(table, names),
        rows=(_row_of(number, one) for number, one in enumerate(chain(sample, records), 1)),
    )


def _row_of(number: int, record: Any) -> FileRow:
    if isinstance(record, dict):
        return FileRow(number, record=record)
    return FileRow(number, problem="it is not an object")


@contextmanager
def _open_table(file: IO[bytes], queue_import: QueueImport) -> Iterator[Asked | Contents]:
    answers = queue_import.options.get("answers", {})
    sheet = answers.get("sheet") or queue_import.cursor.get("sheet", "")
    if queue_import.format == WORKBOOK and not sheet:
        sheets = list_sheets(cast(BinaryIO, file), limits=limits())
        file.seek(0)
        if len(sheets) > 1:
            yield Asked("sheet", sheets=tuple(sheets))
            return
        # Of several the one in which something is written.
        sheet = sheets[0] if sheets else ""
    with closing(read_cells(cast(BinaryIO, file), sheet=sheet, limits=limits())) as rows:
        yield _contents_of_table(rows, answers, sheet)


def _contents_of_table(
    rows: Iterator[list[TypedCell]], answers: dict[str, Any], sheet: str
) -> Asked | Contents:
    sample = list(islice(rows, SAMPLE_ROWS))
    if _width(sample) > MOST_COLUMNS:
        raise TableUnreadable(f"The table has over {MOST_COLUMNS:,} columns.")
    header = _header(sample, answers)
    if header is None:
        shown = enumerate(sample[:HEADER_ROWS], 1)
        return Asked("header", rows=tuple((n, tuple(map(_shown, row))) for n, row in shown))
    below = sample[header.row_no :]
    lines = enumerate(chain(below, rows), header.row_no + 1)
    column = answers.get("imei_column", MOST_COLUMNS)
    return Contents(
        names=header.names,
        samples=_samples(below, header.names),
        rows=(FileRow(number, cells=cells) for number, cells in lines if _is_written(cells)),
        imei_name=header.names[column] if column < len(header.names) else None,
        sheet=sheet,
    )


def _width(rows: list[list[TypedCell]]) -> int:
    return max(map(len, rows), default=0)


def _header(sample: list[list[TypedCell]], answers: dict[str, Any]) -> Header | None:
    if not any(_is_written(row) for row in sample):
        return Header(0, ())
    if "header_line" in answers:
        return header_at(sample, answers["header_line"])
    if "imei_column" in answers:
        return header_at(sample, 0)
    return find_header(sample)


def _is_written(cells: list[TypedCell]) -> bool:
    return any(
        cell is not None and not (isinstance(cell, str) and not cell.strip()) for cell in cells
    )


def _shown(cell: Any) -> str:
    """As a person would type it: whole numbers of a workbook are floating, too."""
    whole = isinstance(cell, float) and cell.is_integer()
    text = "" if cell is None else str(int(cell) if whole else cell)
    return legal_text(text[:_LONGEST_SHOWN])


def _samples(rows: list[list[Any]], names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    shown = [[_shown(cell) for cell in row] for row in rows]
    return tuple(tuple(column_samples(shown, index)) for index in range(len(names)))


def limited(rows: Iterator[FileRow]) -> Iterator[FileRow]:
    """Raises TableHasTooManyRows when there are more phones than a file may have."""
    most = settings.QUEUE_MAX_FILE_ROWS
    for count, row in enumerate(rows, 1):
        if count > most:
            raise TableHasTooManyRows(f"The file has over {most:,} rows.")
        yield row
