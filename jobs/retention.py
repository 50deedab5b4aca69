"""Deletes what nobody needs any more, in chunks small enough to disturb nobody."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from jobs.models import JobEvent, OutboxMessage, WorkerHost
from jobs.states import State

CHUNK = 5_000


def delete_in_chunks(queryset: QuerySet[Any], *, chunk: int = CHUNK) -> int:
    """Delete the rows of a queryset, each chunk in a transaction of its own; returns the number."""
    deleted = 0
    while True:
        with transaction.atomic():
            ids = list(queryset.order_by("pk").values_list("pk", flat=True)[:chunk])
            if ids:
                # Without the model's signals and cascades in Python: the database has the keys.
                chosen = queryset.model._base_manager.filter(pk__in=ids)
                deleted += chosen._raw_delete(queryset.db)
        if len(ids) < chunk:
            return deleted


def clean_up() -> dict[str, int]:
    """Delete sent messages, generic log lines and signs of life that are past their time.

    The jobs themselves belong to their apps, which know what must outlive them.
    """
    old = Now() - timedelta(days=settings.JOBS_RETENTION_DAYS)
    ended = OutboxMessage.objects.in_state(State.DONE, State.FAILED, State.CANCELLED)
    return {
        "messages": delete_in_chunks(ended.filter(completed_at__lt=old)),
        "log_lines": delete_in_chunks(JobEvent.objects.filter(created_at__lt=old)),
        "hosts": delete_in_chunks(WorkerHost.objects.filter(seen_at__lt=Now() - timedelta(days=1))),
    }
