"""What is in stock. Sums are counted each time, never kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OrderBy, Q

from inventory.models import StockEntry, StockStatus, WorkingStatus
from inventory.rules.places import place_key

LOCATION, SKU = "location", "sku"
GROUPS = (LOCATION, SKU)
_COLUMNS = {
    LOCATION: ("location_id", "location__warehouse__name", "location__name"),
    SKU: ("item__sku",),
}


@dataclass(frozen=True)
class StockSum:
    """Devices in stock of one group; what the groups are not made by is None."""

    in_stock: int
    passed: int
    failed: int
    pending: int
    warehouse: str | None = None
    location: str | None = None
    location_id: int | None = None
    sku: str | None = None


def sum_stock(
    organization_ids: Iterable[UUID], *, by: Sequence[str] = GROUPS, warehouse: str = ""
) -> list[StockSum]:
    """By place, SKU or both, in the order of their names; without a SKU last.

    `warehouse` is a name in any spelling.
    """
    entries = StockEntry.objects.filter(
        organization_id__in=list(organization_ids), status=StockStatus.IN_STOCK
    )
    if warehouse:
        entries = entries.filter(location__warehouse__name_key=place_key(warehouse))
    columns = [column for group in GROUPS if group in by for column in _COLUMNS[group]]
    rows = entries.values(*columns).annotate(
        in_stock=Count("*"),
        passed=_count(WorkingStatus.YES),
        failed=_count(WorkingStatus.NO),
        pending=_count(WorkingStatus.PENDING),
    )
    names = [name for name in columns if name != "location_id"]
    order = [OrderBy(F(name), nulls_last=True) for name in names]
    return [_sum_of(row) for row in rows.order_by(*order, *columns)]


def _count(status: WorkingStatus) -> Count:
    return Count("pk", filter=Q(item__inspection__working_status=status))


def add_up(sums: Iterable[StockSum]) -> StockSum:
    """All of them as one."""
    rows = list(sums)
    return StockSum(
        in_stock=sum(row.in_stock for row in rows),
        passed=sum(row.passed for row in rows),
        failed=sum(row.failed for row in rows),
        pending=sum(row.pending for row in rows),
    )


def _sum_of(row: Mapping[str, Any]) -> StockSum:
    return StockSum(
        in_stock=row["in_stock"],
        passed=row["passed"],
        failed=row["failed"],
        pending=row["pending"],
        warehouse=row.get("location__warehouse__name"),
        location=row.get("location__name"),
        location_id=row.get("location_id"),
        sku=row.get("item__sku"),
    )
