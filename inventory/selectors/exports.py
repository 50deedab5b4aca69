"""Rows of exports, read in pieces: an IMEI stays text, and our own import reads them back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from inventory import statements
from inventory.models import Device
from inventory.selectors.devices import TEXT_FILTERS, DeviceFilters, filter_devices
from inventory.selectors.stock import StockSum, sum_stock
from tables.cells import Row

CHUNK = 2_000

DEVICES = (
    "IMEI", "Working Status", "Device Name", "Model", "Storage", "Color", "Carrier", "Location",
    "Condition", "SKU Display", "Defects", "Notes", "Repair Notes", "Battery Health",
    "Battery Count", "Model Number", "Brand", "Date In", "Assumed",
)  # fmt: skip
STOCK = ("Warehouse", "Location", "SKU", "In stock", "Passed", "Failed", "Pending")
ITEMS = (
    "Id", "IMEI", "Status", "Priority", "Retries", "Retries allowed", "Source", "Batch",
    "Error code", "Error", "Created", "Processed", "Posted",
)  # fmt: skip
FILTERS: Mapping[str, tuple[str, ...]] = {
    "devices": TEXT_FILTERS,
    "items": ("status", "batch", "code"),
    "stock": ("warehouse",),
}


@dataclass(frozen=True)
class Table:
    title: str
    header: tuple[str, ...]
    rows: Iterator[Row]


def read_table(
    organization_id: UUID, kind: str, filters: Mapping[str, Any], imeis: Sequence[str] = ()
) -> Table:
    """`kind` is devices, stock or items; `imeis` are the only devices, where some are named."""
    if kind == "stock":
        sums = sum_stock([organization_id], warehouse=filters.get("warehouse", ""))
        return Table("Stock", STOCK, (_stock_row(row) for row in sums))
    if kind == "items":
        return Table("Queue items", ITEMS, _items(organization_id, filters))
    return Table("Devices", DEVICES, _devices(organization_id, filters, imeis))


def _stock_row(row: StockSum) -> Row:
    counts = (row.in_stock, row.passed, row.failed, row.pending)
    return (row.warehouse, row.location, row.sku, *counts)


def _items(organization_id: UUID, filters: Mapping[str, Any]) -> Iterator[Row]:
    wanted = {name: filters.get(name) or None for name in FILTERS["items"]}
    parameters = {"organization": organization_id, "limit": CHUNK, **wanted}
    after = 0
    while True:
        rows = statements.fetch_all("export_items", {**parameters, "after": after})
        yield from _as_rows(rows)
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def _devices(
    organization_id: UUID, filters: Mapping[str, Any], imeis: Sequence[str]
) -> Iterator[Row]:
    mine = Device.objects.filter(organization_id=organization_id)
    if imeis:
        mine = mine.filter(imei__in=imeis)
    devices = filter_devices(mine, DeviceFilters.from_texts(filters), [organization_id])
    after = ""
    while True:
        page = devices.filter(imei__gt=after).order_by("imei").values_list("pk", "imei")[:CHUNK]
        found = list(page)
        yield from _as_rows(
            statements.fetch_all("export_devices", {"ids": [pk for pk, _ in found]})
        )
        if len(found) < CHUNK:
            return
        after = found[-1][1]


def _as_rows(rows: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    for row in rows:
        yield tuple(_cell(value) for value in row)


def _cell(value: Any) -> Any:
    """Times as text to the microsecond: they come back as they were."""
    return value.isoformat() if isinstance(value, datetime) else value
