"""Housekeeping: what the queue need not hold any more, a bounded number of rows at a time."""

import time
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Max, Q

from jobs.dispatch import run_soon
from qrtracking import statements
from qrtracking.models import PreparedCode, ReverseJob, ReverseJobStatus
from qrtracking.services.cancelled_batches import drop_codes_of_cancelled
from qrtracking.services.completing import HOUSEKEEPING, move_units_of_completed

SLICE = 20_000
# Well below the time after which the engine kills what it takes for stuck.
BUDGET_SECONDS = 40.0


def drop_rows_of_cancelled(job: ReverseJob, *, first: int = 1) -> int:
    """Take a cancelled job's live rows of one slice of its batch out of the queue; returns how many.

    They cannot be linked any more, so that the rest may wait for the next housekeeping.
    """
    return statements.execute(
        "invalidate_cancelled",
        {"jobs": [job.pk], "first": first, "last": first + SLICE - 1, "limit": SLICE},
    )


def keep_house(*, seconds: float = BUDGET_SECONDS) -> dict[str, int]:
    """Take rows out of the queue: of cancelled jobs, of completed batches, of units not free any more.

    Units of completed batches follow their cases. Codes of cancelled batches are deleted. What does
    not fit into the time is done by the next run, which is rung for at once.
    """
    deadline = time.monotonic() + seconds
    steps: dict[str, Iterator[int]] = {
        "cancelled": _drop_cancelled(),
        "stale": _drop_slices("invalidate_stale"),
        "completed": _drop_slices("invalidate_completed"),
        "followed": move_units_of_completed(),
        "deleted": drop_codes_of_cancelled(),
    }
    counts = dict.fromkeys(steps, 0)
    for name, slices in steps.items():
        for count in slices:
            counts[name] += count
            if count and time.monotonic() > deadline:
                run_soon(HOUSEKEEPING)
                return counts
    return counts


def _drop_cancelled() -> Iterator[int]:
    cancelled = ReverseJob.objects.filter(status=ReverseJobStatus.CANCELLED, prepared_count__gt=0)
    # Jobs of an earlier version have no such key.
    left = cancelled.filter(Q(cursor__is_cleared=False) | Q(cursor__is_cleared__isnull=True))
    for job in left.order_by("completed_at", "id").only("pk", "cursor"):
        rows = PreparedCode.objects.filter(job=job)
        last = rows.aggregate(last=Max("sequence_number"))["last"] or 0
        for first in range(1, last + 1, SLICE):
            with transaction.atomic():
                dropped = drop_rows_of_cancelled(job, first=first)
            yield dropped
        # Its rows stay for months: they are not looked through again.
        cancelled.filter(pk=job.pk).update(cursor=job.cursor | {"is_cleared": True})


def _drop_slices(statement: str) -> Iterator[int]:
    count = SLICE
    while count >= SLICE:
        with transaction.atomic():
            count = statements.execute(statement, {"limit": SLICE})
        yield count
