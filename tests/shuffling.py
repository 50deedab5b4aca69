"""Shuffles what a query leaves unordered, so that a test cannot rely on the order by accident."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler


def may_shuffle(compiler: SQLCompiler) -> bool:
    """Only plain SELECTs: distinct rows, groups and unions would change their meaning."""
    query = compiler.query
    is_plain = not (query.distinct or query.combinator or query.subquery)
    return is_plain and query.group_by is None and not query.annotation_select


def order_by_pairs(original: Any) -> Any:
    def pairs(self: SQLCompiler) -> Iterator[tuple[Any, bool]]:
        found = list(original(self))
        if not found and may_shuffle(self):
            found = [(OrderBy(Random()), False)]
        yield from found

    return pairs


@contextmanager
def unordered_querysets_shuffled() -> Iterator[None]:
    original = SQLCompiler._order_by_pairs
    with mock.patch.object(SQLCompiler, "_order_by_pairs", order_by_pairs(original)):
        yield
