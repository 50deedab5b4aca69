"""The units that a job has prepared, for a label printer or a packing table elsewhere."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from qrtracking.exports.pages import NO_ID, PAGE_ROWS, read_pages
from qrtracking.models import ReverseJob
from qrtracking.rules.links import unit_link
from tables.cells import Row
from tables.streaming import Sheet

HEADER = (
    "Sequence",
    "Code",
    "URL",
    "Product",
    "Variant",
    "Planned Case",
    "Status",
    "Packed In Case",
    "Prepared At",
    "Packed At",
)
_WIDTHS = (10, 56, 80, 24, 20, 13, 11, 15, 20, 20)


def prepared_sheet(*, job: ReverseJob) -> Sheet:
    return Sheet("Prepared Codes", HEADER, prepared_rows(job=job), _WIDTHS)


def prepared_rows(*, job: ReverseJob, page_rows: int = PAGE_ROWS) -> Iterator[Row]:
    """In the order in which cases take them."""
    pages = read_pages(
        "export_prepared",
        {"job": job.pk},
        first_key={"after_sequence": 0, "after_id": NO_ID},
        key_of=lambda row: {"after_sequence": row[0], "after_id": row[1]},
        page_rows=page_rows,
    )
    for page in pages:
        yield from map(_row, page)


def file_stem(*, job: ReverseJob) -> str:
    """With the end of the job's id: an order may have many jobs."""
    return f"Prepared_Codes_{job.order.order_no}_{str(job.pk)[-8:]}"


def _row(row: tuple[Any, ...]) -> Row:
    sequence, _, code, *rest = row
    return (sequence, code, unit_link(settings.QR_BASE_URL, code), *rest)
