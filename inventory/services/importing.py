"""Files of phones: sent in, read by a job, mapped by a person, queued as a batch."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from inventory import statements
from inventory.errors import (
    AnswerInvalid,
    ImportFileEmpty,
    ImportNotReady,
    ImportRepeated,
    LocationInvalid,
    MappingInvalid,
    NothingToQueue,
    TooManyItems,
)
from inventory.models import ImportStatus, QueueBatch, QueueImport
from inventory.rules.intake_columns import mapping_problem
from inventory.rules.intake_header import SAMPLE_ROWS
from inventory.rules.places import place_name
from inventory.services.add_options import AddOptions, read_options
from inventory.services.adding import Added, Warnings, add_by
from inventory.services.import_files import MOST_COLUMNS, kind_of
from inventory.services.import_job import ASKED, JUDGE, JUDGED, READ
from inventory.services.moving import LONGEST_PLACE
from jobs.dispatch import ring
from jobs.errors import JobFinished
from jobs.files import keeping_files
from jobs.logs import write_log
from jobs.models import Level, moved
from jobs.services import cancel_job, submit_job
from tables.errors import TableTooLarge
from tables.reading import MIB

FILE_SOURCE, PASTE_SOURCE = "file-import", "paste"
REPEATED_WITHIN = timedelta(days=30)
_BLOCK = 256 * 1024


def create_import_from_text(*, text: str, **options: Any) -> QueueImport:
    """As `create_import`, of a text that was pasted; the source is 'paste' unless another is given."""
    content = text.encode(errors="replace") if text.strip() else b""
    return create_import(file=ContentFile(content), is_pasted=True, **options)


def create_import(  # noqa: PLR0913 (keyword-only: the fields of a form)
    *,
    organization_id: UUID,
    actor: User | None,
    file: "File[bytes]",
    file_name: str = "",
    is_pasted: bool = False,
    location: Any = None,
    priority: Any = None,
    validation: Any = None,
    source: Any = None,
    scheduled_at: Any = None,
    confirmed: bool = False,
    now: datetime,
) -> QueueImport:
    """Keep a file and ring for the job that reads it; nothing is queued by that.

    CSV, TSV, text, XLSX, XLS, ODS or JSON, told by content. Options are those of `add_items`;
    `location` is for rows that name none; the source is 'file-import' unless another is given.
    Raises ImportRepeated (a conflict, with `extra`: importId, batchId, importedAt) when a file with
    the same bytes was queued within 30 days, unless `confirmed`; ImportFileEmpty, TableTooLarge,
    TableUnreadable (an image and the like), LocationInvalid and the errors of `read_options`.
    """
    if isinstance(scheduled_at, datetime):
        scheduled_at = scheduled_at.isoformat()
    asked = {"priority": priority, "validation": validation, "scheduled_at": scheduled_at or None}
    options = read_options({**asked, "source": source}, now=now)
    default_source = PASTE_SOURCE if is_pasted else FILE_SOURCE
    digest, size = _measure(file)
    row = QueueImport(
        organization_id=organization_id,
        created_by=actor,
        file_name=_cleaned(file_name),
        file_size=size,
        sha256=digest,
        format=kind_of(file, is_pasted=is_pasted),
        options={
            **asked,
            "priority": options.priority,
            "source": options.source or default_source,
            "location": _location(location),
            "confirmed": confirmed,
        },
    )
    with keeping_files() as keep, transaction.atomic():
        if not confirmed:
            _refuse_repeated(row, now)
        keep(row.file, uuid4().hex, file)
        return submit_job(row)


def _measure(file: "File[bytes]") -> tuple[str, int]:
    """Digest and size. Raises ImportFileEmpty, TableTooLarge."""
    digest, size = sha256(), 0
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
        size += len(block)
        if size > settings.QUEUE_MAX_FILE_MB * MIB:
            raise TableTooLarge(f"The file is over {settings.QUEUE_MAX_FILE_MB} MB.")
    if size == 0:
        raise ImportFileEmpty
    return digest.hexdigest(), size


def _cleaned(file_name: str) -> str:
    return "".join(letter for letter in file_name if letter.isprintable()).strip()[-255:]


def _location(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not value.isprintable():
        raise LocationInvalid
    name = place_name(value)
    if len(name) > LONGEST_PLACE:
        raise LocationInvalid
    return name or None


def _refuse_repeated(row: QueueImport, now: datetime) -> None:
    imports: Any = QueueImport.objects
    same = imports.filter(
        organization_id=row.organization_id,
        sha256=row.sha256,
        status=ImportStatus.QUEUED,
        updated_at__gte=now - REPEATED_WITHIN,
    )
    last = same.exclude(pk=row.pk).order_by("-updated_at", "-pk").first()
    if last is not None:
        day = f"{last.updated_at:%Y-%m-%d}"
        raise ImportRepeated(
            f"This file was imported on {day} as {last.batch_id}. Import again?",
            extra={
                "importId": str(last.pk),
                "batchId": last.batch_id,
                "importedAt": last.updated_at.isoformat(),
            },
        )


@transaction.atomic
def answer_question(
    *,
    queue_import: QueueImport,
    actor: User | None,
    sheet: str | None = None,
    header_line: int | None = None,
    imei_column: int | None = None,
) -> QueueImport:
    """Answer the question of `selectors.imports.get_preview`; the file is then read anew.

    `header_line` is a line of the file, or 0 when it has no header; `imei_column` counts from 0.
    Raises AnswerInvalid, ImportNotReady (a conflict: being read, queued, cancelled or failed).
    """
    answers = dict(queue_import.options.get("answers", {}))
    if sheet is not None:
        question = queue_import.cursor.get("question", {})
        if sheet not in question.get("sheets", ()):
            raise AnswerInvalid
        answers = {"sheet": sheet}
    else:
        answers.pop("header_line", None)
        answers.pop("imei_column", None)
        answers |= _header_answer(header_line, imei_column)
    changes = {
        "options": {**queue_import.options, "answers": answers},
        "cursor": {"phase": READ},
        "mapping": {},
    }
    return _start_again(queue_import, actor, "Answered", phases=(ASKED, JUDGED), changes=changes)


def _header_answer(header_line: int | None, imei_column: int | None) -> dict[str, int]:
    answers: dict[str, int] = {}
    if header_line is not None:
        if not 0 <= header_line <= SAMPLE_ROWS:
            raise AnswerInvalid
        answers["header_line"] = header_line
    if imei_column is not None:
        if not 0 <= imei_column < MOST_COLUMNS:
            raise AnswerInvalid
        answers["imei_column"] = imei_column
    if not answers:
        raise AnswerInvalid
    return answers


@transaction.atomic
def set_mapping(
    *, queue_import: QueueImport, actor: User | None, mapping: Mapping[str, str]
) -> QueueImport:
    """Say which columns fill which fields, KEEP or IGNORE by column; the rows are judged anew.

    Columns that are left out keep what they have. Raises MappingInvalid, ImportNotReady.
    """
    cursor = queue_import.cursor
    if cursor.get("phase") != JUDGED:
        raise ImportNotReady
    if not all(isinstance(target, str) for target in mapping.values()):
        raise MappingInvalid
    wanted = {**queue_import.mapping, **mapping}
    problem = mapping_problem([column["name"] for column in cursor["columns"]], wanted)
    if problem is not None:
        raise MappingInvalid(problem)
    changes = {"mapping": wanted, "cursor": {**cursor, "phase": JUDGE, "after": 0, "done": 0}}
    return _start_again(queue_import, actor, "Mapped", phases=(JUDGED,), changes=changes)


def _start_again(
    queue_import: QueueImport,
    actor: User | None,
    event: str,
    *,
    phases: tuple[str, ...],
    changes: dict[str, Any],
) -> QueueImport:
    """Send an import that waits for a person to work again. Raises ImportNotReady."""
    ready = QueueImport.objects.filter(
        pk=queue_import.pk, status=ImportStatus.READY, cursor__phase__in=phases
    )
    kernel = {
        "status": ImportStatus.UPLOADED,
        "progress": 0,
        "counts": {},
        "result_summary": None,
        "run_after": Now(),
        "started_at": None,
        "completed_at": None,
    }
    if not ready.update(**moved(**kernel, **changes)):
        raise ImportNotReady
    queue_import.refresh_from_db()
    write_log(queue_import, f"{event} by {_name(actor)}")
    ring(queue_import)
    return queue_import


def _name(actor: User | None) -> str:
    return actor.get_username() if actor is not None else "the system"


@transaction.atomic
def queue_import(
    *, queue_import: QueueImport, actor: User | None, confirmed: bool = False, now: datetime
) -> Added:
    """Queue all rows but the invalid ones as one undoable batch; it happens once.

    Raises ImportNotReady, NothingToQueue, and ImportRepeated when the same file was queued since,
    unless that was confirmed now or at the upload.
    """
    row = _lock_with_same_file(queue_import)
    if row.status != ImportStatus.READY or row.cursor.get("phase") != JUDGED:
        raise ImportNotReady
    if not (confirmed or row.options["confirmed"]):
        _refuse_repeated(row, now)
    if row.counts["rows"] == row.counts["invalid"]:
        raise NothingToQueue
    added = add_by(
        partial(_insert_items, row),
        organization_id=row.organization_id,
        actor=actor,
        options=read_options(row.options, now=now),
        undoable=True,
        import_id=row.pk,
        now=now,
    )
    changes = {"status": ImportStatus.QUEUED, "batch_id": added.batch.batch_id}
    QueueImport.objects.filter(pk=row.pk).update(**moved(**changes))
    write_log(row, f"Queued by {_name(actor)}: {added.added:,} items as {added.batch.batch_id}")
    queue_import.refresh_from_db()
    return added


def _lock_with_same_file(queue_import: QueueImport) -> QueueImport:
    """Two people who sent the same file do not both queue it without having been asked."""
    imports: Any = QueueImport.objects
    same = imports.filter(organization_id=queue_import.organization_id, sha256=queue_import.sha256)
    rows = {row.pk: row for row in same.select_for_update(no_key=True).order_by("pk")}
    if queue_import.pk not in rows:
        raise ImportNotReady
    row: QueueImport = rows[queue_import.pk]
    return row


def _insert_items(
    row: QueueImport, batch: QueueBatch, options: AddOptions, _warnings: Warnings
) -> int:
    added = statements.execute(
        "import_queue",
        {
            "import": row.pk,
            "priority": options.priority,
            "max_retries": batch.max_retries,
            "source": batch.source,
            "batch": batch.batch_id,
            "validation": options.validation,
            "run_after": options.starts_at,
        },
    )
    if added > settings.QUEUE_MAX_ITEMS_PER_ADD:
        raise TooManyItems(settings.QUEUE_MAX_ITEMS_PER_ADD)
    return added


@transaction.atomic
def cancel_import(
    *, queue_import: QueueImport, actor: User | None, reason: str = ""
) -> QueueImport:
    """Give an import up that is not queued yet. Raises ImportNotReady for one that has ended."""
    if queue_import.status != ImportStatus.READY:
        try:
            return cancel_job(queue_import, actor=actor, reason=reason)
        except JobFinished as error:
            raise ImportNotReady(f"This import is already {queue_import.status}") from error
    ready = QueueImport.objects.filter(pk=queue_import.pk, status=ImportStatus.READY)
    if not ready.update(**moved(status=ImportStatus.CANCELLED)):
        raise ImportNotReady
    queue_import.refresh_from_db()
    told = f"Cancelled by {_name(actor)}"
    write_log(queue_import, f"{told}: {reason}" if reason else told, level=Level.WARN)
    return queue_import
