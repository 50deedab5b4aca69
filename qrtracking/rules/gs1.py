"""Numbers of GS1 (General Specifications) and their addresses (Digital Link URI Syntax)."""

import re

# Every GS1 number has an address here, whoever gave it: the form that needs no company prefix.
DIGITAL_LINK = "https://id.gs1.org"

_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")
# The end of a unit's code: its sequence and hash. At most 20 characters, as a serial number may have.
_SERIAL = re.compile(r"-([0-9]{5,7}-[0-9A-Fa-f]{10}[0-9]{2})\Z")


def check_digit(digits: str) -> int:
    """Of the digits before it: weights 3, 1, 3, … from the right, filled up to a multiple of ten."""
    total = sum(
        int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits))
    )
    return -total % 10


def has_check_digit(number: str) -> bool:
    return check_digit(number[:-1]) == int(number[-1])


def sscc_link(sscc: str) -> str:
    return f"{DIGITAL_LINK}/00/{sscc}"


def sgtin_link(*, gtin: str | None, code: str) -> str | None:
    """The unit as a numbered piece of its product; None without a right GTIN or a code of ours.

    A unit's code is too long for a serial number. Its last two parts name it well enough: the hash
    differs between two orders that have the same sequence.
    """
    serial = _SERIAL.search(code)
    if gtin is None or serial is None or not is_gtin(gtin):
        return None
    return f"{DIGITAL_LINK}/01/{gtin:0>14}/21/{serial[1]}"


def is_gtin(text: str) -> bool:
    return _GTIN.fullmatch(text) is not None and has_check_digit(text)
