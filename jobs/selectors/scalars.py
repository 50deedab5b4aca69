"""Several small reads in one round trip: each is a subquery of one SELECT."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

# A query text with one `{}` per queryset.
Read = tuple[str, Sequence[QuerySet[Any]]]


def count_each(querysets: Mapping[str, QuerySet[Any]], *, limit: int) -> dict[str, int]:
    """Rows of each queryset, counted up to limit + 1."""
    reads = {name: bounded_count(queryset, limit=limit) for name, queryset in querysets.items()}
    return {name: int(value or 0) for name, value in read_scalars(reads).items()}


def bounded_count(queryset: QuerySet[Any], *, limit: int) -> Read:
    bounded = queryset.order_by()[: limit + 1].values("pk")
    return "SELECT count(*) FROM ({}) AS bounded", [bounded]


def read_scalars(reads: Mapping[str, Read]) -> dict[str, Any]:
    """One value for each name; None where nothing can be there (a queryset of `none()`)."""
    bound = {name: bind(text, querysets) for name, (text, querysets) in reads.items()}
    known = {name: statement for name, statement in bound.items() if statement is not None}
    values: dict[str, Any] = dict.fromkeys(reads)
    if known:
        columns = ", ".join(f"({sql})" for sql, _ in known.values())
        params = [param for _, given in known.values() for param in given]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}", params)
            values.update(zip(known, cursor.fetchone(), strict=True))
    return values


def bind(text: str, querysets: Sequence[QuerySet[Any]]) -> tuple[str, list[Any]] | None:
    """The text with the querysets' SQL in its places, and its parameters; None if one is empty."""
    try:
        compiled = [queryset.query.sql_with_params() for queryset in querysets]
    except EmptyResultSet:
        return None
    return text.format(*(sql for sql, _ in compiled)), [p for _, given in compiled for p in given]
