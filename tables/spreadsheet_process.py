"""Reads a spreadsheet in a process of its own: file on standard input, rows as JSON lines out.

A workbook of a few kilobytes can claim a table of terabytes, and the library gives up its process
when memory ends. So it works here, with a limit, where nobody else is hurt. The last line tells how
it went: `{"end": "done" | "unreadable" | "protected" | "too_many_rows"}`; no such line means that
the process was ended.
"""

import contextlib
import io
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, TextIO

# Run by path, without the packages of the repository around it.
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

CPU_SECONDS = 120
# Encrypted workbooks of Excel are an older kind of container with this stream inside.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")


def main() -> None:
    max_rows, max_memory = int(sys.argv[1]), int(sys.argv[2])
    limit_resources(max_memory)
    print_rows(sys.stdin.buffer.read(), max_rows=max_rows, out=sys.stdout)


def limit_resources(max_memory: int) -> None:
    # macOS does not limit the address space; there the bytes of the file are the only limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (max_memory, max_memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def print_rows(content: bytes, *, max_rows: int, out: TextIO) -> None:
    end = "done"
    try:
        for number, row in enumerate(_rows(content)):
            if number == max_rows:
                end = "too_many_rows"
                break
            out.write(json.dumps([text_of(value) for value in row]) + "\n")
    except PasswordError:
        end = "protected"
    except CalamineError:
        end = "protected" if _is_encrypted(content) else "unreadable"
    out.write(json.dumps({"end": end}) + "\n")


def _rows(content: bytes) -> Iterator[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheet = book.get_sheet_by_name(_first_sheet(book))
    if sheet.start is not None:
        before = [""] * sheet.start[1]
        for row in sheet.iter_rows():
            yield [*before, *row]


def _first_sheet(book: CalamineWorkbook) -> str:
    """The first sheet that the person sees when the file is opened."""
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return sheet.name
    raise CalamineError("no sheet to see")


def _is_encrypted(content: bytes) -> bool:
    return content.startswith(_OLD_CONTAINER) and _ENCRYPTED in content


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
