"""Which key of a posted phone fills which field, and what stands in when none does."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from inventory.rules.blanks import is_blank
from inventory.rules.refusals import ItemRefused

SHORT, NAME, LONG = 100, 200, 10_000


@dataclass(frozen=True)
class Field:
    """`keys` are folded, the contract's own first; `fallback` is stored and marked as assumed."""

    name: str
    keys: tuple[str, ...]
    fallback: str | None = None
    longest: int = SHORT


@dataclass(frozen=True)
class Reading:
    """What a field was read from: the key as it was posted, or none when the fallback stands in."""

    field: Field
    key: str | None
    value: Any

    @property
    def is_known(self) -> bool:
        return self.key is not None


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("imei", ("imei", "imei1", "imeinumber", "imeino", "imeimeid", "deviceimei")),
        Field("imei2", ("imei2", "secondimei")),
        Field("serial_number", ("serialnumber", "serial", "serialno", "sn")),
        Field("name", ("name", "devicename", "model"), "Unknown Device", NAME),
        Field("brand", ("brand", "manufacturer", "make"), "Unknown"),
        Field("carrier", ("carrier", "network"), "Unlocked"),
        Field("model", ("model", "devicemodel"), "Unknown Model"),
        Field("model_number", ("modelnumber", "modelno")),
        Field("ram", ("ram",)),
        Field("storage", ("storage", "capacity", "memory"), "Unknown"),
        Field("color", ("color", "devicecolor", "colour"), "Unknown"),
        Field("location", ("location", "bin", "shelf", "targetlocation"), "Default Location"),
        Field("warehouse", ("warehouse",)),
        Field("working", ("working", "workingstatus", "result", "status")),
        Field("failed", ("failed", "defects", "failedtests", "faileditems"), longest=LONG),
        Field(
            "battery_health",
            ("batteryhealth", "battery", "batteryhealthpercentage", "batterypercent"),
        ),
        Field("battery_cycle", ("batterycycle", "batterycount", "cyclecount")),
        Field("screen_condition", ("screencondition", "screen"), "Unknown", NAME),
        Field("body_condition", ("bodycondition", "condition"), "Unknown", NAME),
        Field("grade", ("grade",)),
        Field("notes", ("notes", "comments", "comment", "remarks"), "", LONG),
        Field("repair_notes", ("repairnotes", "custom1"), longest=LONG),
        Field("tester_name", ("testername", "tester", "testedby")),
        Field("station", ("station", "stationname")),
        Field("mdm", ("mdm", "mdmstatus")),
        Field("test_results", ("testresults",)),
        Field("check_date", ("checkdate", "testdate", "lastupdate", "deviceupdateddate")),
        Field("received_at", ("firstreceived", "datein", "devicecreateddate")),
        Field("quantity", ("quantity", "qty")),
        Field("sku", ("sku", "skucode", "skudisplay")),
        Field("assumed", ("assumed",)),
    )
}
# Read by rules of their own: JSON true, false, 1 and 0 are values of these.
_BY_OWN_RULE = frozenset({"imei", "working", "failed", "quantity", "test_results", "assumed"})


@lru_cache(4096)
def fold_key(key: str) -> str:
    """Model# and "model number" are one key."""
    text = unicodedata.normalize("NFKC", key).casefold()
    text = text.replace("#", "number").replace("%", "percent")
    return "".join(character for character in text if character.isalnum())


def guess_field(header: str) -> str | None:
    """The field that a column's header most likely means; the first of several."""
    folded = fold_key(header)
    return next((field.name for field in FIELDS.values() if folded in field.keys), None)


class RawItem:
    """A posted phone, read field by field."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._entries: dict[str, list[tuple[str, Any]]] = {}
        for key, value in data.items():
            self._entries.setdefault(fold_key(key), []).append((key, value))
        self.assumed = frozenset(_words(self.find("assumed").value))

    def candidates(self, name: str) -> Iterator[tuple[str, Any]]:
        """(key, value) in the order in which they are asked."""
        for folded in FIELDS[name].keys:
            yield from self._entries.get(folded, ())

    def find(self, name: str) -> Reading:
        """The first value that is not blank, as it was posted."""
        field = FIELDS[name]
        if name != "assumed" and name in self.assumed:
            return Reading(field, None, None)
        for key, value in self.candidates(name):
            if not is_blank(value, fallback=field.fallback) or self._is_false(name, value):
                return Reading(field, key, value)
        return Reading(field, None, None)

    def text(self, name: str) -> str | None:
        """The value as text. Raises ItemRefused when it is no text or too long."""
        reading = self.find(name)
        if reading.key is None:
            return None
        return text_of(reading.field, reading.value)

    @staticmethod
    def _is_false(name: str, value: Any) -> bool:
        return value is False and name in _BY_OWN_RULE and name != "imei"


def text_of(field: Field, value: Any) -> str:
    """A stored text. Raises ItemRefused: nothing is cut and no list is flattened."""
    label = field.name.replace("_", " ")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ItemRefused("wrong_type", f"{label} must be text or a number")
    text = str(value).strip()
    if len(text) > field.longest:
        raise ItemRefused("text_too_long", f"{label} is longer than {field.longest} characters")
    return text


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [word for word in value.replace(",", " ").split() if word in FIELDS]
    if isinstance(value, list):
        return [word for word in value if isinstance(word, str) and word in FIELDS]
    return []
