from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Organization
from jobs.models import Job, JobQuerySet, PausedJobType
from jobs.registry import list_handlers
from jobs.states import State

CANDIDATES = 20


def list_next_due(
    model: type[Job],
    *,
    queue: str | None = None,
    passed_over: Collection[UUID] = (),
    served_last: UUID | None = None,
) -> list[UUID]:
    """Ids of runnable jobs, the one to take first leading; one per organization.

    Smaller priority numbers first; among equals the organization with the fewest running jobs,
    then the one whose turn is after `served_last`, and in it the longest wait.
    """
    jobs = only_open(model._default_manager.exclude(pk__in=passed_over), queue=queue)
    expired = jobs.lease_expired().order_by("lease_expires_at", "pk")
    if taken_over := list(expired.values_list("pk", flat=True)[:CANDIDATES]):
        return taken_over
    running = (
        model._default_manager.in_state(State.ACTIVE)
        .filter(organization=OuterRef("organization"))
        .order_by()
        .values("organization")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return list(
        model._default_manager.filter(pk__in=_list_heads(jobs.due()))
        .alias(running=Coalesce(Subquery(running), 0), turn=_turn(served_last))
        .order_by("priority", "running", "turn", "organization_id", "pk")
        .values_list("pk", flat=True)[:CANDIDATES]
    )


def _list_heads(backlog: JobQuerySet) -> list[UUID]:
    """The first job of each organization, by the index, whatever the length of its backlog.

    A list, because the planner would read the whole backlog to join with it.
    """
    head = backlog.filter(organization=OuterRef("pk")).order_by("priority", "run_after", "pk")
    heads = Organization.objects.annotate(head=Subquery(head.values("pk")[:1]))
    return list(heads.exclude(head=None).values_list("head", flat=True))


def _turn(served_last: UUID | None) -> Case | Value:
    """The organizations after the last one come first, then the others from the start."""
    if served_last is None:
        return Value(0)
    return Case(When(organization_id__gt=served_last, then=Value(0)), default=Value(1))


def only_open(queryset: JobQuerySet, *, queue: str | None = None) -> JobQuerySet:
    """Jobs that a handler of this queue (None: any) can do and whose type is not paused."""
    model: Any = queryset.model
    known = {
        handler.name
        for handler in list_handlers()
        if handler.model is model and queue in {None, handler.queue}
    }
    paused = PausedJobType.objects.filter(name__in=known).values_list("name", flat=True)
    names = known.difference(paused)
    if not names:
        return queryset.none()
    if model.type_field is None:
        return queryset
    types = [name.partition(":")[2] for name in names]
    return queryset.filter(**{f"{model.type_field}__in": types})
