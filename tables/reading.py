"""Tables that people send, read row by row as texts: CSV, TSV, text, XLSX, XLS, ODS, or pasted.

Rows come as lists of str, without empty cells at their end; an empty row is `[]`, so the n-th row is
row n of the file. Nothing is trimmed or guessed: what a cell means is its reader's business. What a
file is, its content tells, not its name. Of a workbook the first visible sheet counts, or the one
that is named.

The rows are read as they are asked for: `DomainError`s of `tables.errors` come then.
"""

import codecs
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from tables.errors import TableHasTooManyRows, TableProtected, TableTooLarge, TableUnreadable

MIB = 1024 * 1024

_BLOCK = 256 * 1024
_SAMPLE_LINES = 50
# More is no row that anybody looks at, and each cell takes many times its letters.
_LETTERS_A_ROW = MIB
_CELLS_A_ROW = 16_384
_SPREADSHEET_STARTS = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))
_OTHER_STARTS = (b"%pdf-", b"{\\rtf", b"<!doctype", b"<html", b"<?xml", b"<svg")
_SPREADSHEET_PROCESS = Path(__file__).with_name("spreadsheet_process.py")
_DELIMITERS = ("\t", ";", ",")

TextRows = Generator[list[str], None, None]
# None: the value of the cell is an error, such as #N/A.
TypedCell = str | int | float | None
CellRows = Generator[list[TypedCell], None, None]


@dataclass(frozen=True, slots=True)
class Limits:
    max_bytes: int = 20 * MIB
    max_rows: int = 200_000
    # What reading a workbook may take, in a process of its own.
    max_memory: int = 1024 * MIB


DEFAULT_LIMITS = Limits()


