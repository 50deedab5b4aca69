"""Exports as jobs: a file is written piece by piece, and kept for some days."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import UnknownFilter
from accounts.models import User
from inventory.errors import ExportInvalid
from inventory.models import StockJob, StockJobKind
from inventory.selectors.exports import FILTERS, Table, read_table
from jobs.context import SliceContext
from jobs.files import keeping_files
from jobs.logs import write_log
from jobs.registry import Done, Outcome
from jobs.services import submit_job
from tables.cells import Row
from tables.streaming import Sheet, stream_csv, stream_xlsx

FORMATS = ("xlsx", "csv")
KEPT_DAYS = 7
_LONGEST_FILTER = 200


@transaction.atomic
def submit_export(
    *,
    organization_id: UUID,
    actor: User | None,
    kind: Any,
    format: Any = "xlsx",
    filters: Any = None,
    imeis: Sequence[str] = (),
    reason: str = "",
) -> StockJob:
    """Write a file of devices, stock or items as a job; of devices only `imeis`, where named.

    Raises ExportInvalid, UnknownFilter.
    """
    if kind not in tuple(FILTERS) or format not in FORMATS:
        raise ExportInvalid
    options = {"kind": kind, "format": format, "filters": _filters(kind, filters)}
    if imeis:
        options["imeis"] = sorted(imeis)
    job = submit_job(
        StockJob(
            organization_id=organization_id,
            created_by=actor,
            kind=StockJobKind.EXPORT,
            options=options,
        )
    )
    if reason:
        write_log(job, f"Reason: {reason}")
    return job


def _filters(kind: str, value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ExportInvalid("filters must be an object of texts")
    for name, text in value.items():
        is_text = isinstance(text, str) and text.isprintable() and len(text) <= _LONGEST_FILTER
        if not is_text:
            raise ExportInvalid("filters must be an object of texts")
        if name not in FILTERS[kind]:
            raise UnknownFilter(str(name))
    return dict(value)


def run_export(job: StockJob, ctx: SliceContext) -> Outcome:
    """The whole file, outside of transactions; it appears with the end of the job."""
    options = job.options
    filters, imeis = options.get("filters", {}), options.get("imeis", ())
    table = read_table(job.organization_id, options["kind"], filters, imeis)
    counter = count()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        with path.open("wb") as target:
            for piece in stream_table(table, options["format"], counter):
                target.write(piece)
        rows = next(counter)
        name = f"{options['kind']}-{ctx.now:%Y%m%d-%H%M%S}.{options['format']}"
        with path.open("rb") as source, keeping_files() as keep:
            keep(job.file, name, File(source))
            ctx.commit(partial(_finish, name=str(job.file.name), rows=rows))
    return Done({"rows": rows}, "Export written")


def stream_table(table: Table, format: str, counter: "count[int]") -> Iterator[bytes]:
    """The bytes of a file; `counter` goes on by one a row."""
    rows = _counted(table.rows, counter)
    if format == "csv":
        return stream_csv(table.header, rows)
    return stream_xlsx([Sheet(table.title, table.header, rows)])


def _counted(rows: Iterator[Row], counter: "count[int]") -> Iterator[Row]:
    for row in rows:
        next(counter)
        yield row


def _finish(job: StockJob, *, name: str, rows: int) -> None:
    StockJob.objects.filter(pk=job.pk).update(
        file=name, row_count=rows, expires_at=Now() + timedelta(days=KEPT_DAYS)
    )
