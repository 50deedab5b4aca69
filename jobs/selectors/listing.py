"""Jobs of every model as one list, newest first, read by keyset: page 1,000 costs as much as page 1.

One statement finds the page over all tables (each branch reads one index from the cursor on), and one
more per table that has a job on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Q, QuerySet, Value

from accounts.models import User
from jobs.errors import JobNotFound
from jobs.logs import log_of
from jobs.models import Job, JobLog, JobQuerySet
from jobs.registry import list_handlers, list_job_models
from jobs.states import State

# A job's log has a line or two per slice; nobody reads more than its end at once.
LOG_LINES = 500

Viewer = User | AnonymousUser


@dataclass(frozen=True)
class Position:
    """A place in the list: the page after it, or before it when backward."""

    created_at: datetime
    id: UUID
    is_backward: bool = False


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """`types` are names of handlers or of job models."""

    types: frozenset[str] = frozenset()
    states: frozenset[State] = frozenset()
    organization_id: UUID | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True)
class JobPage:
    jobs: list[Job]
    next: Position | None
    previous: Position | None


Key = tuple[datetime, UUID, str]


def list_jobs(
    *, user: Viewer, limit: int, wanted: JobFilter = JobFilter(), position: Position | None = None
) -> JobPage:
    """One page of the jobs that the user may see, over all models that hold jobs."""
    branches = [
        _branch(model, user, wanted, position)[: limit + 1]
        for model in list_job_models()
        if _is_wanted(model, wanted.types)
    ]
    keys = _merge(branches, limit + 1, position)
    has_more = len(keys) > limit
    keys = keys[:limit]
    if position is not None and position.is_backward:
        keys.reverse()
    return JobPage(_load(user, keys), *_ends(keys, position, has_more=has_more))


def get_visible_job(*, user: Viewer, job_id: str) -> Job:
    """The job of any model. Raises JobNotFound alike for unknown, malformed and foreign ids."""
    try:
        key = UUID(job_id)
    except ValueError:
        raise JobNotFound from None
    branches = [_keys(model, user).filter(pk=key) for model in list_job_models()]
    for _, found, label in _merge(branches, 1, None):
        for job in _load(user, [(datetime.min, found, label)]):  # noqa: DTZ901 (never compared)
            return job
    raise JobNotFound


def list_log_tail(job: Job, *, limit: int = LOG_LINES) -> list[JobLog]:
    """The last lines of a job's log, oldest of them first."""
    newest = list(log_of(job).order_by("-created_at", "-id")[:limit])
    return newest[::-1]


def _is_wanted(model: type[Job], types: frozenset[str]) -> bool:
    return not types or any(name.partition(":")[0] == model.job_label() for name in types)


def _keys(model: type[Job], user: Viewer) -> JobQuerySet:
    visible: JobQuerySet = model._default_manager.visible_to(user)
    label = Value(model.job_label(), output_field=CharField())
    labelled: JobQuerySet = visible.annotate(kernel_label=label)
    return labelled


def _branch(
    model: type[Job], user: Viewer, wanted: JobFilter, position: Position | None
) -> JobQuerySet:
    queryset = _filtered(_keys(model, user), wanted)
    if position is None:
        return queryset.order_by("-created_at", "-id")
    at = position.created_at
    # The first condition is what the index can start from; the second cuts the ties off.
    if position.is_backward:
        later = Q(created_at__gt=at) | Q(created_at=at, id__gt=position.id)
        return queryset.filter(later, created_at__gte=at).order_by("created_at", "id")
    earlier = Q(created_at__lt=at) | Q(created_at=at, id__lt=position.id)
    return queryset.filter(earlier, created_at__lte=at).order_by("-created_at", "-id")


def _filtered(queryset: JobQuerySet, wanted: JobFilter) -> JobQuerySet:
    model: type[Job] = queryset.model
    conditions: dict[str, Any] = {
        "organization": wanted.organization_id,
        "created_at__gte": wanted.created_from,
        "created_at__lt": wanted.created_before,
    }
    if wanted.states:
        queryset = queryset.in_state(*wanted.states)
    kinds = {
        name.partition(":")[2] for name in wanted.types if _is_wanted(model, frozenset([name]))
    }
    if model.type_field is not None and kinds and "" not in kinds:
        conditions[f"{model.type_field}__in"] = kinds
    given = {name: value for name, value in conditions.items() if value is not None}
    filtered: JobQuerySet = queryset.filter(**given)
    return filtered


def _merge(branches: Iterable[QuerySet[Any]], limit: int, position: Position | None) -> list[Key]:
    columns = [branch.values_list("created_at", "id", "kernel_label") for branch in branches]
    if len(columns) < 2:
        return list(columns[0][:limit]) if columns else []
    merged = columns[0].union(*columns[1:], all=True)
    if position is not None and position.is_backward:
        return list(merged.order_by("created_at", "id")[:limit])
    return list(merged.order_by("-created_at", "-id")[:limit])


def _load(user: Viewer, keys: list[Key]) -> list[Job]:
    """The rows of these keys, in their order; without what a handler keeps for itself."""
    jobs: dict[UUID, Job] = {}
    for model in list_job_models():
        ids = [key for _, key, label in keys if label == model.job_label()]
        if ids:
            visible = model._default_manager.visible_to(user)
            jobs.update(visible.defer("cursor").in_bulk(ids))
    return [jobs[key] for _, key, _ in keys if key in jobs]


def _ends(
    keys: list[Key], position: Position | None, *, has_more: bool
) -> tuple[Position | None, Position | None]:
    """Where the pages after and before this one begin."""
    if not keys:
        return None, None
    came_back = position is not None and position.is_backward
    first, last = Position(*keys[0][:2], is_backward=True), Position(*keys[-1][:2])
    following = last if has_more or came_back else None
    preceding = first if (has_more if came_back else position is not None) else None
    return following, preceding


def list_job_types() -> list[str]:
    """What `JobFilter.types` may name: the handlers, and the models with several of them."""
    names = {handler.name for handler in list_handlers()}
    return sorted(names | {name.partition(":")[0] for name in names})
