"""A label sheet drawn by a worker process that is killed at an exact place again and again.

    python -m tests.chaos.label_worker --at PLACE --times N

Makes a batch and a sheet, then works on the sheet in a forked child that is forked again whenever it
has killed itself. Prints what is true at the end as JSON.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.db import Error, connection

# One label a page: a slice has ten pages and takes a moment.
LABELS = 60
POLL_SECONDS = 0.02
DRAWING, KEEPING, SAVING = "drawing", "keeping pages", "saving the file"
BETWEEN_SLICES = "between slices"


def main() -> int:
    options = _parse()
    # Files must outlive the process that wrote them.
    from django.conf import settings

    files = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = settings.STORAGES | {"default": files}
    django.setup()
    sheet_id = _make_sheet()
    # A line for each page that was drawn, whichever process did it.
    drawn = Path(settings.DATA_DIR) / f"drawn-{sheet_id}"
    kills = 0
    while (status := _fork(sheet_id, drawn, options.at if kills < options.times else None)) != 0:
        kills += os.WIFSIGNALED(status)
    facts = _tell(sheet_id) | {"kills": kills, "drawn": len(drawn.read_text().split())}
    sys.stdout.write(json.dumps(facts) + "\n")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--at", required=True)
    parser.add_argument("--times", type=int, default=1)
    return parser.parse_args()


def _make_sheet() -> UUID:
    from accounts.models import Role
    from tests.accounts.factories import OrganizationFactory, make_member
    from tests.qrtracking.factories import make_generated_batch
    from tests.qrtracking.labels import make_sheet

    # Other processes have used the database before, with the same factories.
    name = f"labels-{os.getpid()}"
    organization = OrganizationFactory(slug=name)
    actor = make_member(Role.MANAGER, organization=organization, username=name)
    batch = make_generated_batch(units=LABELS, organization=organization)
    sheet = make_sheet(batch, actor=actor, to_number=LABELS, layout="one_up")
    return UUID(str(sheet.pk))


def _fork(sheet_id: UUID, drawn: Path, place: str | None) -> int:
    """How a child ended that has worked on the sheet; 0 when the job is over."""
    # A connection of its own for each process.
    connection.close()
    child = os.fork()
    if child == 0:
        os._exit(_work(sheet_id, drawn, place))
    return os.waitpid(child, 0)[1]


def _work(sheet_id: UUID, drawn: Path, place: str | None) -> int:
    from jobs.runner import run_next
    from jobs.states import State
    from qrtracking.models import LabelSheet

    _listen(drawn, place)
    while True:
        try:
            run_next(LabelSheet)
            if LabelSheet.objects.get(pk=sheet_id).state not in {State.WAITING, State.ACTIVE}:
                return 0
        except Error:
            connection.close()
        time.sleep(POLL_SECONDS)


def _listen(drawn: Path, place: str | None) -> None:
    """Note every page, and die at the place: in the second slice, or where there is only one."""
    from django.core.files.storage import default_storage

    from jobs import runner
    from qrtracking.services import label_pages

    visits = 0

    def reached(here: str, *, at: int) -> None:
        nonlocal visits
        visits += here == place
        if here == place and visits == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def note() -> None:
        with drawn.open("a") as file:
            file.write("page\n")
        reached(DRAWING, at=15)

    def look_between_slices() -> bool:
        reached(BETWEEN_SLICES, at=2)
        return False

    runner.is_stopping = look_between_slices
    _after(label_pages, "draw_page", note)
    _after(label_pages.LabelPage.objects, "bulk_create", lambda: reached(KEEPING, at=2))
    _after(default_storage, "save", lambda: reached(SAVING, at=1))


def _after(owner: Any, name: str, call: Callable[[], None]) -> None:
    function = getattr(owner, name)

    def followed(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        call()
        return result

    setattr(owner, name, followed)


def _tell(sheet_id: UUID) -> dict[str, Any]:
    from qrtracking.models import LabelPage, LabelSheet, UnitCode
    from tests.qrtracking.labels import content_of, read_pdf

    sheet = LabelSheet.objects.get(pk=sheet_id)
    units = UnitCode.objects.filter(batch_id=sheet.batch_id, is_buffer=False)
    codes = units.order_by("sequence_number").values_list("code", flat=True)
    folder = Path(sheet.file.path).parent
    return {
        "status": sheet.status,
        "verified": sheet.verified_count,
        "pages_kept": LabelPage.objects.filter(sheet=sheet).count(),
        "is_right": read_pdf(content_of(sheet))
        == [[f"http://testserver/track/product/{code}"] for code in codes],
        "files": len([one for one in folder.iterdir() if one.name.startswith(str(sheet_id))]),
        "printed": units.filter(status="printed").count(),
    }


if __name__ == "__main__":
    sys.exit(main())
