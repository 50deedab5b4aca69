"""Devices as rows: read under lock, inserted where they are new, written with all their parts."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from inventory import statements
from inventory.rules.chain import Chain, Stored
from inventory.rules.merge import DeviceState

# Columns of DeviceState.values that sql/read_devices.sql gives, in its order.
VALUES = (
    "name", "sku", "description", "received_at",
    "sku_source", "brand", "model", "model_number", "storage", "ram", "color", "carrier",
    "working_status", "defects", "battery_health", "battery_health_raw", "battery_cycle", "grade",
    "mdm", "tester_name", "station", "repair_notes", "check_date", "test_results",
    "screen_condition", "body_condition", "notes",
    "serial_number", "imei2",
)  # fmt: skip


def insert_devices(chains: Iterable[Chain], *, organization_id: UUID) -> dict[str, int]:
    """Insert a device for each IMEI that has none; returns the ids of the new ones by IMEI.

    In the order of their IMEIs, so that two workers with the same phones do not deadlock.
    """
    states = sorted((chain.state for chain in chains), key=lambda state: state.imei)
    rows = [
        {
            "imei": state.imei,
            "luhn_valid": state.luhn_valid,
            "assumed": sorted(state.assumed),
            "last_queue_item_id": state.last_queue_item_id,
            "last_batch_id": state.last_batch_id,
            **{name: state.values[name] for name in ("name", "sku", "description", "received_at")},
        }
        for state in states
    ]
    new = statements.fetch_all(
        "insert_devices", {"organization": organization_id, "rows": as_json(rows)}
    )
    return dict(new)


def read_devices(imeis: Iterable[str], *, organization_id: UUID) -> dict[str, tuple[int, Stored]]:
    """Lock devices in the order of their IMEIs; returns id and state by IMEI."""
    wanted = sorted(imeis)
    if not wanted:
        return {}
    rows = statements.fetch_all("read_devices", {"organization": organization_id, "imeis": wanted})
    return {row[1]: (row[0], _stored(row)) for row in rows}


def write_devices(
    chains: Mapping[int, Chain], *, new: Iterable[int], organization_id: UUID
) -> None:
    """Write devices with all their parts, by id; `new` ones were inserted by `insert_devices`."""
    fresh = set(new)
    rows = [
        {**_row_of(chain), "item_id": pk, "is_new": pk in fresh, "location_id": chain.location_id}
        for pk, chain in sorted(chains.items())
    ]
    statements.execute("write_devices", {"organization": organization_id, "rows": as_json(rows)})


def rewrite_devices(devices: Mapping[int, Stored], *, organization_id: UUID) -> None:
    """Write locked devices as they are given, by id: not because of an item."""
    rows = [
        {
            **_row(stored.state, stored.state.last_queue_item_id),
            "item_id": pk,
            "is_new": False,
            "location_id": stored.location_id,
        }
        for pk, stored in sorted(devices.items())
    ]
    statements.execute("write_devices", {"organization": organization_id, "rows": as_json(rows)})


def as_json(rows: Any) -> str:
    return json.dumps(rows, cls=DjangoJSONEncoder)


def image_of(stored: Stored) -> dict[str, Any]:
    """A device as it was, for undo; `device_of_image` reads it back."""
    state = stored.state
    return {
        "values": dict(state.values),
        "luhn_valid": state.luhn_valid,
        "assumed": sorted(state.assumed),
        "last_queue_item_id": state.last_queue_item_id,
        "last_batch_id": state.last_batch_id,
        "is_removed": state.is_removed,
        "location_id": stored.location_id,
    }


def device_of_image(imei: str, image: Mapping[str, Any]) -> Stored:
    state = DeviceState(
        imei=imei,
        luhn_valid=image["luhn_valid"],
        values=image["values"],
        assumed=frozenset(image["assumed"]),
        last_queue_item_id=image["last_queue_item_id"],
        last_batch_id=image["last_batch_id"],
        is_removed=image["is_removed"],
    )
    return Stored(state, image["location_id"])


def _row_of(chain: Chain) -> dict[str, Any]:
    return _row(chain.state, chain.results[-1].queue_item_id)


def _row(state: DeviceState, queue_item_id: int | None) -> dict[str, Any]:
    return {
        **state.values,
        "imei": state.imei,
        "tac": state.imei[:8],
        "luhn_valid": state.luhn_valid,
        "assumed": sorted(state.assumed),
        "last_queue_item_id": state.last_queue_item_id,
        "last_batch_id": state.last_batch_id,
        "is_removed": state.is_removed,
        "queue_item_id": queue_item_id,
    }


def _stored(row: tuple[Any, ...]) -> Stored:
    _pk, imei, luhn_valid, status, assumed, last_item, last_batch, location_id, key, *values = row
    by_name = dict(zip(VALUES, values, strict=True))
    # Statements of our own give jsonb as text.
    if by_name["test_results"] is not None:
        by_name["test_results"] = json.loads(by_name["test_results"])
    state = DeviceState(
        imei=imei,
        luhn_valid=luhn_valid,
        values=by_name,
        assumed=frozenset(assumed),
        last_queue_item_id=last_item,
        last_batch_id=last_batch,
        is_removed=status == "removed",
    )
    return Stored(state, location_id, key)
