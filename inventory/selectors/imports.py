"""Files of phones that were read and judged: what pages and programs show of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from inventory.errors import ImportNotFound
from inventory.models import QueueImport, QueueImportRow
from inventory.selectors.exports import Table

# What an error file has besides the columns of its file; in a file that is sent again they are nothing.
REASONS = ("line", "error_code", "reason")


@dataclass(frozen=True)
class Column:
    """A column of the file. `key` names it in the mapping and in the rows: headers, made unique."""

    key: str
    header: str
    # A name of inventory.rules.fields.FIELDS, or "" for a column that no field is read from.
    field: str
    guess: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What only a person can tell; `services.importing.answer_question` takes the answer.

    `sheet`: the workbook has several, `sheets` are their names.
    `header`: no header was found; `rows` are the first ten, by line. Answer with `header_line`, or
    with `imei_column` (counted from 0) for a table without a header.
    """

    kind: str
    sheets: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Counts:
    """Of the dry run; `rows` is the sum of the four. `queueable` are all but the invalid ones."""

    rows: int = 0
    new: int = 0
    update: int = 0
    duplicate: int = 0
    invalid: int = 0
    warnings: Mapping[str, int] | None = None
    errors: Mapping[str, int] | None = None

    @property
    def queueable(self) -> int:
        return self.rows - self.invalid


@dataclass(frozen=True)
class Preview:
    """`is_judged`: the counts are those of the present mapping. It can be queued when it is judged,
    asks nothing and something is queueable."""

    queue_import: QueueImport
    question: Question | None
    columns: tuple[Column, ...]
    counts: Counts
    is_judged: bool

    @property
    def can_queue(self) -> bool:
        return self.is_judged and self.question is None and self.counts.queueable > 0


def get_import(organization_id: UUID, import_id: UUID) -> QueueImport:
    """Raises ImportNotFound."""
    found: QueueImport | None = QueueImport.objects.filter(
        organization_id=organization_id, pk=import_id
    ).first()
    if found is None:
        raise ImportNotFound
    return found


def get_preview(queue_import: QueueImport) -> Preview:
    """Question, columns with guess and samples, counts: without reading the rows."""
    raise NotImplementedError


def list_rows(
    queue_import: QueueImport, *, verdict: str | None = None, after: int = 0, limit: int = 100
) -> list[QueueImportRow]:
    """Judged rows by line, all or those of one verdict, from the one behind line `after` on."""
    raise NotImplementedError


def read_import_errors(queue_import: QueueImport) -> Table:
    """The invalid rows as a table for `exporting.stream_table`: the columns of the file, then
    REASONS. It can be corrected and sent as it is."""
    raise NotImplementedError


def iterate_rows(queue_import: QueueImport) -> Iterator[Any]:
    raise NotImplementedError
