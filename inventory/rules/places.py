"""Carriers and places: one spelling for what is the same."""

from typing import Final

UNLOCKED: Final = "Unlocked"
LONGEST_KEY: Final = 100
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
    name = place_name(text)
    key = name.casefold()
    if len(key) <= LONGEST_KEY:
        return key
    # ß is ss: letters that become several stay as they are where the key would not fit its column.
    folded = ((letter, letter.casefold()) for letter in name)
    return "".join(key if len(key) == 1 else letter for letter, key in folded)


def place_name(text: str) -> str:
    return " ".join(text.split())
