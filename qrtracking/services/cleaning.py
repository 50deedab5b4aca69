"""Housekeeping: what the queue need not hold any more, a bounded number of rows at a time."""

from django.db import transaction
from django.db.models import Max, Q

from qrtracking import statements
from qrtracking.models import PreparedCode, ReverseJob, ReverseJobStatus
from qrtracking.services.cancelled_batches import drop_codes_of_cancelled
from qrtracking.services.completing import move_units_of_completed

SLICE = 20_000


def drop_rows_of_cancelled(job: ReverseJob, *, first: int = 1) -> int:
    """Take a cancelled job's live rows of one slice of its batch out of the queue; returns how many.

    They cannot be linked any more, so that the rest may wait for the next housekeeping.
    """
    return statements.execute(
        "invalidate_cancelled",
        {"jobs": [job.pk], "first": first, "last": first + SLICE - 1, "limit": SLICE},
    )


def keep_house() -> dict[str, int]:
    """Take rows out of the queue: of cancelled jobs, of completed batches, of units not free any more.

    Units of completed batches follow their cases. Codes of cancelled batches are deleted.
    """
    return {
        "cancelled": _drop_cancelled(),
        "stale": _drop_slices("invalidate_stale"),
        "completed": _drop_slices("invalidate_completed"),
        "followed": move_units_of_completed(),
        "deleted": drop_codes_of_cancelled(),
    }


def _drop_cancelled() -> int:
    dropped = 0
    cancelled = ReverseJob.objects.filter(status=ReverseJobStatus.CANCELLED, prepared_count__gt=0)
    # Jobs of an earlier version have no such key.
    left = cancelled.filter(Q(cursor__is_cleared=False) | Q(cursor__is_cleared__isnull=True))
    for job in left.order_by("completed_at", "id").only("pk", "cursor"):
        rows = PreparedCode.objects.filter(job=job)
        last = rows.aggregate(last=Max("sequence_number"))["last"] or 0
        for first in range(1, last + 1, SLICE):
            with transaction.atomic():
                dropped += drop_rows_of_cancelled(job, first=first)
        # Its rows stay for months: they are not looked through again.
        cancelled.filter(pk=job.pk).update(cursor=job.cursor | {"is_cleared": True})
    return dropped


def _drop_slices(statement: str) -> int:
    dropped = 0
    while True:
        with transaction.atomic():
            count = statements.execute(statement, {"limit": SLICE})
        dropped += count
        if count < SLICE:
            return dropped
