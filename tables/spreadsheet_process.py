"""Reads a spreadsheet in a process of its own: file on standard input, rows as JSON lines out.

A workbook of a few kilobytes can claim a table of terabytes, and the library gives up its process
when memory ends. So it works here, with a limit, where nobody else is hurt. What is printed depends
on the kind: `texts` are rows of texts, `cells` rows with numbers as numbers and null for a value that
is an error, `sheets` the name of each sheet in which something is written. The last line tells how
it went: `{"end": "done" | "unreadable" | "protected" | "too_many_rows" | "too_large"}`; no such line
means that the process was ended.
"""

import contextlib
import html
import io
import json
import math
import posixpath
import re
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, TextIO
from zipfile import BadZipFile, ZipFile

# Run by path, without the packages of the repository around it.
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

CPU_SECONDS = 120
# What is printed: cells may share a text that the file holds once.
LONGEST_LINE = 1024 * 1024
MOST_LETTERS = 256 * 1024 * 1024
# Encrypted workbooks of Excel are an older kind of container with this stream inside.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
_BLOCK = 1024 * 1024
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]{1,3})([0-9]{1,7})"""
)


def main() -> None:
    max_rows, max_memory, kind, sheet = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    limit_resources(max_memory)
    content = sys.stdin.buffer.read()
    print_lines(content, kind=kind, sheet=sheet, max_rows=max_rows, out=sys.stdout)


def limit_resources(max_memory: int) -> None:
    # macOS does not limit the address space; there the bytes of the file are the only limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (max_memory, max_memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def print_lines(
    content: bytes, *, kind: str = "texts", sheet: str = "", max_rows: int, out: TextIO
) -> None:
    """`sheet` is the name of the one to read; the first that is visible when there is none."""
    end, letters = "done", 0
    try:
        for number, line in enumerate(_lines(content, kind, sheet)):
            text = json.dumps(line)
            letters += len(text)
            if number == max_rows:
                end = "too_many_rows"
                break
            if len(text) > LONGEST_LINE or letters > MOST_LETTERS:
                end = "too_large"
                break
            out.write(text + "\n")
    except PasswordError:
        end = "protected"
    except CalamineError:
        end = "protected" if _is_encrypted(content) else "unreadable"
    out.write(json.dumps({"end": end}) + "\n")


def _lines(content: bytes, kind: str, sheet: str) -> Iterator[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    if kind == "sheets":
        for name in _written_sheets(book):
            yield [name]
        return
    name = _wanted_sheet(book, sheet)
    if kind == "texts":
        yield from _rows(book, name, text_of)
        return
    errors = find_errors(content, name)
    for number, row in enumerate(_rows(book, name, cell_of)):
        for column in errors.get(number, ()):
            row += [""] * (column + 1 - len(row))
            row[column] = None
        yield row


def _rows(
    book: CalamineWorkbook, sheet: str, read: Callable[[Any], str | float]
) -> Iterator[list[Any]]:
    table = book.get_sheet_by_name(sheet)
    if table.start is not None:
        before: list[str | float] = [""] * table.start[1]
        for row in table.iter_rows():
            yield [*before, *(read(value) for value in row)]


def _written_sheets(book: CalamineWorkbook) -> list[str]:
    """Where there is but one, nobody has to choose, whatever is in it."""
    names = _visible_sheets(book)
    if len(names) < 2:
        return names
    return [name for name in names if book.get_sheet_by_name(name).start is not None]


def _wanted_sheet(book: CalamineWorkbook, wanted: str) -> str:
    """The first sheet that the person sees when the file is opened, or the one that was named."""
    for name in _visible_sheets(book):
        if wanted in ("", name):
            return name
    raise CalamineError("no sheet to see")


def _visible_sheets(book: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _is_encrypted(content: bytes) -> bool:
    return content.startswith(_OLD_CONTAINER) and _ENCRYPTED in content


def find_errors(content: bytes, sheet: str) -> dict[int, list[int]]:
    """Columns by row, both from 0, of the cells whose value is an error.

    The library reads them as empty ones. Only XLSX tells them apart at little cost.
    """
    errors: dict[int, list[int]] = {}
    try:
        with (
            ZipFile(io.BytesIO(content)) as archive,
            archive.open(_part_of(archive, sheet)) as part,
        ):
            tail = b""
            while block := part.read(_BLOCK):
                text = tail + block
                end = text.rfind(b"<")
                for cell in _ERROR_CELL.finditer(text, 0, max(end, 0)):
                    errors.setdefault(int(cell[2]) - 1, []).append(_column_number(cell[1]))
                tail = text[end:] if end >= 0 else b""
    except (BadZipFile, KeyError, NotImplementedError, RuntimeError):
        return {}
    return errors


def _part_of(archive: ZipFile, sheet: str) -> str:
    """Raises KeyError."""
    ids = {
        html.unescape(_attribute(tag, b"name")): _attribute(tag, rb"\w+:id")
        for tag in _SHEET.findall(archive.read("xl/workbook.xml"))
    }
    targets = {
        _attribute(tag, b"Id"): _attribute(tag, b"Target")
        for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    }
    return posixpath.normpath(posixpath.join("/xl", targets[ids[sheet]])).lstrip("/")


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb"=[\"']([^\"']*)", tag)
    return found[1].decode() if found else ""


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def cell_of(value: Any) -> str | float:
    """A number as the number that it is, everything else as text."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else text_of(value)


def text_of(value: Any) -> str:
    """A cell as a person would type it: whole numbers without a point, times as ISO 8601."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e17 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, int | str | timedelta) else ""


if __name__ == "__main__":
    main()
