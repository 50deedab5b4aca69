from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from qrtracking.exports import prepared
from qrtracking.management.arguments import write
from qrtracking.models import ReverseJob
from tables.streaming import stream_csv, stream_xlsx


class Command(BaseCommand):
    help = "Write the units that a job has prepared into a file, whatever their number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--job", required=True, type=UUID)
        parser.add_argument("--format", choices=["xlsx", "csv"], default="xlsx")
        parser.add_argument("--output", required=True, type=Path, help="a file; it is replaced")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        job = ReverseJob.objects.filter(pk=options["job"]).select_related("order").first()
        if job is None:
            raise CommandError(f"There is no job {options['job']}.")
        path: Path = options["output"]
        try:
            size = _write(path, _pieces(job, options["format"]))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        facts = {"job_id": str(job.pk), "format": options["format"], "output": str(path)}
        write(self, facts | {"bytes": size}, as_json=options["json"])


def _pieces(job: ReverseJob, file_format: str) -> Iterator[bytes]:
    if file_format == "xlsx":
        return stream_xlsx([prepared.prepared_sheet(job=job)])
    return stream_csv(prepared.HEADER, prepared.prepared_rows(job=job))


def _write(path: Path, pieces: Iterator[bytes]) -> int:
    """Under another name until it is whole, so that nobody takes half a file for one."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            size = sum(file.write(piece) for piece in pieces)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return size
