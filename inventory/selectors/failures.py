"""Failed items by their code: one cause is seen as one, however many items it hit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from inventory import statements
from inventory.models import QueueBatch, QueueItem

# Each code is counted so far: enough to see that it is many.
COUNTED_EACH = 1_000
# So many failed items of a batch are looked at.
READ_OF_BATCH = 10_000


@dataclass(frozen=True)
class Failure:
    """`example` is one of the items; `is_capped`: there may be more than `count`."""

    code: str
    count: int
    is_capped: bool
    example_id: int
    example: str
    example_imei: str | None
    # When the last of those that were counted failed.
    last_at: datetime | None


def list_failures(organization_id: UUID) -> list[Failure]:
    """Of an organization's queue, the most frequent code first."""
    rows = statements.fetch_all(
        "failures_of_queue", {"organization": organization_id, "limit": COUNTED_EACH + 1}
    )
    return _with_examples(
        [
            (code, min(count, COUNTED_EACH), count > COUNTED_EACH, pk, last_at)
            for code, count, pk, last_at in rows
        ]
    )


def list_batch_failures(batch: QueueBatch) -> list[Failure]:
    """Of a batch, the most frequent code first."""
    rows = statements.fetch_all(
        "failures_of_batch",
        {
            "organization": batch.organization_id,
            "batch": batch.batch_id,
            "limit": READ_OF_BATCH + 1,
        },
    )
    is_capped = sum(count for _, count, *_ in rows) > READ_OF_BATCH
    return _with_examples(
        [(code, count, is_capped, pk, last_at) for code, count, pk, last_at in rows]
    )


def _with_examples(
    found: Sequence[tuple[str, int, bool, int, datetime | None]],
) -> list[Failure]:
    ids = [pk for _, _, _, pk, _ in found]
    examples = {
        pk: (message or "", imei)
        for pk, message, imei in QueueItem.objects.filter(pk__in=ids).values_list(
            "pk", "error_message", "imei_norm"
        )
    }
    return [
        Failure(code, count, is_capped, pk, *examples.get(pk, ("", None)), last_at)
        for code, count, is_capped, pk, last_at in found
    ]
