"""How items and batches are, in a colour and a word."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from inventory.models import BatchStatus, ItemStatus, QueueBatch, QueueItem

_COLOURS = {
    ItemStatus.PENDING: "",
    ItemStatus.PROCESSING: "info",
    ItemStatus.COMPLETED: "success",
    ItemStatus.FAILED: "danger",
}
_BATCH_COLOURS = {
    BatchStatus.ACTIVE: "info",
    BatchStatus.COMPLETED: "success",
    BatchStatus.FAILED: "danger",
}


def item_badge(item: QueueItem) -> tuple[str, str]:
    if item.status == ItemStatus.PENDING and item.run_after is not None:
        return "warning", "retrying" if item.isolate else "scheduled"
    if item.status == ItemStatus.PENDING and item.retry_count:
        return "warning", "retrying"
    if item.status == ItemStatus.FAILED and item.error_code == "cancelled":
        return "warning", "cancelled"
    if item.status == ItemStatus.PROCESSING and _is_stuck(item):
        return "danger", "stuck"
    return _COLOURS[ItemStatus(item.status)], item.status


def _is_stuck(item: QueueItem) -> bool:
    lease = timedelta(seconds=settings.QUEUE_LEASE_SECONDS)
    return item.locked_at is not None and item.locked_at < timezone.now() - lease


def batch_badge(batch: QueueBatch) -> tuple[str, str]:
    if batch.undone_at is not None:
        return "warning", "undone"
    if is_scheduled(batch):
        return "warning", "scheduled"
    return _BATCH_COLOURS[BatchStatus(batch.status)], batch.status


def is_scheduled(batch: QueueBatch) -> bool:
    """Whether its time is still to come, and somebody waits for it."""
    at = batch.scheduled_at
    return at is not None and at > timezone.now() and batch.status == BatchStatus.ACTIVE


def wait_of(item: QueueItem) -> timedelta:
    """From the add to the end, or until now."""
    return (item.processed_at or timezone.now()) - item.created_at


def duration_of(batch: QueueBatch) -> timedelta:
    return (batch.completed_at or timezone.now()) - batch.started_at
