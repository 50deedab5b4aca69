"""IMEI: one text of 15 digits from whatever a station, a sheet or a scanner made of it.

Sources: 3GPP TS 23.003 (structure, check digit, software version), GSMA TS.06 (type allocation).
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from stdnum import luhn

from inventory.rules.blanks import is_blank
from inventory.rules.refusals import ItemRefused, Note

DIGITS = 15
BODY = 14
SHOWN = 40

_LABEL = re.compile(r"^imei(?:\s*/\s*meid|\s*number|1)?\s*[:#=]\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^[0-9](?:\.[0-9]*)?e\+?[0-9]+$", re.IGNORECASE)
_DECIMAL_POINT = re.compile(r"^([0-9]+)\.0+$")
_SOFTWARE_VERSION = re.compile(r"^([0-9]{15})\s*/\s*[0-9]{2}$")
_SEPARATORS = re.compile(r"[\s\-/._]")
_NUMBER_GROUP = re.compile(r"(?<![0-9])[0-9]{14,16}(?![0-9])")
_QUOTES = "\"'`\u2018\u2019\u201c\u201d"


@dataclass(frozen=True)
class ImeiReading:
    imei: str
    luhn_valid: bool
    notes: tuple[Note, ...] = ()


def check_digit(body: str) -> str:
    """The digit that follows 14 others (Luhn). Raises ValueError for anything else."""
    if len(body) != BODY or not (body.isascii() and body.isdigit()):
        raise ValueError("A check digit belongs to 14 digits")
    return str(luhn.calc_check_digit(body))


def read_imei(value: Any, *, is_strict: bool = False) -> ImeiReading:
    """Read one value of the IMEI's key chain.

    `is_strict` refuses a wrong check digit, otherwise it is kept and told.
    Raises ItemRefused with one of the codes imei_missing, imei_not_numeric, imei_scientific,
    imei_number_ambiguous, imei_multiple, imei_length, imei_placeholder and imei_check_digit.
    """
    if value is None or (isinstance(value, str) and is_blank(value)):
        raise ItemRefused("imei_missing", "Missing IMEI - this is the only required field")
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _not_numeric(value)
    if isinstance(value, str):
        digits, notes = _digits_of_text(value)
    else:
        digits, notes = _digits_of_number(value), ()
    return _judge(digits, notes, is_strict=is_strict)


def _digits_of_text(value: str) -> tuple[str, tuple[Note, ...]]:
    if len(value) == DIGITS and value.isascii() and value.isdigit():
        return value, ()
    text = _plain(value)
    if _SCIENTIFIC.match(text):
        raise _scientific()
    if number := _DECIMAL_POINT.match(text):
        return _digits_of_number(int(number[1])), ()
    if version := _SOFTWARE_VERSION.match(text):
        note = Note("imei_svn_dropped", "The software version after the IMEI was dropped")
        return version[1], (note,)
    digits = _SEPARATORS.sub("", text)
    if len(_NUMBER_GROUP.findall(text)) > 1 or (digits.isdigit() and len(digits) >= 2 * BODY):
        raise ItemRefused("imei_multiple", "More than one IMEI in the field")
    if not (digits.isascii() and digits.isdigit()):
        raise _not_numeric(value)
    return _complete(digits)


def _complete(digits: str) -> tuple[str, tuple[Note, ...]]:
    if len(digits) == BODY:
        note = Note("check_digit_added", "The check digit was missing and has been added")
        return digits + check_digit(digits), (note,)
    if len(digits) == DIGITS + 1:
        note = Note("imeisv_normalised", "An IMEI with software version was made an IMEI")
        return digits[:BODY] + check_digit(digits[:BODY]), (note,)
    if len(digits) != DIGITS:
        raise ItemRefused("imei_length", f"IMEI must have 15 digits, got {len(digits)}")
    return digits, ()


def _digits_of_number(value: float | Decimal) -> str:
    """Numbers come from JSON and from cells: they may have lost a leading zero or their end."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _not_numeric(value) from None
    if not number.is_finite() or number < 0 or number != number.to_integral_value():
        raise _not_numeric(value)
    digits = str(int(number))
    if len(digits) in {BODY, DIGITS + 1}:
        raise ItemRefused(
            "imei_number_ambiguous",
            f"IMEI came as a number with {len(digits)} digits: a leading zero may be lost. "
            "Send it as text",
        )
    if len(digits) != DIGITS:
        raise ItemRefused("imei_length", f"IMEI must have 15 digits, got {len(digits)}")
    if digits.endswith("000000"):
        raise _scientific()
    return digits


def _judge(digits: str, notes: tuple[Note, ...], *, is_strict: bool) -> ImeiReading:
    if set(digits[:BODY]) == {"0"}:
        raise ItemRefused("imei_placeholder", "IMEI is a placeholder (all zeros)")
    expected = check_digit(digits[:BODY])
    if digits[-1] == expected:
        return ImeiReading(digits, luhn_valid=True, notes=notes)
    if is_strict:
        raise ItemRefused("imei_check_digit", "Invalid IMEI check digit")
    note = Note("imei_check_digit", f"The check digit is wrong, expected {expected}")
    return ImeiReading(digits, luhn_valid=False, notes=(*notes, note))


def _plain(value: str) -> str:
    text = unicodedata.normalize("NFKC", value)
    text = "".join(_as_ascii(character) for character in text).strip()
    text = text.strip(_QUOTES).strip()
    return _LABEL.sub("", text).strip().strip(_QUOTES).strip()


def _as_ascii(character: str) -> str:
    """NFKC leaves the digits of other scripts as they are."""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _scientific() -> ItemRefused:
    return ItemRefused("imei_scientific", "IMEI in scientific notation - column must be text")


def _not_numeric(value: Any) -> ItemRefused:
    return ItemRefused("imei_not_numeric", f"IMEI is not numeric: '{str(value)[:SHOWN]}'")
