"""What is old leaves: items to the archive, then the archive, logs, images and files for good."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from inventory import statements
from inventory.models import (
    ItemStatus,
    ProcessingLog,
    QueueArchive,
    QueueDrain,
    QueueImport,
    QueueItemUndo,
    StockJob,
)
from inventory.services.clearing import archive
from jobs.models import Job
from jobs.retention import delete_in_chunks
from jobs.states import State

CHUNK = 10_000
# Analytics look at single slices for two days, at hours before.
SLICE_DAYS = 2
NO_LIMIT = 2**62


def clean_up() -> dict[str, int]:
    """Delete and archive in chunks; returns how many rows of each kind."""
    counts = {
        "completed": _archive_all(ItemStatus.COMPLETED, settings.QUEUE_KEEP_COMPLETED_DAYS),
        "failed": _archive_all(ItemStatus.FAILED, settings.QUEUE_KEEP_FAILED_DAYS),
        "slices": _fold_slices(),
        "archive": _delete(QueueArchive.objects, "archived_at", settings.QUEUE_ARCHIVE_DAYS),
        "log": _delete(ProcessingLog.objects, "created_at", settings.QUEUE_LOG_DAYS),
        "images": _delete(QueueItemUndo.objects, "created_at", settings.QUEUE_UNDO_DAYS),
        "drains": _delete(_ended(QueueDrain), "completed_at", settings.JOBS_RETENTION_DAYS),
    }
    counts["imports"] = _delete_with_files(
        QueueImport.objects.filter(updated_at__lt=_ago(settings.QUEUE_UNDO_DAYS))
    )
    counts["exports"] = _delete_with_files(_ended(StockJob).filter(expires_at__lt=Now()))
    return counts


def _ago(days: int) -> Any:
    return Now() - timedelta(days=days)


def _ended(model: type[Job]) -> Any:
    return model._default_manager.in_state(State.DONE, State.FAILED, State.CANCELLED)


def _archive_all(status: ItemStatus, days: int) -> int:
    organizations = statements.fetch_all("counted_organizations", {})
    return sum(archive(one, status, days=days, most=NO_LIMIT) for (one,) in organizations)


def _fold_slices() -> int:
    total: int = 0
    while True:
        (count,) = statements.fetch_one("fold_slices", {"days": SLICE_DAYS, "limit": CHUNK})
        total += int(count)
        if count < CHUNK:
            return total


def _delete(rows: Any, column: str, days: int) -> int:
    return delete_in_chunks(rows.filter(**{f"{column}__lt": _ago(days)}), chunk=CHUNK)


def _delete_with_files(rows: "QuerySet[Any]") -> int:
    count = 0
    for row in rows.order_by("created_at", "id").iterator(chunk_size=100):
        if row.file:
            row.file.delete(save=False)
        count += rows.model._base_manager.filter(pk=row.pk)._raw_delete(rows.db)
    return count
