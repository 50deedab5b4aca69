"""How the queue has done: from the notes of its slices and the index of failed items only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from inventory import statements
from inventory.errors import HoursInvalid
from inventory.models import QueueDrain
from inventory.rules.fields import UNKNOWN_MODEL
from inventory.selectors.failures import Failure, list_failures

MOST_HOURS = 720
DEFAULT_HOURS = 24
# Parts of a period, in minutes; a chart of more than so many is no longer read.
PART_MINUTES = (1, 5, 15, 60, 360, 1_440)
MOST_PARTS = 72
SOURCES_SHOWN = 20
TACS_SHOWN = 20
DRAINS_SHOWN = 10
COUNTED = 10_000
_COLUMNS = ("claimed", "completed", "failed", "retried", "wait_ms_sum", "wait_ms_max", "run_ms")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sums:
    """What slices did. Times in milliseconds; those of nothing are None."""

    claimed: int = 0
    completed: int = 0
    failed: int = 0
    retried: int = 0
    wait_ms_sum: int = 0
    wait_ms_max: int = 0
    run_ms: int = 0
    # Of single slices, so of the last two days at most.
    slice_ms: int | None = None

    @property
    def share_failed(self) -> float | None:
        """Per cent of the items that ended."""
        ended = self.completed + self.failed
        return round(100 * self.failed / ended, 2) if ended else None

    @property
    def wait_ms_average(self) -> int | None:
        return round(self.wait_ms_sum / self.claimed) if self.claimed else None

    @property
    def item_ms(self) -> float | None:
        return round(self.run_ms / self.claimed, 2) if self.claimed else None


@dataclass(frozen=True)
class Rates:
    """Items a minute."""

    completed: float
    failed: float
    retried: float

    @classmethod
    def of(cls, sums: Sums, minutes: float) -> "Rates":
        return cls(
            *(round(count / minutes, 2) for count in (sums.completed, sums.failed, sums.retried))
        )


@dataclass(frozen=True)
class Part:
    start: datetime
    sums: Sums
    per_minute: Rates


@dataclass(frozen=True)
class SourceSums:
    source: str
    sums: Sums


@dataclass(frozen=True)
class TacMismatch:
    tac: str
    brand: str
    model: str
    # Devices of another model, at most COUNTED, and one of them.
    count: int
    is_capped: bool
    imei: str


@dataclass(frozen=True)
class Analytics:
    hours: int
    since: datetime
    until: datetime
    part_minutes: int
    totals: Sums
    per_minute: Rates
    # The oldest first, none left out.
    parts: tuple[Part, ...]
    sources: tuple[SourceSums, ...]
    # Of what is failed now: a retry would take them.
    failures: tuple[Failure, ...]
    tac_mismatches: tuple[TacMismatch, ...]
    drains: tuple[QueueDrain, ...]


def read_hours(value: Any) -> int:
    """From 1 to 720. Raises HoursInvalid."""
    text = str(value)
    hours = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= hours <= MOST_HOURS:
        raise HoursInvalid
    return hours


def get_analytics(organization_id: UUID, *, hours: int, now: datetime) -> Analytics:
    minutes = part_minutes(hours)
    since = _first_part(now - timedelta(hours=hours), minutes)
    rows = statements.fetch_all(
        "slice_sums",
        {"organization": organization_id, "minutes": minutes, "since": since, "until": now},
    )
    sums = {(kind, part or source): _sums(numbers) for kind, part, source, *numbers in rows}
    totals = sums.get(("all", None), Sums())
    sources = [SourceSums(name, one) for (kind, name), one in sums.items() if kind == "source"]
    return Analytics(
        hours=hours,
        since=since,
        until=now,
        part_minutes=minutes,
        totals=totals,
        per_minute=Rates.of(totals, (now - since).total_seconds() / 60),
        parts=tuple(_parts(sums, since=since, until=now, minutes=minutes)),
        sources=tuple(
            sorted(sources, key=lambda one: (-one.sums.claimed, one.source))[:SOURCES_SHOWN]
        ),
        failures=tuple(list_failures(organization_id)),
        tac_mismatches=tuple(list_tac_mismatches(organization_id)),
        drains=tuple(list_drains(organization_id)),
    )


def part_minutes(hours: int) -> int:
    """As fine as can be read. Slices older than two days are known by the hour only."""
    return next(size for size in PART_MINUTES if hours * 60 <= size * MOST_PARTS)


def _first_part(moment: datetime, minutes: int) -> datetime:
    """Parts begin at full hours, or minutes; the first one is whole."""
    size = timedelta(minutes=minutes)
    return _EPOCH + -(-(moment - _EPOCH) // size) * size


def _sums(numbers: Sequence[Any]) -> Sums:
    """From the columns of the statement; a period without slices has none of them."""
    whole = dict(zip(_COLUMNS, (int(one or 0) for one in numbers), strict=False))
    slice_ms = numbers[len(_COLUMNS)]
    return Sums(**whole, slice_ms=None if slice_ms is None else round(slice_ms))


def _parts(
    sums: Mapping[Any, Sums], *, since: datetime, until: datetime, minutes: int
) -> Iterable[Part]:
    start, size = since, timedelta(minutes=minutes)
    while start < until:
        one = sums.get(("part", start), Sums())
        # The last part is still going on.
        passed = min(size, until - start).total_seconds() / 60
        yield Part(start, one, Rates.of(one, passed))
        start += size


def list_tac_mismatches(organization_id: UUID) -> list[TacMismatch]:
    rows = statements.fetch_all(
        "tac_mismatch_counts",
        {
            "organization": organization_id,
            "unknown": UNKNOWN_MODEL,
            "limit": COUNTED + 1,
            "shown": TACS_SHOWN,
        },
    )
    return [
        TacMismatch(tac, brand, model, min(count, COUNTED), count > COUNTED, imei)
        for tac, brand, model, count, imei in rows
    ]


def list_drains(organization_id: UUID) -> list[QueueDrain]:
    """The newest ones, whatever became of them."""
    drains = QueueDrain.objects.filter(organization_id=organization_id)
    return list(drains.order_by("-created_at", "-id")[:DRAINS_SHOWN])
