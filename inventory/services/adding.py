"""Adding phones to the queue: a batch, its items and the opening of a drain, or none of them."""

import secrets
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from inventory.errors import (
    BatchClosed,
    BatchNotFound,
    ItemNotAnObject,
    ItemNotStorable,
    ItemsRequired,
    TooManyItems,
)
from inventory.models import BatchStatus, QueueBatch
from inventory.rules.fields import RawItem
from inventory.rules.imei import ImeiReading, read_imei
from inventory.rules.refusals import ItemRefused, Note
from inventory.rules.storable import NotStorable, as_stored
from inventory.selectors.control import is_halted
from inventory.services.add_options import DEFAULT_SOURCE, AddOptions, read_options
from inventory.services.control import open_drains_unless_stopped
from jobs.statements import copying

CHUNK = 5_000
WARNINGS_SHOWN = 100
_ALPHABET = string.ascii_lowercase + string.digits
_COPY = (
    "COPY imei_data_queue (organization_id, raw_data, priority, max_retries, source, batch_id, "
    "imei_norm, validation, run_after, client_ref, line_no) FROM STDIN"
)
_NULL = r"\N"


@dataclass(frozen=True)
class NewItem:
    """A phone with what its scan or its file knows of it."""

    data: Mapping[str, Any]
    client_ref: UUID | None = None
    line_no: int | None = None


@dataclass(frozen=True)
class AddWarning:
    """`index` is None for what concerns the whole request."""

    index: int | None
    code: str
    message: str


@dataclass(frozen=True)
class Added:
    batch: QueueBatch
    added: int
    warnings: tuple[AddWarning, ...]
    # There were more warnings than are shown.
    is_truncated: bool
    # Nothing is claimed now: stopped by the organization, or paused by staff.
    is_stopped: bool
    # None: due at once.
    starts_at: datetime | None


@dataclass
class Warnings:
    shown: list[AddWarning] = field(default_factory=list)
    count: int = 0

    def add(self, index: int | None, code: str, message: str) -> None:
        self.count += 1
        if self.count <= WARNINGS_SHOWN:
            self.shown.append(AddWarning(index, code, message))


Write = Callable[[QueueBatch, AddOptions, "Warnings"], int]


def add_items(  # noqa: PLR0913 (keyword-only: the fields of a request)
    *,
    organization_id: UUID,
    actor: User | None,
    items: Iterable[Any],
    source: Any = None,
    priority: Any = None,
    batch_id: str | None = None,
    max_retries: Any = None,
    validation: Any = None,
    scheduled_at: Any = None,
    undoable: bool = False,
    now: datetime,
) -> Added:
    """Add phones, each an object or a `NewItem`; they are read once and written as they come.

    Values of the request are taken as they were posted and checked here; None means the default.
    With `batch_id` the items join that batch. Nothing is stored when anything is refused.
    Raises the errors of section 3.2: ItemsRequired, ItemNotAnObject, ItemNotStorable, TooManyItems,
    BatchNotFound, BatchClosed and those of `read_options`.
    """
    raw = {
        "source": source,
        "priority": priority,
        "max_retries": max_retries,
        "validation": validation,
        "scheduled_at": scheduled_at,
    }
    return add_by(
        partial(_copy_items, items),
        organization_id=organization_id,
        actor=actor,
        options=read_options(raw, now=now),
        batch_id=batch_id,
        undoable=undoable,
        now=now,
    )


@transaction.atomic
def add_by(
    write: Write,
    *,
    organization_id: UUID,
    actor: User | None,
    options: AddOptions,
    batch_id: str | None = None,
    undoable: bool = False,
    import_id: UUID | None = None,
    now: datetime,
) -> Added:
    """A batch with the items that `write` writes for it; it returns how many these are.

    Raises ItemsRequired when there are none, BatchNotFound, BatchClosed.
    """
    batch = _find(organization_id, batch_id) if batch_id else None
    warnings = _warn_of_options(options, batch)
    if batch is None:
        batch = _new_batch(organization_id, actor, options, now)
        batch.undoable, batch.import_id = undoable, import_id
    added = write(batch, options, warnings)
    if not added:
        raise ItemsRequired
    _save_batch(batch, added, options)
    if options.starts_at is None:
        open_drains_unless_stopped(organization_id)
    return Added(
        batch=batch,
        added=added,
        warnings=tuple(warnings.shown),
        is_truncated=warnings.count > WARNINGS_SHOWN,
        is_stopped=is_halted(organization_id),
        starts_at=options.starts_at,
    )


