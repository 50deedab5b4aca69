"""Carriers and places: one spelling for what is the same."""

from typing import Final

UNLOCKED: Final = "Unlocked"
_CARRIERS = {
    "unlocked": UNLOCKED, "unl": UNLOCKED,
    "att": "AT&T", "at&t": "AT&T",
    "tmobile": "T-Mobile", "t-mobile": "T-Mobile", "tmo": "T-Mobile",
    "verizon": "Verizon", "vzw": "Verizon",
}  # fmt: skip


def carrier_of(text: str) -> str:
    stripped = text.strip()
    return _CARRIERS.get(stripped.casefold(), stripped)


def place_key(text: str) -> str:
    """Two spellings with one key are one place."""
    return " ".join(text.split()).casefold()


def place_name(text: str) -> str:
    return " ".join(text.split())
