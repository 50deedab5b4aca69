"""A device after an item: known values replace, blank ones change nothing, fallbacks give way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from inventory.rules.fields import FIELDS
from inventory.rules.incoming import Incoming
from inventory.rules.sku import MATCHED, Rule, choose_sku
from inventory.rules.working import PENDING

# Fields that are never null: a new device starts with their fallback, marked as assumed.
WITH_FALLBACK = (
    "name", "brand", "model", "storage", "color", "carrier", "screen_condition", "body_condition",
)  # fmt: skip
PLAIN = (
    "model_number", "ram", "serial_number", "imei2", "battery_cycle", "grade", "mdm",
    "tester_name", "station", "repair_notes", "check_date", "test_results", "received_at",
)  # fmt: skip
PLACE = "location"
# A device that nothing is known of.
_NEW: dict[str, Any] = {
    **{name: FIELDS[name].fallback for name in WITH_FALLBACK},
    **dict.fromkeys(PLAIN),
    "notes": "",
    "working_status": PENDING,
    **dict.fromkeys(("defects", "battery_health", "battery_health_raw", "sku", "sku_source")),
}


@dataclass(frozen=True)
class DeviceState:
    """Everything that is stored of a device but its place. `values` has a key for every field."""

    imei: str
    luhn_valid: bool
    values: Mapping[str, Any]
    assumed: frozenset[str]
    last_queue_item_id: int | None = None
    last_batch_id: str | None = None
    is_removed: bool = False

    def with_assumed(self, names: Iterable[str]) -> "DeviceState":
        return replace(self, assumed=frozenset(names))


@dataclass(frozen=True)
class Merged:
    state: DeviceState
    is_new: bool
    # The item was older than the stored data: it only filled what was empty.
    is_older: bool
    is_duplicate_in_batch: bool
    is_returned: bool
    # The item may say where the device is.
    may_move: bool
    message: str


def merge_device(
    stored: DeviceState | None,
    incoming: Incoming,
    *,
    queue_item_id: int,
    batch_id: str | None,
    rules: Iterable[Rule] = (),
) -> Merged:
    """The device as it is after this item. Pure: the same input always gives the same device."""
    last = stored.last_queue_item_id if stored else None
    is_older = last is not None and queue_item_id < last
    values, assumed = _values(stored, incoming, fills_only=is_older)
    _set_sku(values, assumed, incoming, rules, fills_only=is_older)
    values["description"] = describe(values, assumed)
    state = DeviceState(
        imei=incoming.imei,
        luhn_valid=incoming.luhn_valid,
        values=values,
        assumed=frozenset(assumed),
        last_queue_item_id=last if is_older else queue_item_id,
        last_batch_id=stored.last_batch_id if stored and is_older else batch_id,
        is_removed=bool(stored and stored.is_removed and is_older),
    )
    is_duplicate = stored is not None and batch_id is not None and stored.last_batch_id == batch_id
    return Merged(
        state=state,
        is_new=stored is None,
        is_older=is_older,
        is_duplicate_in_batch=is_duplicate,
        is_returned=bool(stored and stored.is_removed and not is_older),
        may_move=not is_older,
        message=_message(incoming.imei, stored, is_older=is_older, is_duplicate=is_duplicate),
    )


def describe(values: Mapping[str, Any], assumed: Iterable[str]) -> str:
    """The known of "brand model storage color carrier", then the notes."""
    unknown = set(assumed)
    parts = [
        str(values[name])
        for name in ("brand", "model", "storage", "color", "carrier")
        if values.get(name) and name not in unknown
    ]
    text = " ".join(parts)
    notes = values.get("notes")
    if not notes:
        return text
    return f"{text} - {notes}" if text else str(notes)


def _values(
    stored: DeviceState | None, incoming: Incoming, *, fills_only: bool
) -> tuple[dict[str, Any], set[str]]:
    values: dict[str, Any] = dict(stored.values if stored else _NEW)
    assumed: set[str] = set(stored.assumed if stored else WITH_FALLBACK)
    for name in (*WITH_FALLBACK, *PLAIN, "notes"):
        if name not in incoming.known:
            continue
        is_settled = values.get(name) not in (None, "") and name not in assumed
        # A fallback that somebody has posted takes the place of an assumed one only.
        if is_settled and (fills_only or _is_fallback(name, incoming.known[name])):
            continue
        values[name] = incoming.known[name]
        assumed.discard(name)
    _set_working(values, incoming, fills_only=fills_only, is_new=stored is None)
    _set_battery(values, incoming, fills_only=fills_only)
    return values, assumed


def _is_fallback(name: str, value: Any) -> bool:
    return name in WITH_FALLBACK and value == FIELDS[name].fallback


def _set_working(
    values: dict[str, Any], incoming: Incoming, *, fills_only: bool, is_new: bool
) -> None:
    if not incoming.working.is_given and not is_new:
        return
    if fills_only and values["working_status"] != PENDING:
        return
    values["working_status"] = incoming.working.status
    if incoming.working.defects is not None or incoming.working.clears_defects:
        values["defects"] = incoming.working.defects


def _set_battery(values: dict[str, Any], incoming: Incoming, *, fills_only: bool) -> None:
    """The number and its text belong together: an unreadable text does not replace a number."""
    known = incoming.known
    if "battery_health_raw" not in known:
        return
    has_number = values["battery_health"] is not None
    if has_number and (fills_only or "battery_health" not in known):
        return
    values["battery_health"] = known.get("battery_health")
    values["battery_health_raw"] = known["battery_health_raw"]


def _set_sku(
    values: dict[str, Any],
    assumed: set[str],
    incoming: Incoming,
    rules: Iterable[Rule],
    *,
    fills_only: bool,
) -> None:
    supplied = incoming.known.get("sku")
    is_supplied = values["sku_source"] == "supplied"
    if supplied is not None and not (fills_only and is_supplied):
        values["sku"], values["sku_source"] = supplied, "supplied"
        return
    if is_supplied:
        return
    known = {name: None if name in assumed else values[name] for name in MATCHED}
    values["sku"], values["sku_source"] = choose_sku(rules, known)


def _message(imei: str, stored: DeviceState | None, *, is_older: bool, is_duplicate: bool) -> str:
    if stored is None:
        return "Item processed successfully"
    if is_older:
        return f"Older than the stored data of device {imei}: only empty fields were filled"
    return f"Updated existing device {imei}" + (" (duplicate in batch)" if is_duplicate else "")