def _find(organization_id: UUID, batch_id: str) -> QueueBatch:
    rows = QueueBatch.objects.filter(organization_id=organization_id, batch_id=batch_id)
    batch: QueueBatch | None = rows.first() if _may_be_id(batch_id) else None
    if batch is None:
        raise BatchNotFound
    if batch.undone_at is not None:
        raise BatchClosed
    return batch


def _may_be_id(batch_id: object) -> bool:
    return isinstance(batch_id, str) and "\0" not in batch_id and batch_id.isprintable()


def _warn_of_options(options: AddOptions, batch: QueueBatch | None) -> Warnings:
    warnings = Warnings()
    if options.is_schedule_past:
        text = "The scheduled time is past: the items are due at once"
        warnings.add(None, "schedule_in_past", text)
    if batch is not None and options.source not in (None, batch.source):
        text = f"The batch keeps its source {batch.source}"
        warnings.add(None, "source_ignored", text)
    return warnings


def _new_batch(
    organization_id: UUID, actor: User | None, options: AddOptions, now: datetime
) -> QueueBatch:
    source = options.source or DEFAULT_SOURCE
    return QueueBatch(
        organization_id=organization_id,
        batch_id=new_batch_id(now),
        created_by=actor,
        source=source,
        priority=options.priority,
        max_retries=options.retries_for(organization_id, source),
        validation=options.validation,
        scheduled_at=options.starts_at,
    )


def new_batch_id(now: datetime) -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(9))
    return f"batch_{int(now.timestamp() * 1000)}_{letters}"


def _save_batch(batch: QueueBatch, added: int, options: AddOptions) -> None:
    """Last of all: from here on workers that count in this batch wait for us."""
    if batch.pk is None:
        batch.total_items = added
        batch.save(force_insert=True)
    else:
        changes: dict[str, Any] = {"scheduled_at": options.starts_at} if options.starts_at else {}
        joined = QueueBatch.objects.filter(pk=batch.pk, undone_at=None).update(
            total_items=F("total_items") + added,
            status=BatchStatus.ACTIVE,
            completed_at=None,
            updated_at=Now(),
            **changes,
        )
        if not joined:
            raise BatchClosed
    batch.refresh_from_db()


def _copy_items(
    items: Iterable[Any], batch: QueueBatch, options: AddOptions, warnings: Warnings
) -> int:
    """Write the items in the order in which they come, some thousand at a time."""
    retries = batch.max_retries
    if batch.pk is not None:
        retries = options.retries_for(batch.organization_id, batch.source)
    head = f"{batch.organization_id}\t"
    tail = "\t".join(
        (
            str(options.priority),
            str(retries),
            escaped(batch.source),
            escaped(batch.batch_id),
        )
    )
    rest = f"{options.validation or _NULL}\t{options.starts_at or _NULL}"
    lines = _lines(items, head, tail, rest, warnings)
    added = 0
    while chunk := list(islice(lines, CHUNK)):
        added += len(chunk)
        if added > settings.QUEUE_MAX_ITEMS_PER_ADD:
            raise TooManyItems(settings.QUEUE_MAX_ITEMS_PER_ADD)
        with copying(_COPY) as copy:
            copy.write("".join(chunk))
    return added


def _lines(
    items: Iterable[Any], head: str, middle: str, rest: str, warnings: Warnings
) -> Iterator[str]:
    kilobytes = settings.QUEUE_MAX_ITEM_KB
    for index, item in enumerate(items):
        new = item if isinstance(item, NewItem) else NewItem(item)
        if not isinstance(new.data, Mapping):
            raise ItemNotAnObject(index)
        try:
            text = as_stored(new.data, max_kilobytes=kilobytes)
        except NotStorable as reason:
            raise ItemNotStorable(index, str(reason)) from None
        imei, notes = _read_imei(new.data)
        for note in notes:
            warnings.add(index, note.code, note.message)
        own = f"{new.client_ref or _NULL}\t{_NULL if new.line_no is None else new.line_no}"
        yield f"{head}{escaped(text)}\t{middle}\t{imei or _NULL}\t{rest}\t{own}\n"


def _read_imei(data: Mapping[str, Any]) -> tuple[str | None, tuple[Note, ...]]:
    """What can be read now; what is wrong with the others is told when they are processed."""
    try:
        reading: ImeiReading = read_imei(RawItem(data).value("imei"))
    except ItemRefused:
        return None, ()
    return reading.imei, reading.notes


def escaped(text: str) -> str:
    """Text of COPY. JSON has no raw tabs and line ends, other texts may."""
    text = text.replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
