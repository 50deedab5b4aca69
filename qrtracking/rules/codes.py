"""Texts of unit and case codes."""

import hmac
import re
from datetime import date

from qrtracking.rules.text import match_key

CODE_PATTERN = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"
SHORT_STICKER_CUT = 2
HASH_LENGTH = 12

_HASH_SUFFIX = re.compile(r"-[0-9A-F]{10}[0-9]{2}\Z")


def h12(text: str, *, secret: bytes) -> str:
    """Ten hex digits of HMAC-SHA256 and two decimal digits of its sixth byte."""
    digest = hmac.digest(secret, text.encode(), "sha256")
    return f"{digest[:5].hex()}{digest[5] % 100:02d}"


def unit_stem(*, prefix: str, product_code: str, variant_code: str, order_no: str) -> str:
    """The part that all units of one variant of an order share, with its last dash."""
    return f"{prefix}-{product_code}-{variant_code}-{order_no}-"


def unit_text(stem: str, sequence: int, *, secret: bytes) -> str:
    """The complete code of one unit."""
    text = f"{stem}{sequence:05d}"
    return f"{text}-{h12(text, secret=secret)}"


def unit_code(
    *,
    prefix: str,
    product_code: str,
    variant_code: str,
    order_no: str,
    sequence: int,
    secret: bytes,
) -> str:
    stem = unit_stem(
        prefix=prefix, product_code=product_code, variant_code=variant_code, order_no=order_no
    )
    return unit_text(stem, sequence, secret=secret)


def master_code(*, prefix: str, order_no: str, case_number: int, secret: bytes) -> str:
    text = f"{prefix}-{order_no}-CASE-{case_number:03d}"
    return f"{text}-{h12(text, secret=secret)}"


def stored_forms(code: str) -> tuple[str, ...]:
    """The texts that mean a stored code, upper-case, in the order in which they are tried.

    Full text; without its last two characters (old stickers); without its hash and the dash.
    A form counts only when it means exactly one stored code of the organization.
    """
    upper = match_key(code)
    forms = [upper, upper[:-SHORT_STICKER_CUT]]
    if _HASH_SUFFIX.search(upper):
        forms.append(upper[: -HASH_LENGTH - 1])
    return tuple(form for form in forms if form)


def order_number(*, prefix: str, on: date, counter: int) -> str:
    """`ORD-HM-1125-02`: prefix, month and year, counter within the month."""
    return f"{order_number_stem(prefix=prefix, on=on)}{counter:02d}"


def order_number_stem(*, prefix: str, on: date) -> str:
    return f"{prefix}-{on:%m%y}-"
