"""JSON files of phones: what stations write, what our endpoints take and give."""

from collections.abc import Mapping, Sequence
from typing import Any

# Where the list is, if it is not the whole file.
LIST_KEYS = ("items", "devices", "data")


def record_names(records: Sequence[Any]) -> tuple[str, ...]:
    """The keys of these records, in the order in which they come up first."""
    found: dict[str, None] = {}
    for record in records:
        if isinstance(record, Mapping):
            found.update(dict.fromkeys(record))
    return tuple(found)
