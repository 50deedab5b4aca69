"""The history of a batch as a table: the columns of its page."""

from collections.abc import Iterator
from datetime import date

from qrtracking.exports.pages import let_go
from qrtracking.models import Batch, EventKind
from qrtracking.selectors.scan import EventFilter, EventRow, read_events
from tables.cells import Row
from tables.streaming import Sheet

HEADER = ("When", "Who", "What", "Case", "Units", "Note", "Undone By", "Undone At")
WIDTHS = (19, 18, 26, 8, 8, 40, 18, 19)
PAGE_ROWS = 2_000


def history_sheet(*, batch: Batch, only: EventFilter) -> Sheet:
    rows = _rows(batch, only)
    return Sheet(title="Scan History", header=HEADER, rows=rows, widths=WIDTHS)


def file_name(*, order_no: str, on: date) -> str:
    return f"History_{order_no}_{on.isoformat()}.xlsx"


def _rows(batch: Batch, only: EventFilter) -> Iterator[Row]:
    for events in read_events(batch=batch, only=only, page=PAGE_ROWS):
        let_go()
        yield from map(_row, events)


def _row(event: EventRow) -> Row:
    return (
        event.created_at,
        event.actor,
        EventKind(event.kind).label,
        event.case_number,
        event.unit_count,
        event.note,
        event.undone_by,
        event.undone_at,
    )
