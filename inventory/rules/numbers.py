"""Battery, cycles and quantity: numbers as people and stations write them."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from inventory.rules.blanks import is_blank
from inventory.rules.refusals import ItemRefused, Note

_NUMBER = re.compile(r"^[+-]?[0-9]+(?:\.[0-9]+)?$")
BIGGEST_CYCLE = 2**31 - 1
SHOWN = 40


def read_battery(value: Any) -> tuple[int | None, Note | None]:
    """Percent from 0 to 100, half up; a share below 1 counts as percent, 1.0 could be either."""
    number = _number(value, strip="%")
    if number is None:
        return None, None
    if number == 1 and "." in str(value) and "%" not in str(value):
        return None, Note("battery_ambiguous", f"Battery health {value} may be 1 % or 100 %")
    if 0 < number < 1 and "%" not in str(value):
        number *= 100
    # Also a number that is too long to be rounded is out of range.
    if not -1 < number < 101 or not 0 <= (percent := _rounded(number)) <= 100:
        text = f"Battery health {str(value)[:SHOWN]} is not from 0 to 100"
        return None, Note("battery_out_of_range", text)
    return percent, None


def _rounded(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def read_cycle(value: Any) -> int | None:
    """A whole number of charge cycles, or nothing."""
    number = _number(value)
    if number is None or number != number.to_integral_value():
        return None
    return int(number) if 0 <= number <= BIGGEST_CYCLE else None


def read_quantity(value: Any) -> Note | None:
    """One IMEI is one unit: more is noted. Raises ItemRefused for what is no quantity."""
    if is_blank(value):
        return None
    number = _number(value)
    if number is None or number < 1 or number != number.to_integral_value():
        raise ItemRefused("quantity_invalid", "Quantity must be a whole number of at least 1")
    if number == 1:
        return None
    text = f"Quantity {str(value)[:SHOWN]} was ignored: one IMEI is one unit"
    return Note("quantity_ignored", text)


def _number(value: Any, *, strip: str = "") -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = str(value).strip().rstrip(strip).strip()
    try:
        number = Decimal(text) if _NUMBER.match(text) or not isinstance(value, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