def read_table(file: BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> TextRows:
    """The rows of a file that is open for reading bytes, from where it stands to its end."""
    with tempfile.TemporaryFile() as copy:
        if _is_spreadsheet(file, copy, limits):
            yield from _spreadsheet_lines(copy, limits, "texts")
        else:
            yield from _text_rows(copy, limits)


def read_cells(file: BinaryIO, *, sheet: str = "", limits: Limits = DEFAULT_LIMITS) -> CellRows:
    """As `read_table`, with the numbers of a workbook as numbers: they may have lost digits.

    Of a text every cell is a text. `sheet` is a name of `list_sheets`.
    """
    with tempfile.TemporaryFile() as copy:
        if _is_spreadsheet(file, copy, limits):
            yield from _spreadsheet_lines(copy, limits, "cells", sheet)
        else:
            yield from _text_rows(copy, limits)


def list_sheets(file: BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> list[str]:
    """The visible sheets of a workbook in which something is written; none for a text."""
    with tempfile.TemporaryFile() as copy:
        if not _is_spreadsheet(file, copy, limits):
            return []
        return [str(name) for (name,) in _spreadsheet_lines(copy, limits, "sheets")]


def is_workbook(start: bytes) -> bool:
    """By the first bytes of a file. Other archives start like that, too: reading them tells."""
    return start.startswith(_SPREADSHEET_STARTS)


def _is_spreadsheet(source: BinaryIO, copy: IO[bytes], limits: Limits) -> bool:
    """Copy the file and look at its first bytes. Raises TableUnreadable for what is no table."""
    _copy(source, copy, limits)
    start = copy.read(512)
    copy.seek(0)
    if is_workbook(start):
        return True
    _refuse_other_files(start)
    return False


def _copy(source: BinaryIO, target: IO[bytes], limits: Limits) -> None:
    left = limits.max_bytes
    while block := source.read(_BLOCK):
        left -= len(block)
        if left < 0:
            raise _too_large(limits)
        target.write(block)
    target.seek(0)


def _too_large(limits: Limits) -> TableTooLarge:
    return TableTooLarge(f"The file is over {limits.max_bytes / MIB:g} MB.")


def _too_many_rows(limits: Limits) -> TableHasTooManyRows:
    return TableHasTooManyRows(f"The table has over {limits.max_rows:,} rows.")


def _refuse_other_files(start: bytes) -> None:
    if start.lstrip().lower().startswith(_OTHER_STARTS):
        raise TableUnreadable


def _encoding(file: IO[bytes]) -> str:
    """Of a text: its byte order mark tells, else UTF-8 where it fits, else what Windows writes."""
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    _refuse_binary(file)
    return "utf-8-sig" if _is_utf8(file) else "cp1252"


def _refuse_binary(file: IO[bytes]) -> None:
    """Texts have no zero bytes; pictures and archives have them soon."""
    if any(b"\x00" in block for block in _blocks(file)):
        raise TableUnreadable


def _is_utf8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(file):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block
    file.seek(0)


def _text_rows(file: IO[bytes], limits: Limits) -> Iterator[list[Any]]:
    text = io.TextIOWrapper(file, _encoding(file), errors="replace", newline="")
    try:
        yield from _delimited_rows(text, limits)
    finally:
        # Whoever opened the file closes it.
        text.detach()


def _delimited_rows(text: io.TextIOBase, limits: Limits) -> TextRows:
    delimiter = detect_delimiter(_sample(text))
    text.seek(0)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in _at_most(reader, limits):
            if len(row) > _CELLS_A_ROW:
                raise TableTooLarge(f"A row has over {_CELLS_A_ROW:,} cells.")
            lines.left = _LETTERS_A_ROW
            yield _without_empty_end(row)
    except csv.Error as error:
        raise TableUnreadable(f"The text cannot be read at line {reader.line_num}.") from error


class _Lines:
    """Lines of a text, with what is `left` of the row that they make."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self.left = _LETTERS_A_ROW

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self.left + 1)
        if not line:
            raise StopIteration
        self.left -= len(line)
        if self.left < 0:
            raise TableTooLarge(f"A row has over {_LETTERS_A_ROW:,} letters.")
        return line


def _sample(text: io.TextIOBase) -> list[str]:
    lines = (text.readline(_BLOCK) for _ in range(_SAMPLE_LINES))
    return [line for line in lines if line.strip()]


def detect_delimiter(lines: Iterable[str]) -> str:
    """Tab, semicolon or comma: the one that most lines have, and of equals the first named.

    A semicolon before a comma, because where decimals have commas spreadsheets write semicolons.
    """
    samples = list(lines)
    scores = {
        delimiter: sum(delimiter in _outside_quotes(line) for line in samples)
        for delimiter in _DELIMITERS
    }
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] else ","


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _at_most(rows: Iterable[list[str]], limits: Limits) -> Iterator[list[str]]:
    for number, row in enumerate(rows):
        if number == limits.max_rows:
            raise _too_many_rows(limits)
        yield row


def _without_empty_end(row: list[Any]) -> list[Any]:
    while row and isinstance(row[-1], str) and not row[-1].strip():
        row.pop()
    return row


def _spreadsheet_lines(
    file: IO[bytes], limits: Limits, kind: str, sheet: str = ""
) -> Iterator[list[Any]]:
    with _spreadsheet_process(file, limits, kind, sheet) as lines:
        for line in lines:
            answer = json.loads(line)
            if isinstance(answer, dict):
                _raise_for_end(answer["end"], limits)
                return
            yield _without_empty_end(answer)
    _raise_for_end("too_large", limits)


@contextmanager
def _spreadsheet_process(
    file: IO[bytes], limits: Limits, kind: str, sheet: str
) -> Iterator[Iterator[str]]:
    arguments = [str(limits.max_rows), str(limits.max_memory), kind, sheet]
    # The process knows the file as the system does, which may have read ahead of Python.
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    process = subprocess.Popen(  # noqa: S603 (our own program, numbers as arguments)
        [sys.executable, "-P", str(_SPREADSHEET_PROCESS), *arguments],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with process:
        try:
            yield iter(process.stdout or ())
        finally:
            process.kill()


def _raise_for_end(end: str, limits: Limits) -> None:
    if end == "too_many_rows":
        raise _too_many_rows(limits)
    if end == "too_large":
        raise TableTooLarge("The workbook is too large to be read. Send the sheet as CSV.")
    if end == "protected":
        raise TableProtected
    if end != "done":
        raise TableUnreadable
