"""What a cancelled generation has left behind goes away, so that its order can have another batch."""

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction

from jobs.models import moved
from qrtracking import statements
from qrtracking.models import Batch, BatchStatus, Order

SLICE = 20_000
# One for units and one for cases.
SLICES_AT_ONCE = 2


def drop_codes_of_cancelled() -> Iterator[int]:
    """Delete what is left of them, a slice in each transaction; gives the numbers of codes."""
    # Once nothing is left the cursor is empty, as it is when there never was anything.
    left = Batch.objects.filter(status=BatchStatus.CANCELLED).exclude(cursor={})
    for batch_id in left.order_by("completed_at", "pk").values_list("pk", flat=True):
        while count := drop_slice(batch_id):
            yield count


@transaction.atomic
def drop_slice(batch_id: UUID) -> int:
    """Delete the next codes of a cancelled batch, units first; 0 when there is none (or no such)."""
    cancelled = Batch.objects.filter(pk=batch_id, status=BatchStatus.CANCELLED)
    if not cancelled.select_for_update(no_key=True).exists():
        return 0
    parameters = {"batch": batch_id, "limit": SLICE}
    dropped = statements.execute("drop_units", parameters) or statements.execute(
        "drop_cases", parameters
    )
    if not dropped:
        cancelled.exclude(cursor={}).update(**moved(cursor={}))
    return dropped


def make_way(order: Order) -> bool:
    """Take a cancelled batch of a locked order away; False while there are codes of it.

    A few are deleted here, the rest is left to housekeeping.
    """
    cancelled = Batch.objects.filter(order=order, status=BatchStatus.CANCELLED)
    batch_id = cancelled.select_for_update().values_list("pk", flat=True).first()
    if batch_id is None:
        return True
    if all(drop_slice(batch_id) for _ in range(SLICES_AT_ONCE)) and drop_slice(batch_id):
        return False
    cancelled.delete()
    return True
