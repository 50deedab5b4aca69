"""Taking items off the queue: by one statement, in order, each to one worker only."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from inventory import statements
from inventory.services.batch_counts import BatchDelta, count_in_batches


class ClaimKind(StrEnum):
    """Clean rows go together, rows that failed before one by one; `next` takes either in order,
    `one` a certain item."""

    CLEAN = "claim_items"
    ISOLATED = "claim_isolated"
    NEXT = "claim_next"
    ONE = "claim_one"


@dataclass(frozen=True)
class ClaimedItem:
    id: int
    data: dict[str, Any]
    retry_count: int
    max_retries: int
    source: str | None
    batch_id: str | None
    validation: str | None
    # From its adding to this claim, on the database's clock.
    wait_ms: int


@dataclass(frozen=True)
class Claim:
    """Items that are ours while the token stands in their rows."""

    organization_id: UUID
    token: UUID
    items: tuple[ClaimedItem, ...]


def claim(
    *,
    organization_id: UUID,
    kind: ClaimKind,
    limit: int,
    worker: str,
    item_id: int | None = None,
) -> Claim:
    """Claim up to `limit` due items, by one statement, which commits itself. It may be empty."""
    token = uuid4()
    rows = statements.fetch_all(
        kind,
        {
            "organization": organization_id,
            "limit": limit,
            "worker": worker[:120],
            "token": token,
            "item": item_id,
        },
    )
    items = tuple(ClaimedItem(pk, json.loads(data), *rest) for pk, data, *rest in rows)
    return Claim(organization_id, token, items)


@transaction.atomic
def tend(*, organization_id: UUID, limit: int = 1_000) -> int:
    """Let in what has waited long enough, and take back what a lost worker held.

    Returns how many rows this concerned, at most `limit` of each kind.
    """
    parameters = {
        "organization": organization_id,
        "limit": limit,
        "lease_seconds": settings.QUEUE_LEASE_SECONDS,
    }
    promoted = statements.execute("promote_delayed", parameters)
    lost = statements.fetch_all("recover_leases", parameters)
    deltas = [BatchDelta(batch_id, failed=failed) for batch_id, _, failed in lost if failed]
    count_in_batches(organization_id=organization_id, deltas=deltas)
    return promoted + sum(int(count) for _, count, _ in lost)
