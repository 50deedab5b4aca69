"""Several small counts in one round trip: each is a subquery of one SELECT."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def count_each(querysets: Mapping[str, QuerySet[Any]], *, limit: int) -> dict[str, int]:
    """Rows of each queryset, counted up to limit + 1."""
    return {
        name: int(value or 0)
        for name, value in read_scalars(
            {
                name: ("SELECT count(*) FROM ({}) AS bounded", queryset.order_by()[: limit + 1])
                for name, queryset in querysets.items()
            }
        ).items()
    }


def read_scalars(wanted: Mapping[str, tuple[str, QuerySet[Any]]]) -> dict[str, Any]:
    """For each name: a query text with one place `{}` for a queryset of ids; None where that is empty."""
    parts: list[str] = []
    params: list[Any] = []
    names: list[str] = []
    for name, (text, queryset) in wanted.items():
        try:
            sql, values = queryset.values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"({text.format(sql)})")
        params.extend(values)
        names.append(name)
    if not parts:
        return dict.fromkeys(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        row = cursor.fetchone()
    return dict.fromkeys(wanted) | dict(zip(names, row, strict=True))
