"""Pasted lists: an IMEI a line, or an IMEI, a tab and its place, or many IMEIs in a line."""

import re
from collections.abc import Iterator

from inventory.rules.imei import read_imei
from inventory.rules.intake_header import is_imei_name
from inventory.rules.refusals import ItemRefused

_BETWEEN = re.compile(r"[\s,;]+")


def read_pasted_list(text: str) -> Iterator[dict[str, str]]:
    """The phones of a pasted text, with `imei` and, where it has one, `location`.

    What is no IMEI comes too, to be refused with a reason; only its name (a header, a label) is left
    out. A line may give several phones.
    """
    for line in text.splitlines():
        if line.strip():
            yield from _phones(line)


def _phones(line: str) -> Iterator[dict[str, str]]:
    if "\t" in line:
        first, _, rest = line.partition("\t")
        yield from _row(first.strip(), rest)
    elif _is_one(line):
        yield {"imei": line.strip()}
    else:
        yield from ({"imei": word} for word in _words(line))


def _row(first: str, rest: str) -> Iterator[dict[str, str]]:
    cells = [cell for cell in (part.strip() for part in rest.split("\t")) if cell]
    if is_imei_name(first):
        return
    if not cells:
        yield from _phones(first) if first else ()
    elif _is_one(cells[0]):
        # A row of IMEIs, as spreadsheets copy it: no place is called like one.
        yield from ({"imei": cell} for cell in (first, *cells) if cell)
    else:
        yield {"imei": first, "location": cells[0]}


def _words(line: str) -> list[str]:
    return [word for word in _BETWEEN.split(line) if word and not is_imei_name(word)]


def _is_one(text: str) -> bool:
    try:
        read_imei(text)
    except ItemRefused:
        return False
    return True
