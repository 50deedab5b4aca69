import json
import time
from argparse import ArgumentParser
from itertools import count
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.models import Organization
from inventory.errors import ImportRepeated
from inventory.management.arguments import QueueCommand, opened
from inventory.models import QueueImport
from inventory.selectors.imports import Preview, Question, get_preview, read_import_errors
from inventory.services.exporting import stream_table
from inventory.services.importing import (
    answer_question,
    cancel_import,
    create_import,
    queue_import,
    set_mapping,
)
from jobs.models import PausedJobType
from jobs.runner import run_job
from jobs.states import State

PAUSE_SECONDS = 0.5


class Command(QueueCommand):
    help = (
        "Read a file of phones, judge its rows and, without --dry-run, queue those that are good."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="CSV, TSV, text, XLSX, XLS, ODS or JSON"
        )
        parser.add_argument("--location", metavar="NAME", help="for rows that name no place")
        parser.add_argument("--priority", type=int, help="1 first, 5 normal, 10 last")
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE", help="JSON object: column to field"
        )
        parser.add_argument("--sheet", metavar="NAME", help="of a workbook with several")
        parser.add_argument("--header-line", type=int, metavar="N", help="0: there is no header")
        parser.add_argument("--imei-column", type=int, metavar="N", help="counted from 0")
        parser.add_argument("--dry-run", action="store_true", help="queue nothing")
        parser.add_argument("--again", action="store_true", help="also a file imported lately")
        parser.add_argument(
            "--errors-to", type=Path, metavar="FILE", help="the refused rows, as .csv or .xlsx"
        )

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        mapping = _read_mapping(options["mapping"]) if options["mapping"] else None
        preview = _read(organization, options)
        if mapping is not None:
            row = preview.queue_import
            set_mapping(queue_import=row, actor=None, mapping=mapping)
            preview = _work_off(row)
        if options["errors_to"]:
            _write_errors(preview.queue_import, options["errors_to"])
        return _end(preview, is_dry=options["dry_run"])


def _read_mapping(path: Path) -> dict[str, Any]:
    with opened(path) as file:
        try:
            mapping = json.load(file)
        except ValueError as error:
            raise CommandError(f"{path} is not JSON: {error}") from error
    if not isinstance(mapping, dict):
        raise CommandError(f"{path} must hold one JSON object: column to field.")
    return mapping


def _read(organization: Organization, options: dict[str, Any]) -> Preview:
    path: Path = options["file"]
    with opened(path) as file:
        try:
            row = create_import(
                organization_id=organization.pk,
                actor=None,
                file=File(file),
                file_name=path.name,
                location=options["location"],
                priority=options["priority"],
                confirmed=options["again"],
                now=timezone.now(),
            )
        except ImportRepeated as error:
            raise CommandError(f"{error.message} Then say --again.") from error
    preview = _work_off(row)
    if options["sheet"] is not None:
        preview = _answer(preview, sheet=options["sheet"])
    header = {name: options[name] for name in ("header_line", "imei_column")}
    if any(value is not None for value in header.values()):
        preview = _answer(preview, **header)
    if preview.question is not None:
        cancel_import(queue_import=row, actor=None, reason="Nobody answers its question")
        raise CommandError(_words(preview.question))
    return preview


def _answer(preview: Preview, **answer: Any) -> Preview:
    answer_question(queue_import=preview.queue_import, actor=None, **answer)
    return _work_off(preview.queue_import)


def _words(question: Question) -> str:
    if question.kind == "sheet":
        return f"Say which sheet with --sheet: {', '.join(question.sheets)}"
    lines = "\n".join(f"{line}: {' | '.join(cells)}" for line, cells in question.rows)
    return f"No header was found. Say --header-line, or --imei-column:\n{lines}"


def _work_off(row: QueueImport) -> Preview:
    """In this process, or waiting for the worker that was faster."""
    row.refresh_from_db()
    while row.state in {State.WAITING, State.ACTIVE}:
        if PausedJobType.objects.filter(name=row.handler_name).exists():
            raise CommandError("Imports are paused.")
        if run_job(row) is None:
            time.sleep(PAUSE_SECONDS)
        row.refresh_from_db()
    if row.state is not State.DONE:
        raise CommandError(row.error_message or f"The import is {row.status}.")
    return get_preview(row)


def _write_errors(row: QueueImport, path: Path) -> None:
    kind = "xlsx" if path.suffix.lower() == ".xlsx" else "csv"
    try:
        with path.open("wb") as target:
            for piece in stream_table(read_import_errors(row), kind, count()):
                target.write(piece)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error


def _end(preview: Preview, *, is_dry: bool) -> dict[str, Any]:
    row, counts = preview.queue_import, preview.counts
    facts: dict[str, Any] = {
        "importId": str(row.pk),
        "rows": counts.rows,
        "new": counts.new,
        "update": counts.update,
        "duplicate": counts.duplicate,
        "invalid": counts.invalid,
        "warnings": dict(counts.warnings),
        "errors": dict(counts.errors),
    }
    if is_dry:
        cancel_import(queue_import=row, actor=None, reason="It was a dry run")
        return {**facts, "queued": 0, "batchId": None}
    added = queue_import(queue_import=row, actor=None, now=timezone.now())
    return {**facts, "queued": added.added, "batchId": added.batch.batch_id}
