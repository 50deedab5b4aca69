"""How the queue reads a posted phone, field by field: the same rules, told to people."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inventory.rules.fields import FIELDS, Field, RawItem, guess_field, text_of
from inventory.rules.imei import read_imei
from inventory.rules.incoming import read_date
from inventory.rules.numbers import read_battery, read_cycle, read_quantity
from inventory.rules.places import carrier_of, place_name
from inventory.rules.refusals import ItemRefused
from inventory.rules.working import read_working

SHOWN = 200
_RANKS = {name: rank for rank, name in enumerate(FIELDS)}
# It says which of the other fields count as blank.
_NOT_SHOWN = "assumed"


class How(StrEnum):
    READ = "read"
    # Something was posted that says nothing.
    ODD = "not readable"
    REFUSED = "refused"
    FALLBACK = "fallback"
    ABSENT = "not given"


@dataclass(frozen=True)
class FieldReading:
    """`key` and `posted` are as they came; `value` is what is kept, or stands in for a new device."""

    field: Field
    how: How
    key: str = ""
    posted: str = ""
    value: str = ""
    problem: str = ""


@dataclass(frozen=True)
class ItemReading:
    """`unread` are the posted keys that fill no field: they stay in the raw data only."""

    fields: tuple[FieldReading, ...]
    unread: tuple[str, ...]

    @property
    def given(self) -> list[FieldReading]:
        return [field for field in self.fields if field.key]

    @property
    def missing(self) -> list[FieldReading]:
        return [field for field in self.fields if not field.key]


def read_fields(data: Mapping[str, Any]) -> ItemReading:
    """Every field of the contract, in its order."""
    raw = RawItem(data)
    fields = tuple(_read(field, raw) for name, field in FIELDS.items() if name != _NOT_SHOWN)
    used = {field.key for field in fields} | {raw.find(_NOT_SHOWN).key}
    return ItemReading(fields, tuple(order_columns(key for key in data if key not in used)))


def order_columns(names: Iterable[str]) -> list[str]:
    """Posted keys: those of known fields first, in the order of the contract, then by name."""
    return sorted(names, key=lambda name: (_RANKS.get(guess_field(name) or "", len(_RANKS)), name))


def as_text(value: Any) -> str:
    """A posted value as it looks in JSON; a text without its quotes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _read(field: Field, raw: RawItem) -> FieldReading:
    found = raw.find(field.name)
    if found.key is None:
        how = How.FALLBACK if field.fallback else How.ABSENT
        return FieldReading(field, how, value=field.fallback or "")
    key, posted = found.key, as_text(found.value)
    try:
        value = _READERS.get(field.name, _as_posted)(raw, field)
    except ItemRefused as refusal:
        return FieldReading(field, How.REFUSED, key, posted, problem=refusal.message)
    if value is None:
        return FieldReading(field, How.ODD, key, posted)
    return FieldReading(field, How.READ, key, posted, as_text(value))


def _as_posted(raw: RawItem, field: Field) -> Any:
    return text_of(field, raw.value(field.name))


def _imei(raw: RawItem, field: Field) -> str:
    return read_imei(raw.value(field.name)).imei


def _date(raw: RawItem, field: Field) -> str | None:
    moment = read_date(_as_posted(raw, field))
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else None


def _working(raw: RawItem, field: Field) -> str | None:
    working = read_working(raw.value("working"), raw.value("failed"))
    if field.name == "working":
        return working.status
    return working.defects or (working.status if working.is_given else None)


def _battery(raw: RawItem, field: Field) -> str | None:
    percent, _ = read_battery(raw.value(field.name))
    return None if percent is None else f"{percent} %"


def _quantity(raw: RawItem, field: Field) -> str:
    note = read_quantity(raw.value(field.name))
    return "1" if note is None else f"1 ({note.message})"


def _test_results(raw: RawItem, field: Field) -> Any:
    value = raw.value(field.name)
    if not isinstance(value, dict | list):
        raise ItemRefused("wrong_type", "test results must be an object or a list")
    return value


_READERS: dict[str, Callable[[RawItem, Field], Any]] = {
    "imei": _imei,
    "imei2": _imei,
    "carrier": lambda raw, field: carrier_of(_as_posted(raw, field)),
    "location": lambda raw, field: place_name(_as_posted(raw, field)),
    "warehouse": lambda raw, field: place_name(_as_posted(raw, field)),
    "working": _working,
    "failed": _working,
    "battery_health": _battery,
    "battery_cycle": lambda raw, field: read_cycle(raw.value(field.name)),
    "check_date": _date,
    "received_at": _date,
    "quantity": _quantity,
    "test_results": _test_results,
}
