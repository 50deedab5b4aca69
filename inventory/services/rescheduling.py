"""Another time for a batch that waits for one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from inventory import statements
from inventory.errors import BatchNotScheduled
from inventory.models import QueueBatch
from inventory.selectors.batches import get_batch
from inventory.services.add_options import read_options
from inventory.services.control import open_drains_unless_stopped

CHUNK = 5_000


def start_now(*, organization_id: UUID, batch_id: str) -> int:
    """Items that wait for the batch's time become due; returns how many.

    Raises BatchNotFound, BatchNotScheduled.
    """
    return _move(get_batch(organization_id, batch_id), None)


def change_time(*, organization_id: UUID, batch_id: str, at: datetime, now: datetime) -> int:
    """Items that wait for the batch's time wait for this one; a past one means: due now.

    Returns how many. Raises BatchNotFound, BatchNotScheduled, ScheduledAtInvalid.
    """
    options = read_options({"scheduled_at": at}, now=now)
    return _move(get_batch(organization_id, batch_id), options.starts_at)


def _move(batch: QueueBatch, at: datetime | None) -> int:
    """Piece by piece; after an interruption the same call does the rest."""
    if batch.scheduled_at is None:
        raise BatchNotScheduled
    total = 0
    while count := _move_some(batch, at):
        total += count
    changed = total or batch.scheduled_at == at
    if not changed:
        raise BatchNotScheduled
    QueueBatch.objects.filter(pk=batch.pk).update(scheduled_at=at, updated_at=Now())
    return total


@transaction.atomic
def _move_some(batch: QueueBatch, at: datetime | None) -> int:
    count = statements.execute(
        "reschedule_items",
        {
            "organization": batch.organization_id,
            "batch": batch.batch_id,
            "at": at,
            "limit": CHUNK,
        },
    )
    if count and at is None:
        open_drains_unless_stopped(batch.organization_id)
    return count
