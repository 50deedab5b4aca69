from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Organization
from jobs.leases import not_paused
from jobs.models import Job, JobQuerySet
from jobs.registry import list_handlers
from jobs.states import State

CANDIDATES = 20


def list_next_due(model: type[Job], *, queue: str | None = None) -> list[UUID]:
    """Ids of runnable jobs, the one to take first leading; one per organization.

    Smaller priority numbers first; among equals the organization with the fewest running jobs,
    then the longest wait. Reads the head of each organization's backlog only, whatever its length.
    """
    expired = _served(not_paused(model._default_manager.lease_expired()), queue)
    if taken_over := list(
        expired.order_by("lease_expires_at", "pk").values_list("pk", flat=True)[:CANDIDATES]
    ):
        return taken_over
    backlog = _served(not_paused(model._default_manager.due()), queue)
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
        candidates.alias(running=Coalesce(Subquery(running), 0))
        .order_by("priority", "running", "run_after", "pk")
        .values_list("pk", flat=True)[:CANDIDATES]
    )


def _served(queryset: JobQuerySet, queue: str | None) -> JobQuerySet:
    """The jobs whose handler lives in this queue (None: in any)."""
    model: Any = queryset.model
    if model.type_field is None:
        return queryset
    types = [
        handler.name.partition(":")[2]
        for handler in list_handlers()
        if handler.model is model and queue in {None, handler.queue}
    ]
    return queryset.filter(**{f"{model.type_field}__in": types})
