"""Schedules declared in code; django-q2's rows are only their copy.

One row with bad arguments stops every schedule of django-q2, so nobody else writes them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django_q.models import Schedule as EngineSchedule

ENTRY_POINT = "jobs.tasks.run_schedule"


@dataclass(frozen=True)
class Schedule:
    name: str
    function: Callable[[], object]
    minutes: int | None
    daily_at: time | None

    def next_run(self, now: datetime) -> datetime:
        if self.daily_at is None:
            return now
        today = datetime.combine(now.astimezone(UTC), self.daily_at, UTC)
        return today if today > now else today + timedelta(days=1)


_schedules: dict[str, Schedule] = {}


def schedule(
    *, name: str, minutes: int | None = None, daily_at: time | None = None
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function without arguments to run every so many minutes, or daily (UTC)."""
    if (minutes is None) == (daily_at is None) or (minutes is not None and minutes < 1):
        raise ValueError(f"Schedule {name} needs either minutes (from 1) or daily_at")

    def register(function: Callable[[], object]) -> Callable[[], object]:
        if name in _schedules:
            raise ValueError(f"Two schedules named {name}")
        _schedules[name] = Schedule(name, function, minutes, daily_at)
        return function

    return register


def get_schedule(name: str) -> Schedule | None:
    return _schedules.get(name)


def list_schedules() -> list[Schedule]:
    return sorted(_schedules.values(), key=lambda entry: entry.name)


def sync_schedules(*, now: datetime) -> dict[str, int]:
    """Make django-q2's rows equal to the declared schedules; safe to repeat.

    Returns how many rows were created, updated and deleted.
    """
    rows = EngineSchedule.objects.filter(func=ENTRY_POINT)
    counts = {"created": 0, "updated": 0, "deleted": 0}
    for entry in list_schedules():
        wanted = _columns(entry)
        row = rows.filter(name=entry.name).order_by("id").first()
        if row is None:
            EngineSchedule.objects.create(**wanted, next_run=entry.next_run(now))
            counts["created"] += 1
            continue
        # Rows under the same name beyond the first would run the schedule twice.
        counts["deleted"] += rows.filter(name=entry.name).exclude(pk=row.pk).delete()[0]
        if any(getattr(row, column) != value for column, value in wanted.items()):
            rows.filter(pk=row.pk).update(**wanted, next_run=entry.next_run(now))
            counts["updated"] += 1
    names = [entry.name for entry in list_schedules()]
    counts["deleted"] += rows.exclude(name__in=names).delete()[0]
    return counts


def _columns(entry: Schedule) -> dict[str, object]:
    daily = entry.daily_at is not None
    return {
        "name": entry.name,
        "func": ENTRY_POINT,
        "args": repr((entry.name,)),
        "kwargs": None,
        "hook": None,
        "schedule_type": EngineSchedule.DAILY if daily else EngineSchedule.MINUTES,
        "minutes": entry.minutes,
        "repeats": -1,
    }
