"""A posted phone as what it says: known values only, with a note for whatever was odd."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from inventory.rules.fields import RawItem
from inventory.rules.imei import read_imei
from inventory.rules.numbers import read_battery, read_cycle, read_quantity
from inventory.rules.places import carrier_of, place_name
from inventory.rules.refusals import ItemRefused, Note
from inventory.rules.working import Working, read_working, token_of

_TEXTS = (
    "name", "brand", "model", "model_number", "ram", "storage", "color", "serial_number",
    "screen_condition", "body_condition", "grade", "notes", "repair_notes", "tester_name",
    "station", "mdm", "sku",
)  # fmt: skip


@dataclass(frozen=True)
class Incoming:
    """`known` has no entry for a field that said nothing; places are names as they were typed."""

    imei: str
    luhn_valid: bool
    working: Working
    known: dict[str, Any] = field(default_factory=dict)
    location: str | None = None
    warehouse: str | None = None
    notes: tuple[Note, ...] = ()


def read_item(data: Mapping[str, Any], *, is_strict: bool = False) -> Incoming:
    """Read one posted phone. Raises ItemRefused with the first thing that is wrong with it."""
    raw = RawItem(data)
    imei = read_imei(raw.value("imei"), is_strict=is_strict)
    notes = list(imei.notes)
    known: dict[str, Any] = {}
    for name in _TEXTS:
        text = raw.text(name)
        if text is not None:
            known[name] = text
    carrier = raw.text("carrier")
    if carrier is not None:
        known["carrier"] = carrier_of(carrier)
    notes += _add_battery(raw, known)
    notes += _add_dates(raw, known)
    notes += _add_second_imei(raw, known, is_strict=is_strict)
    _add_test_results(raw, known)
    quantity = read_quantity(raw.value("quantity"))
    working = _working(raw)
    notes += [note for note in (quantity, working.note) if note is not None]
    return Incoming(
        imei=imei.imei,
        luhn_valid=imei.luhn_valid,
        working=working,
        known=known,
        location=_place(raw, "location"),
        warehouse=_place(raw, "warehouse"),
        notes=tuple(notes),
    )


def _working(raw: RawItem) -> Working:
    working = raw.value("working")
    failed = raw.value("failed")
    if failed is not None and token_of(failed) is None:
        return read_working(working, raw.text("failed"))
    return read_working(working, failed)


def _place(raw: RawItem, name: str) -> str | None:
    text = raw.text(name)
    return place_name(text) if text is not None else None


def _add_battery(raw: RawItem, known: dict[str, Any]) -> list[Note]:
    text = raw.text("battery_health")
    cycle = read_cycle(raw.value("battery_cycle"))
    if cycle is not None:
        known["battery_cycle"] = cycle
    if text is None:
        return []
    known["battery_health_raw"] = text
    percent, note = read_battery(raw.value("battery_health"))
    if percent is not None:
        known["battery_health"] = percent
    return [note] if note is not None else []


def _add_dates(raw: RawItem, known: dict[str, Any]) -> list[Note]:
    notes = []
    for name in ("check_date", "received_at"):
        text = raw.text(name)
        if text is None:
            continue
        moment = read_date(text)
        if moment is None:
            notes.append(Note("date_unreadable", f"{name} could not be read: '{text[:40]}'"))
        else:
            known[name] = moment
    return notes


def read_date(text: str) -> datetime | None:
    """ISO 8601, also with a space; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _add_second_imei(raw: RawItem, known: dict[str, Any], *, is_strict: bool) -> list[Note]:
    value = raw.value("imei2")
    if value is None:
        return []
    try:
        reading = read_imei(value, is_strict=is_strict)
    except ItemRefused as refusal:
        return [Note("imei2_invalid", f"The second IMEI was not kept. {refusal.message}")]
    known["imei2"] = reading.imei
    return []


def _add_test_results(raw: RawItem, known: dict[str, Any]) -> None:
    value = raw.value("test_results")
    if isinstance(value, dict | list) and value:
        known["test_results"] = value
    elif value is not None and not isinstance(value, dict | list):
        raise ItemRefused("wrong_type", "test results must be an object or a list")
