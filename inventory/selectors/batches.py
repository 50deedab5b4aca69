"""Numbers of batches: from their counters and one index, never by counting their items."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count

from inventory.errors import BatchNotFound
from inventory.models import ItemStatus, QueueBatch, QueueItem

ERROR_CODES = 50


def get_batch(organization_id: UUID, batch_id: str) -> QueueBatch:
    """Raises BatchNotFound, also for a batch of another organization."""
    rows = QueueBatch.objects.filter(organization_id=organization_id, batch_id=batch_id)
    batch: QueueBatch | None = rows.first() if batch_id.isprintable() else None
    if batch is None:
        raise BatchNotFound
    return batch


def get_batch_data(batch: QueueBatch) -> dict[str, Any]:
    """What clients and webhooks are told of a batch (section 3.9 of the contract)."""
    return {
        "id": batch.pk,
        "batchId": batch.batch_id,
        "source": batch.source,
        "totalItems": batch.total_items,
        "processedItems": batch.processed_items,
        "failedItems": batch.failed_items,
        "status": batch.status,
        "startedAt": as_text(batch.started_at),
        "completedAt": as_text(batch.completed_at),
        "createdAt": as_text(batch.created_at),
        "updatedAt": as_text(batch.updated_at),
        "statusCounts": count_statuses(batch),
        "progress": progress_of(batch),
        "priority": batch.priority,
        "scheduledAt": as_text(batch.scheduled_at),
        "undoneAt": as_text(batch.undone_at),
    }


def count_statuses(batch: QueueBatch) -> dict[str, int]:
    """Items by status, only statuses that occur; archived ones are in none."""
    processing = QueueItem.objects.filter(
        organization_id=batch.organization_id,
        batch_id=batch.batch_id,
        status=ItemStatus.PROCESSING,
    ).count()
    ended = batch.processed_items + batch.failed_items
    counts = {
        ItemStatus.PENDING: batch.total_items - ended - processing,
        ItemStatus.PROCESSING: processing,
        ItemStatus.COMPLETED: batch.processed_items - batch.cleared_items,
        ItemStatus.FAILED: batch.failed_items - batch.discarded_items,
    }
    return {str(status): count for status, count in counts.items() if count > 0}


def progress_of(batch: QueueBatch) -> float:
    """Percent with two decimals, half up."""
    if not batch.total_items:
        return 0
    share = Decimal(100 * (batch.processed_items + batch.failed_items)) / batch.total_items
    return float(share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def count_errors(batch: QueueBatch) -> dict[str, int]:
    """Failed items by code, the most frequent first."""
    failed = QueueItem.objects.failed().filter(
        organization_id=batch.organization_id, batch_id=batch.batch_id
    )
    codes = failed.values("error_code").annotate(count=Count("*")).order_by("-count", "error_code")
    return {
        code or "": count for code, count in codes.values_list("error_code", "count")[:ERROR_CODES]
    }


def as_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
