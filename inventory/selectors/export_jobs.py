"""Exports that were asked for, and their files."""

from typing import Any
from uuid import UUID

from django.core.files import File
from django.db.models import QuerySet

from inventory.errors import ExportFileMissing, ExportNotFound, ExportNotReady
from inventory.models import StockJob, StockJobKind


def get_export(organization_id: UUID | None, export_id: UUID) -> StockJob:
    """Raises ExportNotFound, also for those of others; None: of whichever organization."""
    rows: QuerySet[StockJob] = StockJob._default_manager.all()
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    job = rows.filter(kind=StockJobKind.EXPORT, pk=export_id).first()
    if job is None:
        raise ExportNotFound
    return job


def get_finished_export(organization_id: UUID | None, export_id: UUID) -> StockJob:
    """One whose file can be read. Raises ExportNotFound, ExportNotReady."""
    job = get_export(organization_id, export_id)
    if not job.file:
        raise ExportNotReady
    return job


def open_export(job: StockJob) -> "File[Any]":
    """Its file, for reading bytes. Raises ExportFileMissing."""
    try:
        file: File[Any] = job.file.open("rb")
    except OSError as error:
        raise ExportFileMissing from error
    return file
