"""What the organization is told: a signed webhook for each batch that ends."""

from inventory.models import QueueBatch
from inventory.selectors.batches import count_errors, get_batch_data
from jobs.outbox import queue_event


def tell_batch_ended(batch_pk: int) -> None:
    """Queue `imei.batch.completed` or `imei.batch.failed`, once for each completion."""
    batch = QueueBatch.objects.get(pk=batch_pk)
    if batch.completed_at is None:
        return
    queue_event(
        organization_id=batch.organization_id,
        event=f"imei.batch.{batch.status}",
        data={**get_batch_data(batch), "errorCounts": count_errors(batch)},
        key=f"{batch.batch_id}:{batch.completion_no}",
        at=batch.completed_at,
    )
