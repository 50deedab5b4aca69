"""The queue at a glance: its counts come from the ledger, never from counting its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Sum
from django.db.models.functions import Now

from accounts.models import User
from inventory import statements
from inventory.models import ItemStatus, QueueDrain, QueueSlice
from inventory.rules.durations import span_text
from inventory.selectors.control import get_control, is_paused
from jobs.states import State

HIGH_FAILED = "High number of failed items detected"
BACKLOG = "Queue backlog detected"
RATE_MINUTES = 5


@dataclass(frozen=True)
class QueueStats:
    total: int
    pending: int
    processing: int
    completed: int
    failed: int
    # None without completed items.
    average_seconds: float | None
    oldest_pending_at: datetime | None
    delayed: int
    stuck: int
    is_processing: bool
    desired_state: str

    @property
    def average_time(self) -> str | None:
        """`HH:MM:SS.ff`"""
        return None if self.average_seconds is None else span_text(self.average_seconds)

    @property
    def due(self) -> int:
        return max(0, self.pending - self.delayed)


@dataclass(frozen=True)
class Waiting:
    organization_id: UUID
    oldest_at: datetime | None
    # How long it has waited; 0 when nothing is due.
    oldest_seconds: float
    delayed: int
    stuck: int


@dataclass(frozen=True)
class Health:
    level: str
    warnings: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        return self.level == "ok"


@dataclass(frozen=True)
class QueueStatus:
    stats: QueueStats
    is_paused_by_staff: bool
    changed_by: User | None
    changed_at: datetime | None
    drains: tuple[QueueDrain, ...]
    items_per_minute: float
    health: Health


def get_counts(organization_id: UUID) -> dict[str, int]:
    """Items by status, every status."""
    return {status: rows for status, (rows, _) in _read_ledger(organization_id).items()}


def count_due_items(organization_id: UUID, *, most: int) -> int:
    """Items that a worker may take now, counted to `most` of those that have failed before and of
    the others."""
    (count,) = statements.fetch_one("count_due", {"organization": organization_id, "most": most})
    return int(count)


def get_stats(organization_id: UUID) -> QueueStats:
    ledger = _read_ledger(organization_id)
    completed, seconds = ledger[ItemStatus.COMPLETED]
    (waiting,) = list_waiting([organization_id])
    return QueueStats(
        total=sum(rows for rows, _ in ledger.values()),
        pending=ledger[ItemStatus.PENDING][0],
        processing=ledger[ItemStatus.PROCESSING][0],
        completed=completed,
        failed=ledger[ItemStatus.FAILED][0],
        average_seconds=seconds / completed if completed else None,
        oldest_pending_at=waiting.oldest_at,
        delayed=waiting.delayed,
        stuck=waiting.stuck,
        is_processing=list_open_drains(organization_id) != [],
        desired_state=get_control(organization_id).desired_state,
    )


def get_status(organization_id: UUID) -> QueueStatus:
    stats, control = get_stats(organization_id), get_control(organization_id)
    return QueueStatus(
        stats=stats,
        is_paused_by_staff=is_paused(),
        changed_by=control.changed_by,
        changed_at=control.changed_at,
        drains=tuple(list_open_drains(organization_id)),
        items_per_minute=get_rate(organization_id),
        health=judge_health(failed=stats.failed, pending=stats.pending),
    )


def judge_health(*, failed: int, pending: int) -> Health:
    warnings = []
    if failed > settings.QUEUE_WARN_FAILED:
        warnings.append(HIGH_FAILED)
    if pending > settings.QUEUE_WARN_PENDING:
        warnings.append(BACKLOG)
    return Health("warn" if warnings else "ok", tuple(warnings))


def list_waiting(organization_ids: Iterable[UUID]) -> list[Waiting]:
    rows = statements.fetch_all(
        "queue_waiting",
        {
            "organizations": list(organization_ids),
            "lease_seconds": settings.QUEUE_LEASE_SECONDS,
        },
    )
    return [Waiting(*row) for row in rows]


def get_rate(organization_id: UUID) -> float:
    """Ended items a minute, over the last five minutes."""
    return list_rates([organization_id]).get(organization_id, 0.0)


def list_rates(organization_ids: Iterable[UUID]) -> dict[UUID, float]:
    """Of organizations in which something ended in the last five minutes, as `get_rate`."""
    slices = QueueSlice.objects.filter(
        organization_id__in=list(organization_ids),
        finished_at__gte=Now() - timedelta(minutes=RATE_MINUTES),
    )
    ended = slices.values("organization_id").annotate(count=Sum(F("completed") + F("failed")))
    return {
        row["organization_id"]: round(row["count"] / RATE_MINUTES, 1)
        for row in ended.order_by("organization_id")
    }


def list_open_drains(organization_id: UUID) -> list[QueueDrain]:
    open_drains = QueueDrain.objects.in_state(State.WAITING, State.ACTIVE)
    return list(open_drains.filter(organization_id=organization_id).order_by("lane"))


def _read_ledger(organization_id: UUID) -> dict[str, tuple[int, float]]:
    rows = statements.fetch_all("queue_counts", {"organization": organization_id})
    sums = {status: (int(count), float(seconds)) for status, count, seconds in rows}
    return {status.value: sums.get(status.value, (0, 0.0)) for status in ItemStatus}
