"""What counts as no value at all."""

from typing import Any

WORDS = frozenset({"n/a", "na", "null", "none", "undefined", "-", "--"})


def is_blank(value: Any, *, fallback: str | None = None) -> bool:
    """Null, false, whitespace, a word for nothing, or the field's own fallback text."""
    if value is None or value is False:
        return True
    if not isinstance(value, str):
        return False
    text = value.strip().casefold()
    return not text or text in WORDS or (fallback is not None and text == fallback.casefold())
