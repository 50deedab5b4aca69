"""Rows by pages: a file of a million rows needs the memory and the database of a few thousand.

Each page is a statement of its own, by key and not by offset. Nothing is held between two pages, no
cursor, no transaction and in the web no connection, because the person who downloads may be slow or
gone. So a file shows each page as it was when it was read.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from qrtracking import statements

PAGE_ROWS = 5_000
# Sorts before every key.
NO_ID = UUID(int=0)

Page = Sequence[tuple[Any, ...]]


def read_pages(
    statement: str,
    parameters: dict[str, Any],
    *,
    first_key: dict[str, Any],
    key_of: Callable[[tuple[Any, ...]], dict[str, Any]],
    page_rows: int = PAGE_ROWS,
    may_be_short: bool = False,
) -> Iterator[Page]:
    """Pages of the statement, which takes `limit` and the key of the row to go on after.

    `may_be_short`: the statement ends a page before its limit for reasons of its own, so that only
    an empty page is the end.
    """
    key = first_key
    while True:
        page = statements.fetch_all(statement, {**parameters, **key, "limit": page_rows})
        let_go()
        if page:
            key = key_of(page[-1])
            yield page
        if not page or (len(page) < page_rows and not may_be_short):
            return


def let_go() -> None:
    """Gives the connection of a web process back to its pool."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
