"""What a cancelled generation has left behind goes away, so that its order can have another batch."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from qrtracking import statements
from qrtracking.models import Batch, BatchStatus, MasterCode, Order, UnitCode

SLICE = 20_000
# One for units and one for cases.
SLICES_AT_ONCE = 2


def list_with_codes() -> QuerySet[Batch]:
    """Cancelled batches of which there still are codes."""
    units = UnitCode.objects.filter(batch=OuterRef("pk"))
    cases = MasterCode.objects.filter(batch=OuterRef("pk"))
    cancelled: QuerySet[Batch] = Batch.objects.filter(status=BatchStatus.CANCELLED)
    return cancelled.filter(Exists(units) | Exists(cases))


def drop_codes_of_cancelled() -> int:
    """Delete their codes, a slice in each transaction; returns how many."""
    dropped = 0
    for batch_id in list_with_codes().order_by("completed_at", "pk").values_list("pk", flat=True):
        while count := drop_slice(batch_id):
            dropped += count
    return dropped


@transaction.atomic
def drop_slice(batch_id: UUID) -> int:
    """Delete the next codes of a cancelled batch, units first; 0 when there is none (or no such)."""
    cancelled = Batch.objects.filter(pk=batch_id, status=BatchStatus.CANCELLED)
    if not cancelled.select_for_update(no_key=True).exists():
        return 0
    parameters = {"batch": batch_id, "limit": SLICE}
    units = statements.execute("drop_units", parameters)
    return units or statements.execute("drop_cases", parameters)


def make_way(order: Order) -> bool:
    """Take a cancelled batch of a locked order away; False while there are codes of it.

    A few are deleted here, the rest is left to housekeeping.
    """
    cancelled = Batch.objects.filter(order=order, status=BatchStatus.CANCELLED)
    batch_id = cancelled.select_for_update().values_list("pk", flat=True).first()
    if batch_id is None:
        return True
    for _ in range(SLICES_AT_ONCE):
        drop_slice(batch_id)
    if list_with_codes().filter(pk=batch_id).exists():
        return False
    cancelled.delete()
    return True
