import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import DomainError
from accounts.models import Role
from jobs.runner import run_job
from jobs.states import State
from qrtracking.management.arguments import get_actor, get_batch, write
from qrtracking.models import LabelKind, LabelLayout, LabelSheet
from qrtracking.services.label_sheets import create_label_sheet, file_name, open_label_file


class Command(BaseCommand):
    help = "Draw labels of a batch here, read every page back and write the file into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", required=True, type=UUID)
        parser.add_argument("--kind", required=True, choices=LabelKind.values)
        parser.add_argument("--from", required=True, type=int, dest="from_number")
        parser.add_argument("--to", required=True, type=int, dest="to_number")
        parser.add_argument("--output", required=True, type=Path, help="folder for the file")
        parser.add_argument("--layout", choices=LabelLayout.values, default=LabelLayout.A4_65.value)
        parser.add_argument("--copies", type=int, help="stickers of each case")
        parser.add_argument("--user", help="who asks; default: the first manager")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = get_batch(options["batch"])
        actor = get_actor(batch, options["user"], role=Role.MANAGER)
        names = ("kind", "from_number", "to_number", "layout", "copies")
        started = time.monotonic()
        try:
            sheet = create_label_sheet(
                actor=actor, batch_id=batch.pk, **{name: options[name] for name in names}
            )
            sheet = _work_off(sheet)
            seconds = time.monotonic() - started
            target = options["output"] / file_name(sheet)
            with open_label_file(sheet=sheet, actor=actor) as content:
                _write(target, content)
        except DomainError as error:
            raise CommandError(str(error)) from error
        facts = {
            "sheet_id": str(sheet.pk),
            "status": sheet.status,
            "labels": sheet.label_count,
            "pages": sheet.page_count,
            "file": str(target),
            "bytes": sheet.file_size,
            "seconds": round(seconds, 2),
        }
        write(self, facts, as_json=options["json"])


def _work_off(sheet: LabelSheet) -> LabelSheet:
    while sheet.state in {State.WAITING, State.ACTIVE}:
        worked = run_job(sheet)
        if worked is None:
            raise CommandError("Another worker has this sheet, or label sheets are paused.")
        sheet = worked
    if sheet.state is State.FAILED:
        raise CommandError(sheet.error_message or sheet.error_code)
    return sheet


def _write(target: Path, content: Any) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error}") from error
