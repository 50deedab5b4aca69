"""A database of its own for each benchmark, beside the configured one, removed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def own_database(name: str) -> Iterator[None]:
    from django.db import connection, connections

    connection.settings_dict["TEST"]["NAME"] = name
    configured = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(configured, verbosity=0)


def use_database(name: str) -> None:
    """In a process of its own: work on the benchmark's database."""
    from django.db import connection

    connection.settings_dict["NAME"] = name


def execute(sql: str, parameters: dict[str, Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def vacuum(*tables: str) -> None:
    """What autovacuum and the checkpointer do by themselves within minutes of a big write."""
    for table in tables:
        execute(f"VACUUM ANALYZE {table}")
