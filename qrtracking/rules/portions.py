"""How many entries are looked up at once: they may be ranges, so their units count as well."""

from collections.abc import Sequence
from itertools import accumulate

from qrtracking.rules.text import Entry

MOST_ENTRIES = 20_000
MOST_UNITS = 200_000


def first_portion(entries: Sequence[Entry], *, most: int = MOST_ENTRIES) -> Sequence[Entry]:
    """The first entries, at least one, as many as one statement should resolve."""
    units = accumulate(max(1, entry.last - entry.first + 1) for entry in entries[:most])
    fitting = sum(1 for total in units if total <= MOST_UNITS)
    return entries[: max(1, fitting)]
