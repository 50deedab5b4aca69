"""Files of phones that were read and judged: what pages and programs show of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from inventory import statements
from inventory.errors import ImportNotFound
from inventory.models import ImportStatus, QueueImport, QueueImportRow, RowVerdict
from inventory.rules.intake_columns import ERROR_COLUMNS as REASONS
from inventory.rules.intake_columns import IGNORE, KEEP, cell_of, guess_mapping
from inventory.rules.intake_header import column_name
from inventory.selectors.exports import Table

CHUNK = 1_000
MOST_COLUMNS = 1_000


@dataclass(frozen=True)
class Column:
    """A column of the file. `key` names it in the mapping and in the rows: headers, made unique."""

    key: str
    header: str
    # A name of inventory.rules.fields.FIELDS, KEEP or IGNORE of inventory.rules.intake_columns.
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
    warnings: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def queueable(self) -> int:
        return self.rows - self.invalid


@dataclass(frozen=True)
class Preview:
    """`is_judged`: the counts are those of the present mapping."""

    queue_import: QueueImport
    question: Question | None
    columns: tuple[Column, ...]
    counts: Counts
    is_judged: bool

    @property
    def can_queue(self) -> bool:
        is_ready = self.queue_import.status == ImportStatus.READY
        return is_ready and self.is_judged and self.counts.queueable > 0


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
    cursor = queue_import.cursor
    question = cursor.get("question") if cursor.get("phase") == "asked" else None
    return Preview(
        queue_import=queue_import,
        question=_question(question) if question else None,
        columns=_columns(queue_import),
        counts=Counts(**queue_import.counts),
        is_judged=cursor.get("phase") == "judged",
    )


def _question(facts: Mapping[str, Any]) -> Question:
    rows = tuple((line, tuple(cells)) for line, cells in facts["rows"])
    return Question(facts["kind"], tuple(facts["sheets"]), rows)


def _columns(queue_import: QueueImport) -> tuple[Column, ...]:
    columns = queue_import.cursor.get("columns", [])
    guesses = guess_mapping([column["name"] for column in columns])
    return tuple(
        Column(
            key=column["name"],
            header=column["name"],
            field=queue_import.mapping.get(column["name"], KEEP),
            guess=guesses[column["name"]],
            samples=tuple(column["samples"]),
        )
        for column in columns
    )


def list_rows(
    queue_import: QueueImport, *, verdict: str | None = None, after: int = 0, limit: int = 100
) -> list[QueueImportRow]:
    """Judged rows by line, all or those of one verdict, from the one behind line `after` on."""
    rows = QueueImportRow.objects.filter(queue_import_id=queue_import.pk, line_no__gt=after)
    if verdict is not None:
        rows = rows.filter(verdict=verdict)
    return list(rows.order_by("line_no")[:limit])


@dataclass(frozen=True)
class InvalidRow:
    """An invalid row, with what is written in it by column."""

    line_no: int
    error_code: str
    reason: str
    data: Mapping[str, Any]


def list_import_errors(queue_import: QueueImport) -> Iterator[InvalidRow]:
    """The invalid rows by line. Read while it is asked for."""
    return _invalid_rows(queue_import, _names_of_invalid(queue_import))


def read_import_errors(queue_import: QueueImport) -> Table:
    """The invalid rows as a table for `exporting.stream_table`: the columns of the file, then
    REASONS. It can be corrected and sent as it is."""
    names = _names_of_invalid(queue_import)
    guesses = guess_mapping(names)
    # An error file that was sent again brings REASONS of its own.
    shown = [name for name in names if guesses[name] != IGNORE]
    return Table("Errors", (*shown, *REASONS), _table_rows(queue_import, names, shown))


def _names_of_invalid(queue_import: QueueImport) -> list[str]:
    """The columns of the file, then those that only single rows have."""
    names = [column["name"] for column in queue_import.cursor.get("columns", [])]
    found = statements.fetch_all(
        "import_columns", {"import": queue_import.pk, "most": MOST_COLUMNS}
    )
    width = max((width for _, width in found if width is not None), default=0)
    names += [column_name(index) for index in range(len(names), width)]
    known = set(names)
    names += [name for name, _ in found if name is not None and name not in known]
    return names


def _table_rows(
    queue_import: QueueImport, names: list[str], shown: list[str]
) -> Iterator[tuple[Any, ...]]:
    fields = {name: queue_import.mapping.get(name, KEEP) for name in names}
    for row in _invalid_rows(queue_import, names):
        posted = [cell_of(row.data.get(name), fields[name]) for name in shown]
        yield (*posted, row.line_no, row.error_code, row.reason)


def _invalid_rows(queue_import: QueueImport, names: list[str]) -> Iterator[InvalidRow]:
    after = 0
    while rows := list_rows(queue_import, verdict=RowVerdict.INVALID, after=after, limit=CHUNK):
        for row in rows:
            cells = row.data.get("cells", [])
            data = row.data.get("record") or dict(zip(names, cells, strict=False))
            yield InvalidRow(row.line_no, row.error_code or "", row.error_message or "", data)
        after = rows[-1].line_no
