"""Numbers for a monitoring system: every app says what it measures, read when somebody asks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Reader = Callable[[], Iterable["Gauge"]]
_readers: list[Reader] = []


@dataclass(frozen=True)
class Gauge:
    """One measure; `values` by its labels, in the order of their names."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    values: dict[tuple[str, ...], float] = field(default_factory=dict)


def gauges(reader: Reader) -> Reader:
    """Registers a function that reads some gauges."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def read_gauges() -> Iterator[Gauge]:
    for reader in _readers:
        yield from reader()
