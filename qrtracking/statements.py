"""SQL that earns its place lies in `sql/`, one named and explained statement a file.

What several statements share is a file as well: `{part_name.sql}` stands for its text.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

_FOLDER = Path(__file__).parent / "sql"
_PART = re.compile(r"\{(part_[a-z_]+)\.sql\}")


@cache
def load(name: str) -> str:
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return _PART.sub(lambda part: load(part[1]).rstrip(), text)


def fetch_one(name: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    """Run a statement that gives one row."""
    with connection.cursor() as cursor:
        cursor.execute(load(name), parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def fetch_all(name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(load(name), parameters)
        return list(cursor.fetchall())


def execute(name: str, parameters: dict[str, Any]) -> int:
    """Run a statement without an answer; returns the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(load(name), parameters)
        return int(cursor.rowcount)
