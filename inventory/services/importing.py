"""Files of phones: sent in, read by a job, mapped by a person, queued as a batch."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files import File

from accounts.models import User
from inventory.models import QueueImport
from inventory.services.adding import Added


def create_import(  # noqa: PLR0913 (keyword-only: the fields of a form)
    *,
    organization_id: UUID,
    actor: User | None,
    file: "File[bytes]",
    file_name: str = "",
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
    raise NotImplementedError


def create_import_from_text(  # noqa: PLR0913 (keyword-only: the fields of a form)
    *,
    organization_id: UUID,
    actor: User | None,
    text: str,
    location: Any = None,
    priority: Any = None,
    validation: Any = None,
    source: Any = None,
    scheduled_at: Any = None,
    confirmed: bool = False,
    now: datetime,
) -> QueueImport:
    """As `create_import`, of a text that was pasted; the source is 'paste' unless another is given."""
    raise NotImplementedError


def answer_question(
    *,
    queue_import: QueueImport,
    actor: User | None,
    sheet: str | None = None,
    header_line: int | None = None,
    imei_column: int | None = None,
) -> QueueImport:
    """Answer the question of `selectors.imports.get_preview`; the file is then read anew.

    Raises AnswerInvalid, ImportNotReady (a conflict: being read, queued, cancelled or failed).
    """
    raise NotImplementedError


def set_mapping(
    *, queue_import: QueueImport, actor: User | None, mapping: Mapping[str, str]
) -> QueueImport:
    """Say which columns fill which fields: {column key: field, or "" for none}; judged anew.

    Columns that are left out keep what they have. Raises MappingInvalid (unknown column or field,
    a field that is filled twice by headers that do not name it) and ImportNotReady.
    """
    raise NotImplementedError


def queue_import(
    *, queue_import: QueueImport, actor: User | None, confirmed: bool = False, now: datetime
) -> Added:
    """Queue all rows but the invalid ones as one undoable batch; it happens once.

    Raises ImportNotReady, NothingToQueue, and ImportRepeated when the same file was queued since,
    unless that was confirmed now or at the upload.
    """
    raise NotImplementedError


def cancel_import(
    *, queue_import: QueueImport, actor: User | None, reason: str = ""
) -> QueueImport:
    """Give an import up that is not queued yet. Raises ImportNotReady for one that has ended."""
    raise NotImplementedError
