"""SQL that earns its place lies in `sql/`, one named and explained statement a file."""

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

_FOLDER = Path(__file__).parent / "sql"


@cache
def load(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


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
