"""SQL that earns its place lies in an app's `sql/`, one named and explained statement a file.

What several statements share is a file as well: `{part_name.sql}` stands for its text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import Copy

_PART = re.compile(r"\{(part_[a-z_]+)\.sql\}")


class Statements:
    """The statements of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}

    def load(self, name: str) -> str:
        if name not in self._texts:
            text = (self._folder / f"{name}.sql").read_text(encoding="utf-8")
            self._texts[name] = _PART.sub(lambda part: self.load(part[1]).rstrip(), text)
        return self._texts[name]

    def fetch_one(self, name: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
        """Run a statement that gives one row."""
        with connection.cursor() as cursor:
            cursor.execute(self.load(name), parameters)
            row: tuple[Any, ...] = cursor.fetchone()
        return row

    def fetch_all(self, name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.load(name), parameters)
            return list(cursor.fetchall())

    def execute(self, name: str, parameters: dict[str, Any]) -> int:
        """Run a statement without an answer; returns the number of rows that it touched."""
        with connection.cursor() as cursor:
            cursor.execute(self.load(name), parameters)
            return int(cursor.rowcount)


@contextmanager
def copying(statement: str) -> Iterator[Copy]:
    """COPY … FROM STDIN, with Django's errors as of any other statement: psycopg's own would tell
    nobody who retries or answers that the database is away.
    """
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        yield copy
