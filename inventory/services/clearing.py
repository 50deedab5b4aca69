"""Ended items to the archive, so that the queue stays small."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce, Now

from inventory import statements
from inventory.errors import OlderThanDaysInvalid
from inventory.models import ItemStatus, QueueItem

MOST = 200_000
CHUNK = 10_000
MOST_DAYS = 3_650
_COUNTERS = {ItemStatus.COMPLETED: "cleared", ItemStatus.FAILED: "discarded"}


@dataclass(frozen=True)
class Cleared:
    processed: int
    remaining: int


def clear_completed(*, organization_id: UUID, older_than_days: Any = None) -> Cleared:
    """Move completed items to the archive, all or those that ended so many days ago.

    At most 200,000 a call. Raises OlderThanDaysInvalid.
    """
    days = _days(older_than_days)
    count = archive(organization_id, ItemStatus.COMPLETED, days=days)
    if count < MOST:
        return Cleared(count, 0)
    return Cleared(count, _count_left(organization_id, days))


def _count_left(organization_id: UUID, days: int | None) -> int:
    left = QueueItem.objects.filter(organization_id=organization_id, status=ItemStatus.COMPLETED)
    if days is not None:
        ended = Coalesce("processed_at", "updated_at")
        left = left.alias(ended_at=ended).filter(ended_at__lt=Now() - timedelta(days=days))
    return int(left.count())


def clear_items(*, organization_id: UUID, ids: Sequence[int]) -> int:
    """Move those of these items that are completed to the archive; returns how many."""
    chunks = [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
    return sum(
        _archive_some(organization_id, ItemStatus.COMPLETED, limit=CHUNK, ids=chunk)
        for chunk in chunks
    )


def archive(
    organization_id: UUID, status: ItemStatus, *, days: int | None, most: int = MOST
) -> int:
    """Archive items of one status, each chunk in a transaction of its own; returns how many."""
    total = 0
    while total < most:
        limit = min(CHUNK, most - total)
        count = _archive_some(organization_id, status, days=days, limit=limit)
        total += count
        if count < CHUNK:
            break
    return total


@transaction.atomic
def _archive_some(
    organization_id: UUID,
    status: ItemStatus,
    *,
    limit: int,
    days: int | None = None,
    ids: Sequence[int] | None = None,
) -> int:
    gone = statements.fetch_all(
        "archive_items",
        {
            "organization": organization_id,
            "status": status.value,
            "days": days,
            "ids": None if ids is None else list(ids),
            "limit": limit,
        },
    )
    rows = [
        {"batch_id": batch_id, "cleared": 0, "discarded": 0, _COUNTERS[status]: count}
        for batch_id, count in gone
        if batch_id is not None
    ]
    if rows:
        statements.execute(
            "count_archived", {"organization": organization_id, "rows": json.dumps(rows)}
        )
    return sum(count for _, count in gone)


def _days(value: Any) -> int | None:
    """A number, or its digits from an address."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:10])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_DAYS:
        raise OlderThanDaysInvalid
    return value
