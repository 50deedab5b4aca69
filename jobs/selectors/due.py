from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Organization
from jobs.leases import not_paused
from jobs.models import Job, JobQuerySet
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
    then the one whose turn is after `served_last`, and in it the longest wait. Reads the head of
    each organization's backlog only, whatever its length.
    """
    jobs: JobQuerySet = model._default_manager.exclude(pk__in=passed_over)
    expired = served(not_paused(jobs.lease_expired()), queue)
    if taken_over := list(
        expired.order_by("lease_expires_at", "pk").values_list("pk", flat=True)[:CANDIDATES]
    ):
        return taken_over
    backlog = served(not_paused(jobs.due()), queue)
    head = backlog.filter(organization=OuterRef("pk")).order_by("priority", "run_after", "pk")
    heads = Organization.objects.annotate(head=Subquery(head.values("pk")[:1])).values("head")
    running = (
        model._default_manager.in_state(State.ACTIVE)
        .filter(organization=OuterRef("organization"))
        .order_by()
        .values("organization")
        .annotate(count=Count("pk"))
        .values("count")
    )
    candidates = model._default_manager.due().filter(pk__in=heads)
    return list(
        candidates.alias(running=Coalesce(Subquery(running), 0), turn=_turn(served_last))
        .order_by("priority", "running", "turn", "organization_id", "pk")
        .values_list("pk", flat=True)[:CANDIDATES]
    )


def _turn(served_last: UUID | None) -> Case | Value:
    """The organizations after the last one come first, then the others from the start."""
    if served_last is None:
        return Value(0)
    return Case(When(organization_id__gt=served_last, then=Value(0)), default=Value(1))


def served(queryset: JobQuerySet, queue: str | None = None) -> JobQuerySet:
    """The jobs whose handler lives in this queue (None: in any that is known here)."""
    model: Any = queryset.model
    if model.type_field is None:
        return queryset
    types = [
        handler.name.partition(":")[2]
        for handler in list_handlers()
        if handler.model is model and queue in {None, handler.queue}
    ]
    return queryset.filter(**{f"{model.type_field}__in": types})
