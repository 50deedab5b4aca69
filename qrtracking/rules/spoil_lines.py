"""The list of spoiled units as people write it."""

import re

# "15 -> 1001": the spare that takes the place of unit 15. No label holds this sign.
_ARROW = re.compile("[-=\u2010-\u2015\u2212]*>|\u2192")


def read_spoil_lines(text: str) -> tuple[list[str], list[str]]:
    """Give the spoiled units of each line, and at the same positions the spares they name."""
    spoiled: list[str] = []
    spares: list[str] = []
    for line in text.splitlines():
        units, *named = _ARROW.split(line, maxsplit=1)
        if units.strip():
            spoiled.append(units)
            spares.append(named[0] if named else "")
    return spoiled, spares
