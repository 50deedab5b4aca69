"""Counters of batches: they move with their items, and the last item ends its batch."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from inventory import statements
from inventory.services.notices import tell_batch_ended


@dataclass(frozen=True)
class BatchDelta:
    batch_id: str | None
    processed: int = 0
    failed: int = 0


def count_in_batches(*, organization_id: UUID, deltas: Iterable[BatchDelta]) -> None:
    """Add to the counters in the caller's transaction; batches that this ends are told to others."""
    rows = [vars(delta) for delta in deltas if delta.batch_id is not None]
    if not rows:
        return
    ended = statements.fetch_all(
        "count_in_batches", {"organization": organization_id, "rows": json.dumps(rows)}
    )
    for (batch_pk,) in ended:
        tell_batch_ended(batch_pk)
