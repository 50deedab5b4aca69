"""The failed items of a batch as a table that can be corrected and sent again.

It is read in pieces along `iq_batch_idx`: whatever the batch's length, only some rows are in memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from inventory import statements
from inventory.models import QueueBatch, QueueItem
from inventory.rules.intake_columns import cell_of, guess_mapping
from inventory.selectors.exports import Table
from inventory.selectors.item_reading import order_columns

CHUNK = 2_000
# A sheet that is wider than this is no list of phones; what does not fit stays on the item's page.
MOST_COLUMNS = 1_000
# Ours come last, and stand in for those of an error file that was sent again.
REASONS = ("line", "error_code", "reason")
_SORT = ("priority", "created_at", "id")


@dataclass(frozen=True)
class BatchError:
    """`line_no` is that of the file, None where the item came from none."""

    item_id: int
    line_no: int | None
    error_code: str
    reason: str
    data: Mapping[str, Any]


def list_batch_errors(batch: QueueBatch) -> Iterator[BatchError]:
    """Failed items, in the order of the queue. Read while it is asked for."""
    failed = QueueItem.objects.failed().filter(
        organization_id=batch.organization_id, batch_id=batch.batch_id
    )
    columns = "id", "line_no", "error_code", "error_message", "raw_data", "priority", "created_at"
    ordered = failed.order_by(*_SORT).values_list(*columns)
    position: tuple[int, datetime, int] | None = None
    while True:
        rows = ordered
        if position is not None:
            rows = rows.filter(TupleGreaterThan(tuple(F(name) for name in _SORT), position))
        chunk = list(rows[:CHUNK])
        for pk, line_no, code, message, data, _, _ in chunk:
            yield BatchError(pk, line_no, code or "", message or "", data)
        if len(chunk) < CHUNK:
            return
        pk, *_, priority, created_at = chunk[-1]
        position = priority, created_at, pk


def read_batch_errors(batch: QueueBatch) -> Table:
    """The columns as they were posted, then line, error_code and reason."""
    columns = list_columns(batch)
    return Table("Errors", (*columns, *REASONS), _rows(batch, columns))


def list_columns(batch: QueueBatch) -> tuple[str, ...]:
    """What the failed items were posted with: known fields first, in the order of the contract."""
    rows = statements.fetch_all(
        "failed_columns",
        {
            "organization": batch.organization_id,
            "batch": batch.batch_id,
            "limit": MOST_COLUMNS,
        },
    )
    return tuple(order_columns(name for (name,) in rows if name not in REASONS))


def _rows(batch: QueueBatch, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    fields = guess_mapping(columns)
    for error in list_batch_errors(batch):
        posted = [cell_of(error.data.get(name), fields[name]) for name in columns]
        yield (*posted, error.line_no, error.error_code, error.reason)
