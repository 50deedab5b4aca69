"""JSON files of phones: what stations write, what our endpoints take and give."""

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.rules.fields import guess_field

# Where the list is, if it is not the whole file.
LIST_KEYS = ("items", "devices", "data")


def find_records(value: Any) -> list[Any] | None:
    """The list of phones in a file; None when it has none. Its elements may be anything."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in LIST_KEYS if isinstance(value.get(key), list)), None)
    return value if isinstance(value, list) else None


def record_names(records: Sequence[Any]) -> tuple[str, ...]:
    """The keys of these records, in the order in which they come up first."""
    found: dict[str, None] = {}
    for record in records:
        if isinstance(record, Mapping):
            found.update(dict.fromkeys(record))
    return tuple(found)


def needs_mapping(names: Sequence[str]) -> bool:
    """Records of stations, of our exports and of /add name their IMEI; others do not."""
    return not any(guess_field(name) == "imei" for name in names)
