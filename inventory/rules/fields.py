"""Which key of a posted phone fills which field, and what stands in when none does."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from inventory.rules.blanks import is_blank
from inventory.rules.refusals import ItemRefused
from inventory.rules.working import token_of

SHORT, NAME, LONG = 100, 200, 10_000
UNKNOWN_MODEL = "Unknown Model"


@dataclass(frozen=True)
class Field:
    """`keys` are folded, the contract's own first; `fallback` is stored and marked as assumed."""

    name: str
    keys: tuple[str, ...]
    fallback: str | None = None
    longest: int = SHORT
    # A phone may really be what the fallback says: posted, it is believed if nothing else is said.
    is_fallback_a_value: bool = False

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")


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
        Field("carrier", ("carrier", "network"), "Unlocked", is_fallback_a_value=True),
        Field("model", ("model", "devicemodel"), UNKNOWN_MODEL),
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
_FALSE_IS_A_VALUE = frozenset({"working", "failed"})


@lru_cache(4096)
def fold_key(key: str) -> str:
    """Model# and "model number" are one key."""
    text = unicodedata.normalize("NFKC", key).casefold()
    text = text.replace("#", "number").replace("%", "percent")
    return "".join(character for character in text if character.isalnum())


# Folded key -> the fields that ask for it, and when: 0 is asked first.
_ASKED: dict[str, list[tuple[Field, int]]] = {}
for _field in FIELDS.values():
    for _rank, _key in enumerate(_field.keys):
        _ASKED.setdefault(_key, []).append((_field, _rank))


def guess_field(header: str) -> str | None:
    """The field that a column's header most likely means: the one that asks for it earliest."""
    asked = _ASKED.get(fold_key(header), ())
    return min(asked, key=itemgetter(1))[0].name if asked else None


class RawItem:
    """A posted phone, read field by field: for each the first value that is not blank."""

    __slots__ = ("_found", "assumed")

    def __init__(self, data: Mapping[str, Any]) -> None:
        # One pass over the keys: most fields are not there.
        found: dict[str, tuple[int, str, Any]] = {}
        for key, value in data.items():
            folded = fold_key(key)
            for field, rank in _ASKED.get(folded, ()):
                best = found.get(field.name)
                asked = rank if _counts(field, folded, value) else _rank_of_fallback(field, value)
                if asked is not None and (best is None or asked < best[0]):
                    found[field.name] = (asked, key, value)
        self._found = found
        self.assumed: frozenset[str] = frozenset()
        if "assumed" in found:
            self.assumed = frozenset(_words(found["assumed"][2]))
            for name in self.assumed:
                found.pop(name, None)

    def find(self, name: str) -> Reading:
        """The value as it was posted."""
        best = self._found.get(name)
        return Reading(FIELDS[name], best[1] if best else None, best[2] if best else None)

    def value(self, name: str) -> Any:
        """The value as it was posted, or None."""
        best = self._found.get(name)
        return best[2] if best else None

    def text(self, name: str) -> str | None:
        """The value as text. Raises ItemRefused when it is no text or too long."""
        best = self._found.get(name)
        return text_of(FIELDS[name], best[2]) if best else None


def _counts(field: Field, folded: str, value: Any) -> bool:
    if value is False:
        return field.name in _FALSE_IS_A_VALUE
    if folded == "status" and token_of(value) is None:
        # A state of something else.
        return False
    if folded == "model" and is_blank(value, fallback=UNKNOWN_MODEL):
        # The model stands in for the name, its own fallback does not.
        return False
    return not is_blank(value, fallback=field.fallback)


def _rank_of_fallback(field: Field, value: Any) -> int | None:
    """Behind every other value."""
    if not field.is_fallback_a_value or is_blank(value):
        return None
    return len(field.keys) if is_blank(value, fallback=field.fallback) else None


def text_of(field: Field, value: Any) -> str:
    """A stored text. Raises ItemRefused: nothing is cut and no list is flattened."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ItemRefused("wrong_type", f"{field.label} must be text or a number")
        value = str(value)
    text: str = value.strip()
    if len(text) > field.longest:
        reason = f"{field.label} is longer than {field.longest} characters"
        raise ItemRefused("text_too_long", reason)
    return text


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [word for word in value.replace(",", " ").split() if word in FIELDS]
    if isinstance(value, list):
        return [word for word in value if isinstance(word, str) and word in FIELDS]
    return []
