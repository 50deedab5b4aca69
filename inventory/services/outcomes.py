"""How an attempt at an item ended, and writing that down: item, log and batch together."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from inventory import statements
from inventory.models import ItemStatus, LogAction
from inventory.rules.refusals import LONGEST_ERROR, ItemRefused, Note
from inventory.rules.retries import given_up, plan_retry
from inventory.services.batch_counts import BatchDelta, count_in_batches
from inventory.services.claims import ClaimedItem
from inventory.services.devices import as_json
from jobs.logs import get_correlation_id


@dataclass(frozen=True)
class Outcome:
    item: ClaimedItem
    status: ItemStatus
    action: LogAction
    message: str
    retry_count: int
    imei: str | None = None
    notes: tuple[Note, ...] = ()
    code: str | None = None
    error: str | None = None
    # Seconds until the next attempt.
    delay: float = 0

    def as_row(self) -> dict[str, Any]:
        return {
            "id": self.item.id,
            "status": self.status,
            "action": self.action,
            "message": self.message,
            "error": self.error and self.error[:LONGEST_ERROR],
            "code": self.code,
            "warnings": [note.as_json() for note in self.notes],
            "imei": self.imei,
            "retry_count": self.retry_count,
            "delay": self.delay,
        }


def completed(item: ClaimedItem, message: str, *, imei: str, notes: tuple[Note, ...]) -> Outcome:
    status, action = ItemStatus.COMPLETED, LogAction.COMPLETED
    return Outcome(item, status, action, message, item.retry_count, imei, notes)


def refused(item: ClaimedItem, refusal: ItemRefused) -> Outcome:
    """Wrong for good: no retry would help."""
    return Outcome(
        item,
        ItemStatus.FAILED,
        LogAction.FAILED,
        "Item failed",
        item.retry_count,
        code=refusal.code,
        error=refusal.message,
    )


def failed_for_now(item: ClaimedItem, *, code: str, error: str) -> Outcome:
    """Tried again later, alone, until its retries are used up."""
    retry = plan_retry(
        retry_count=item.retry_count,
        max_retries=item.max_retries,
        base=settings.QUEUE_BACKOFF_BASE_SECONDS,
        cap=settings.QUEUE_BACKOFF_CAP_SECONDS,
        jitter=settings.QUEUE_BACKOFF_JITTER,
        share=random.random(),  # noqa: S311 (spreads retries, guards nothing)
    )
    if retry is None:
        status, action, message = ItemStatus.FAILED, LogAction.FAILED, given_up(item.max_retries)
        return Outcome(item, status, action, message, item.retry_count, code=code, error=error)
    return Outcome(
        item,
        ItemStatus.PENDING,
        LogAction.RETRY,
        retry.message,
        retry.retry_count,
        code=code,
        error=error,
        delay=retry.delay,
    )


def crashed(item: ClaimedItem) -> Outcome:
    """Our own mistake: a later version may do better."""
    text = f"Unexpected error (ref {get_correlation_id()})"
    return failed_for_now(item, code="internal_error", error=text)


def settle(outcomes: Sequence[Outcome], *, organization_id: UUID) -> None:
    """Write outcomes in the caller's transaction, in the order of the items' ids."""
    if not outcomes:
        return
    rows = [one.as_row() for one in sorted(outcomes, key=lambda one: one.item.id)]
    statements.execute("settle_items", {"organization": organization_id, "rows": as_json(rows)})
    ended = Counter((one.item.batch_id, one.status) for one in outcomes)
    count_in_batches(
        organization_id=organization_id,
        deltas=[
            BatchDelta(
                batch_id,
                processed=ended[batch_id, ItemStatus.COMPLETED],
                failed=ended[batch_id, ItemStatus.FAILED],
            )
            for batch_id in {batch_id for batch_id, status in ended if status != ItemStatus.PENDING}
        ],
    )
