"""What is in stock. Sums are counted each time, never kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from inventory import statements
from inventory.models import Location
from inventory.rules.places import place_key

LOCATION, SKU = "location", "sku"
GROUPS = (LOCATION, SKU)


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
    organizations = list(organization_ids)
    places = Location.objects.filter(organization_id__in=organizations)
    parameters: dict[str, Any] = {"organizations": organizations, "places": None}
    if warehouse:
        places = places.filter(warehouse__name_key=place_key(warehouse))
        parameters["places"] = list(places.values_list("pk", flat=True))
    if SKU in by:
        by_place = LOCATION in by
        rows = statements.fetch_all("sum_stock_by_sku", {**parameters, "by_place": by_place})
    else:
        rows = statements.fetch_all("sum_stock_by_place", parameters)
    named = places.select_related("warehouse").in_bulk({row[0] for row in rows} - {None})
    return sorted((_sum_of(row, named) for row in rows), key=_by_name)


def add_up(sums: Iterable[StockSum]) -> StockSum:
    """All of them as one."""
    rows = list(sums)
    return StockSum(
        in_stock=sum(row.in_stock for row in rows),
        passed=sum(row.passed for row in rows),
        failed=sum(row.failed for row in rows),
        pending=sum(row.pending for row in rows),
    )


def _sum_of(row: tuple[Any, ...], named: dict[int, Location]) -> StockSum:
    location_id, sku, in_stock, passed, failed, pending = row
    place = named.get(location_id)
    return StockSum(
        in_stock=in_stock,
        passed=passed,
        failed=failed,
        pending=pending,
        warehouse=place.warehouse.name if place else None,
        location=place.name if place else None,
        location_id=location_id,
        sku=sku,
    )


def _by_name(row: StockSum) -> tuple[Any, ...]:
    place = (row.warehouse or "", row.location or "", row.location_id or 0)
    return (*place, row.sku is None, row.sku or "")
