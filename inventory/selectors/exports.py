"""Rows of exports, read in pieces: an IMEI stays text, and our own import reads them back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from inventory import statements
from inventory.rules.places import place_key
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
    "devices": ("status", "location", "working", "sku", "brand", "model"),
    "items": ("status", "batch", "code"),
    "stock": (),
}


@dataclass(frozen=True)
class Table:
    title: str
    header: tuple[str, ...]
    rows: Iterator[Row]


def read_table(organization_id: UUID, kind: str, filters: Mapping[str, Any]) -> Table:
    """`kind` is devices, stock or items."""
    if kind == "stock":
        return Table("Stock", STOCK, _stock(organization_id))
    if kind == "items":
        return Table("Queue items", ITEMS, _pages(organization_id, kind, filters, 0))
    return Table("Devices", DEVICES, _pages(organization_id, "devices", filters, ""))


def _stock(organization_id: UUID) -> Iterator[Row]:
    yield from statements.fetch_all("stock_sums", {"organization": organization_id})


def _pages(
    organization_id: UUID, kind: str, filters: Mapping[str, Any], first: Any
) -> Iterator[Row]:
    wanted = {name: filters.get(name) or None for name in FILTERS[kind]}
    if wanted.get("location"):
        wanted["location"] = place_key(str(wanted["location"]))
    parameters = {"organization": organization_id, "limit": CHUNK, **wanted}
    after = first
    while True:
        rows = statements.fetch_all(f"export_{kind}", {**parameters, "after": after})
        for row in rows:
            yield tuple(_cell(value) for value in row)
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def _cell(value: Any) -> Any:
    """Times as text to the microsecond: they come back as they were."""
    return value.isoformat() if isinstance(value, datetime) else value
