"""Failed items back to the queue, because a person thinks that they will do now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from inventory import statements
from inventory.errors import RetryFilterInvalid, RetryIdsInvalid
from inventory.models import QueueBatch, QueueItem
from inventory.selectors.control import is_halted
from inventory.services.batch_counts import BatchDelta, count_in_batches
from inventory.services.control import open_drains_unless_stopped

MOST = 50_000
MOST_IDS = 10_000
CHUNK = 5_000
BIGGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Retried:
    processed: int
    # Failed items that the same call would take next.
    remaining: int
    is_stopped: bool


def retry_failed(
    *, organization_id: UUID, ids: Any = None, batch_id: Any = None, error_code: Any = None
) -> Retried:
    """Queue failed items again, all that every given condition fits; at most 50,000 a call.

    Cancelled items only when they are named by `ids`, those of an undone batch never. Raises RetryIdsInvalid, RetryFilterInvalid.
    """
    wanted: dict[str, Any] = {
        "organization": organization_id,
        "ids": _ids(ids),
        "batch": _text(batch_id),
        "code": _text(error_code),
    }
    processed = 0
    while processed < MOST:
        moved = _retry_some(wanted, min(CHUNK, MOST - processed))
        processed += moved
        if moved < CHUNK:
            break
    return Retried(
        processed,
        _count_left(wanted) if processed >= MOST else 0,
        is_halted(organization_id),
    )


@transaction.atomic
def _retry_some(wanted: dict[str, Any], limit: int) -> int:
    moved = statements.fetch_all("retry_failed", {**wanted, "limit": limit})
    count_in_batches(
        organization_id=wanted["organization"],
        deltas=[BatchDelta(batch_id, failed=-count) for batch_id, count in moved],
    )
    if moved:
        open_drains_unless_stopped(wanted["organization"])
    return sum(count for _, count in moved)


def _count_left(wanted: dict[str, Any]) -> int:
    undone = QueueBatch.objects.filter(batch_id=OuterRef("batch_id"), undone_at__isnull=False)
    rows = QueueItem.objects.failed().filter(
        ~Exists(undone), organization_id=wanted["organization"]
    )
    if wanted["ids"] is not None:
        rows = rows.filter(pk__in=wanted["ids"])
    else:
        rows = rows.exclude(error_code="cancelled")
    if wanted["batch"] is not None:
        rows = rows.filter(batch_id=wanted["batch"])
    if wanted["code"] is not None:
        rows = rows.filter(error_code=wanted["code"])
    return int(rows.count())


def _ids(value: Any) -> Sequence[int] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) > MOST_IDS:
        raise RetryIdsInvalid
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        raise RetryIdsInvalid
    return [one for one in value if 0 <= one <= BIGGEST_ID]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value or not value.isprintable():
        raise RetryFilterInvalid
    return value
