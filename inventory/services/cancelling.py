"""Taking back what waits: pending items of a batch, or some of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from inventory import statements
from inventory.errors import BatchNotFound
from inventory.models import QueueBatch
from inventory.services.batch_counts import BatchDelta, count_in_batches

CHUNK = 5_000


def cancel_batch(*, organization_id: UUID, batch_id: str, actor: User | None) -> int:
    """Fail the pending items of a batch; what a worker has in hand goes on. Returns how many.

    Raises BatchNotFound.
    """
    batch = QueueBatch.objects.filter(organization_id=organization_id, batch_id=batch_id)
    if not batch.exists():
        raise BatchNotFound
    return _cancel(organization_id, actor, ids=None, batch=batch_id)


def cancel_items(*, organization_id: UUID, ids: Sequence[int], actor: User | None) -> int:
    """Fail those of these items that are pending; returns how many."""
    return _cancel(organization_id, actor, ids=list(ids), batch=None)


def _cancel(organization_id: UUID, actor: User | None, **which: Any) -> int:
    by = actor.get_username() if actor is not None else "the system"
    parameters = {
        "organization": organization_id,
        "message": f"Cancelled by {by}",
        "limit": CHUNK,
        **which,
    }
    total = 0
    while count := _cancel_some(parameters):
        total += count
    return total


@transaction.atomic
def _cancel_some(parameters: dict[str, Any]) -> int:
    moved = statements.fetch_all("cancel_pending", parameters)
    count_in_batches(
        organization_id=parameters["organization"],
        deltas=[BatchDelta(batch_id, failed=count) for batch_id, count in moved],
    )
    return sum(count for _, count in moved)
