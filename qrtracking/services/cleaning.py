"""Housekeeping: what the queue need not hold any more, a bounded number of rows at a time."""

from django.db import transaction

from qrtracking import statements
from qrtracking.models import ReverseJob, ReverseJobStatus
from qrtracking.services.completing import move_units_of_completed

SLICE = 20_000
LAST_SEQUENCE = 2**31 - 1


def drop_rows_of_cancelled(job: ReverseJob) -> int:
    """Take one slice of a cancelled job's live rows out of the queue; returns their number.

    They cannot be linked any more, so that the rest may wait for the next housekeeping.
    """
    return statements.execute(
        "invalidate_cancelled",
        {"jobs": [job.pk], "first": 1, "last": LAST_SEQUENCE, "limit": SLICE},
    )


def keep_house() -> dict[str, int]:
    """Take rows of cancelled jobs and of units that are no longer free out of the queue.

    Units of completed batches follow their cases.
    """
    return {
        "cancelled": _drop_cancelled(),
        "stale": _drop_stale(),
        "followed": move_units_of_completed(),
    }


def _drop_cancelled() -> int:
    dropped = 0
    cancelled = ReverseJob.objects.filter(status=ReverseJobStatus.CANCELLED)
    for job in cancelled.filter(prepared_count__gt=0).order_by("completed_at", "id"):
        while (count := _in_transaction(job)) > 0:
            dropped += count
    return dropped


@transaction.atomic
def _in_transaction(job: ReverseJob) -> int:
    return drop_rows_of_cancelled(job)


def _drop_stale() -> int:
    dropped = 0
    while True:
        with transaction.atomic():
            count = statements.execute("invalidate_stale", {"limit": SLICE})
        dropped += count
        if count < SLICE:
            return dropped
