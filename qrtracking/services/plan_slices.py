"""Which cases of a plan come next."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet


def next_cases(rows: "QuerySet[Any]", *, after: UUID | None, cases: int, units: int) -> list[UUID]:
    """The next cases that these rows name, in the order of their keys.

    At most so many, and not many more units than `units`; always one, however large it is.
    """
    if after is not None:
        rows = rows.filter(master_code__gt=after)
    counts = rows.order_by("master_code").values_list("master_code").annotate(n=Count("row_no"))
    chosen: list[UUID] = []
    total = 0
    for case_id, count in counts[:cases]:
        total += count
        if chosen and total > units:
            break
        chosen.append(case_id)
    return chosen
