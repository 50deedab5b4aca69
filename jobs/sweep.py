"""Rings for what is due but may have lost its doorbell: the net under every other delivery."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Window
from django.db.models.functions import Now, RowNumber

from jobs.dispatch import count_messages, ring
from jobs.models import Job, JobQuerySet
from jobs.registry import list_job_models
from jobs.selectors import only_open

PAGE = 500
# A long backlog needs no second set of doorbells: each that is answered takes the next job.
ENOUGH_MESSAGES = 2_000

logger = structlog.get_logger(__name__)


def sweep() -> int:
    """Ring for due jobs and for jobs whose worker is gone, of every model; returns the number.

    Runs nothing itself, and leaves alone what no program here can do.
    """
    rung = 0
    for model in list_job_models():
        while count_messages() < ENOUGH_MESSAGES and (page := _sweep_page(model)):
            rung += page
    if rung:
        logger.info("sweep rang", jobs=rung)
    return rung


@transaction.atomic
def _sweep_page(model: type[Job]) -> int:
    # A doorbell of the latest sweep is trusted: two sweeps, or many hosts, do not ring twice.
    trusted = timedelta(seconds=settings.JOBS_SWEEP_SECONDS * 0.8)
    unrung = Q(rung_at=None) | Q(rung_at__lt=Now() - trusted)
    manager = model._default_manager
    unheard = only_open(manager.filter(unrung))
    due = _fair_page(unheard.due())
    expired = unheard.lease_expired().order_by("lease_expires_at", "pk")
    jobs = [*_locked(expired, PAGE), *_locked(due, PAGE)]
    for job in jobs:
        ring(job)
    manager.filter(pk__in=[job.pk for job in jobs]).update(rung_at=Now())
    return len(jobs)


def _fair_page(queryset: JobQuerySet) -> JobQuerySet:
    """By priority, and inside a priority one of each organization in turn."""
    turn = Window(
        RowNumber(), partition_by=[F("priority"), F("organization")], order_by=["run_after", "pk"]
    )
    ids = queryset.annotate(turn=turn).order_by("priority", "turn", "run_after", "pk")
    # Still with its conditions: another sweep may have rung before these rows are locked.
    return queryset.filter(pk__in=list(ids.values_list("pk", flat=True)[:PAGE]))


def _locked(queryset: JobQuerySet, limit: int) -> list[Job]:
    # Of what another sweep holds, it will ring itself.
    return list(queryset.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit])
