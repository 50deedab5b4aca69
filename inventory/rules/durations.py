"""Spans of time as PostgreSQL writes them, which is what clients of the contract read."""

from decimal import ROUND_HALF_UP, Decimal

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def span_text(seconds: float) -> str:
    """HH:MM:SS.ff, with `1 day ` or `N days ` before it from 24 hours on."""
    hundredths = int(Decimal(str(seconds * 100)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    whole, fraction = divmod(max(0, hundredths), 100)
    days, rest = divmod(whole, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    clock = f"{hours:02}:{minutes:02}:{left:02}.{fraction:02}"
    if not days:
        return clock
    return f"{days} day{'s' if days > 1 else ''} {clock}"
