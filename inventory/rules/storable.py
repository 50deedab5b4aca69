"""Whether a posted phone can be kept exactly as it was posted."""

import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

DEEPEST = 32
BIGGEST = 10**308
_KILOBYTE = 1024


class NotStorable(ValueError):
    """The reason, for people."""


def as_stored(data: Mapping[str, Any], *, max_kilobytes: int) -> str:
    """The JSON text of a phone as jsonb takes it. Raises NotStorable."""
    _check_values(data)
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, default=_plain_number)
        size = len(text.encode())
    except UnicodeEncodeError:
        raise NotStorable("it has a lone surrogate") from None
    # The encoder writes NUL as an escape; a backslash before the same letters is another text.
    if "\\u0000" in text and any("\0" in one for one in _texts(data)):
        raise NotStorable("it has a NUL character")
    if size > max_kilobytes * _KILOBYTE:
        raise NotStorable(f"it is larger than {max_kilobytes} KB")
    return text


def _check_values(data: Mapping[str, Any]) -> None:
    """Numbers and depth, level by level: a deep nest must not use up the stack."""
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for container in level:
            values = container.values() if isinstance(container, Mapping) else container
            for value in values:
                # Nearly all are texts, and to ask whether they are mappings takes long.
                if value is None or isinstance(value, str):
                    continue
                if isinstance(value, Mapping | list):
                    inner.append(value)
                else:
                    _check_number(value)
        if not inner:
            return
        level = inner
    raise NotStorable(f"it is nested deeper than {DEEPEST} levels")


def _check_number(value: Any) -> None:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        if not -BIGGEST <= value <= BIGGEST:
            raise NotStorable("it has a number beyond 1e308")
    elif isinstance(value, Decimal | float):
        if math.isnan(value):
            raise NotStorable("it has NaN, which is no number")
        if not -BIGGEST <= value <= BIGGEST:
            raise NotStorable("it has a number beyond 1e308")
    else:
        raise NotStorable(f"it has a {type(value).__name__}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _plain_number(value: Any) -> int | float:
    """Readers of big bodies give numbers as Decimal."""
    return int(value) if value == value.to_integral_value() else float(value)
