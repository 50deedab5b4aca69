"""How many rows a list has, without counting them all: COUNT(*) over ten million takes seconds."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet

# Up to here rows are really counted.
COUNT_LIMIT = 10_000
# An OFFSET reads what it skips: nobody pages this far by hand, filters lead there.
MAX_PAGES = 200


class RowCount(int):
    """A number that says how exact it is when it is shown."""

    text: str

    def __new__(cls, value: int, text: str) -> "RowCount":
        count = super().__new__(cls, value)
        count.text = text
        return count

    def __str__(self) -> str:
        return self.text


def count_rows(queryset: QuerySet[Any], *, limit: int = COUNT_LIMIT) -> int:
    """The exact number up to `limit`; beyond it, or without a filter, a number with its own words."""
    if not queryset.query.where:
        estimate = estimate_rows(queryset.model)
        if estimate > limit:
            return RowCount(estimate, f"about {estimate:,}")
    counted = queryset.order_by().values("pk")[: limit + 1].count()
    return RowCount(limit + 1, f"more than {limit:,}") if counted > limit else counted


def estimate_rows(model: type[Model]) -> int:
    """What PostgreSQL's statistics say; -1 before the table was analysed the first time."""
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = %s::regclass", [table]
        )
        return int(cursor.fetchone()[0])


class BoundedPaginator(Paginator):
    template_name = "jobs/admin/pagination.html"

    @cached_property
    def head(self) -> list[Any]:
        """The rows of the first page, and one more when there are more."""
        return list(self.object_list[: self.per_page + 1])

    @cached_property
    def count(self) -> int:
        # A filter that few rows pass reads the whole table for them: once is enough.
        few = len(self.head) <= self.per_page
        return len(self.head) if few else count_rows(self.object_list)

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, MAX_PAGES)

    @property
    def is_cut(self) -> bool:
        return self.count > self.num_pages * self.per_page
