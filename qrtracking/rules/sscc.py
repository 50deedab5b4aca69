"""Serial shipping container codes (GS1 General Specifications 3.2): 18 digits for each case.

Extension digit, company prefix, serial number, check digit; the longer the prefix, the fewer serials.
"""

import re

from qrtracking.rules.gs1 import check_digit, has_check_digit

LENGTH = 18
_DIGITS = re.compile(rf"[0-9]{{{LENGTH}}}")


def serial_digits(company_prefix: str) -> int:
    # One digit before the prefix and one after the serial are taken.
    return LENGTH - 2 - len(company_prefix)


def last_serial(company_prefix: str) -> int:
    return int(10 ** serial_digits(company_prefix)) - 1


def make_sscc(*, extension_digit: int, company_prefix: str, serial: int) -> str:
    """Raises ValueError for a serial that the prefix leaves no room for."""
    if not 0 <= serial <= last_serial(company_prefix):
        raise ValueError(f"No serial number {serial} under the prefix {company_prefix}.")
    digits = f"{extension_digit}{company_prefix}{serial:0{serial_digits(company_prefix)}d}"
    return f"{digits}{check_digit(digits)}"


def is_sscc(text: str) -> bool:
    return _DIGITS.fullmatch(text) is not None and has_check_digit(text)
