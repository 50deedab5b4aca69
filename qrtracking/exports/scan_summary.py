"""What was packed in a batch, as a workbook: in short, case by case, and unit by unit."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from qrtracking.exports.pages import PAGE_ROWS, Page, read_pages
from qrtracking.models import Batch
from qrtracking.selectors.progress import BatchReport
from tables.cells import Row
from tables.streaming import Sheet

CASE_HEADER = (
    "#",
    "Master Code",
    "Case Number",
    "Expected Units",
    "Actual Units",
    "Status",
    "Scanned At",
    "Scanned By",
)
UNIT_HEADER = (
    "Master Code",
    "Case Number",
    "Child Code",
    "Product",
    "Variant",
    "Sequence",
    "Is Buffer",
    "Replaces Seq",
    "Status",
    "Scanned At",
)
_BEFORE_ALL = {"after_case": 0}


def file_name(*, order_no: str, on: date) -> str:
    return f"Scan_Summary_{order_no}_{on:%Y-%m-%d}.xlsx"


def scan_summary(*, report: BatchReport, page_rows: int = PAGE_ROWS) -> list[Sheet]:
    """The sheets; their rows are read when they are asked for."""
    batch = report.batch
    cases, units = _case_rows(batch, page_rows), _unit_rows(batch, page_rows)
    return [
        Sheet("Summary", ("Field", "Value"), list(_facts(report)), (28, 40)),
        Sheet("Master Cases", CASE_HEADER, cases, (6, 48, 13, 15, 13, 20, 20, 24)),
        Sheet(
            "Child Codes by Master",
            UNIT_HEADER,
            units,
            (48, 13, 56, 24, 20, 10, 10, 13, 20, 20),
        ),
    ]


def _facts(report: BatchReport) -> Iterator[Row]:
    batch, order, sums = report.batch, report.batch.order, report.sums
    yield "Order", order.order_no
    if order.display_doc_no:
        yield "Document", order.display_doc_no
    yield "Batch", batch.batch_code
    yield "Status", batch.status
    yield "Cases", sums.cases
    yield "Cases packed", sums.packed
    yield "Cases partly packed", len(report.partial_case_numbers)
    yield "Cases empty", len(report.empty_case_numbers)
    yield "Units planned", batch.planned_unique_codes
    yield "Units packed", sums.units
    yield "Spares", batch.spare_count
    yield "Spares used", report.spares.used
    yield "Spares spoiled", report.spares.spoiled
    yield "Overall progress, %", report.progress.overall
    yield "Production completed at", batch.production_completed_at


def _case_rows(batch: Batch, page_rows: int) -> Iterator[Row]:
    number = 0
    for page in _pages("export_cases", batch, _BEFORE_ALL, page_rows):
        for case_number, code, *rest in page:
            number += 1
            yield (number, code, case_number, *rest)


def _unit_rows(batch: Batch, page_rows: int) -> Iterator[Row]:
    start = {**_BEFORE_ALL, "after_sequence": 0}
    for page in _pages("export_packed_units", batch, start, page_rows):
        for case_number, sequence, master_code, code, product, variant, *rest in page:
            yield (master_code, case_number, code, product, variant, sequence, *rest)


def _pages(
    statement: str, batch: Batch, first_key: dict[str, Any], page_rows: int
) -> Iterator[Page]:
    """The first columns of each statement are the key by which it goes on."""
    return read_pages(
        statement,
        {"batch": batch.pk},
        first_key=first_key,
        key_of=lambda row: dict(zip(first_key, row, strict=False)),
        page_rows=page_rows,
    )
