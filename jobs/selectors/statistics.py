"""How the job tables are doing. Two statements over all of them, each part bounded and on an index."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.models import Job, JobQuerySet, PausedJobType
from jobs.models.job import HIGH, LOW
from jobs.registry import list_handlers
from jobs.selectors.listing import Viewer
from jobs.selectors.scalars import Read, bind, bounded_count, count_each, read_scalars
from jobs.states import State

COUNT_LIMIT = 9_999
HOURS = 24
# More jobs than this in a day are judged by the last ones.
ENDED_LIMIT = 50_000

_ENDED_JOBS = (Path(__file__).parent.parent / "sql" / "ended_jobs.sql").read_text()


@dataclass(frozen=True)
class TypeLoad:
    name: str
    queue: str
    waiting: str
    active: str
    paused: PausedJobType | None


@dataclass
class ModelLoad:
    """One job table now, and what ended there in the last HOURS hours."""

    model: type[Job]
    waiting: int = 0
    active: int = 0
    stuck: int = 0
    failed: int = 0
    oldest_due: datetime | None = None
    average_seconds: float | None = None
    p95_seconds: float | None = None
    # Index 0 is the hour that ends now.
    done_by_hour: list[int] = field(default_factory=lambda: [0] * HOURS)
    failed_by_hour: list[int] = field(default_factory=lambda: [0] * HOURS)

    @property
    def success_rate(self) -> float | None:
        """Per cent of the jobs that were done or failed; None when there were none."""
        done, failed = sum(self.done_by_hour), sum(self.failed_by_hour)
        return 100 * done / (done + failed) if done + failed else None


def capped(count: int, limit: int = COUNT_LIMIT) -> str:
    return f"{limit:,}+" if count > limit else f"{count:,}"


def list_job_types_with_load(*, user: Viewer) -> list[TypeLoad]:
    """Every registered type of job, with its visible waiting and running jobs."""
    handlers = list_handlers()
    querysets: dict[str, QuerySet[Any]] = {}
    for handler in handlers:
        jobs: JobQuerySet = handler.model._default_manager.visible_to(user)
        if handler.model.type_field is not None:
            jobs = jobs.filter(**{handler.model.type_field: handler.name.partition(":")[2]})
        querysets[f"{handler.name} waiting"] = jobs.in_state(State.WAITING)
        querysets[f"{handler.name} active"] = jobs.in_state(State.ACTIVE)
    counts = count_each(querysets, limit=COUNT_LIMIT)
    paused = PausedJobType.objects.select_related("paused_by").in_bulk()
    return [
        TypeLoad(
            handler.name,
            handler.queue,
            capped(counts[f"{handler.name} waiting"]),
            capped(counts[f"{handler.name} active"]),
            paused.get(handler.name),
        )
        for handler in handlers
    ]


def list_loads(*, user: Viewer, models: Sequence[type[Job]]) -> list[ModelLoad]:
    """How each of the job tables is doing, as far as the user may see its rows."""
    loads = {model.job_label(): ModelLoad(model) for model in models}
    _read_now(user, loads)
    _read_ended(user, loads)
    return list(loads.values())


def _read_now(user: Viewer, loads: dict[str, ModelLoad]) -> None:
    reads: dict[str, Read] = {}
    for label, load in loads.items():
        jobs: JobQuerySet = load.model._default_manager.visible_to(user)
        counted = {
            "waiting": jobs.in_state(State.WAITING),
            "active": jobs.in_state(State.ACTIVE),
            "stuck": jobs.lease_expired(),
            "failed": jobs.in_state(State.FAILED),
        }
        for name, queryset in counted.items():
            reads[f"{label} {name}"] = bounded_count(queryset, limit=COUNT_LIMIT)
        reads[f"{label} oldest_due"] = _oldest_due(jobs)
    for name, value in read_scalars(reads).items():
        label, _, attribute = name.partition(" ")
        if value is not None:
            setattr(loads[label], attribute, value)


def _oldest_due(jobs: JobQuerySet) -> Read:
    """The head of each priority: the index is ordered by it first."""
    heads = [
        jobs.due().filter(priority=priority).order_by("run_after").values("run_after")[:1]
        for priority in range(HIGH, LOW + 1)
    ]
    return f"SELECT least({', '.join(['({})'] * len(heads))})", heads


def _read_ended(user: Viewer, loads: dict[str, ModelLoad]) -> None:
    statements: list[str] = []
    params: list[Any] = []
    for label, load in loads.items():
        bound = bind(_ENDED_JOBS, [_ended(load.model._default_manager.visible_to(user))])
        if bound is not None:
            done = load.model.states.done
            statements.append(bound[0])
            params += [label, done, done, *bound[1]]
    if not statements:
        return
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"({statement})" for statement in statements), params)
        for label, *values in cursor.fetchall():
            _take_ended(loads[label], *values)


def _ended(jobs: JobQuerySet) -> QuerySet[Any]:
    recent = jobs.filter(completed_at__gte=Now() - timedelta(hours=HOURS))
    newest: QuerySet[Any] = recent.order_by("-completed_at")[:ENDED_LIMIT]
    return newest.values(ended_at=F("completed_at"), began_at=F("started_at"), word=F("status"))


def _take_ended(
    load: ModelLoad,
    hours_ago: int | None,
    word: str | None,
    jobs: int,
    average: float | None,
    p95: float | None,
) -> None:
    if hours_ago is None or word is None:
        load.average_seconds, load.p95_seconds = average, p95
        return
    # A job that ends while the statement runs is from the future.
    hour = min(max(hours_ago, 0), HOURS - 1)
    if word == load.model.states.done:
        load.done_by_hour[hour] += jobs
    elif word == load.model.states.failed:
        load.failed_by_hour[hour] += jobs
