"""Judged rows of a file on their way into the table: by COPY, in the transaction of their slice."""

import json
from collections.abc import Sequence

from inventory.models import QueueImport, QueueImportRow
from inventory.services.adding import escaped
from inventory.services.import_judging import JudgedRow
from jobs.statements import copying

_COPY = (
    "COPY queue_import_row (import_id, organization_id, line_no, data, imei_norm, verdict, "
    "error_code, error_message, warnings) FROM STDIN"
)
_NULL = r"\N"


def stage(queue_import: QueueImport, judged: Sequence[JudgedRow]) -> None:
    head = f"{queue_import.pk}\t{queue_import.organization_id}\t"
    text = "".join(f"{head}{_line(row)}\n" for row in judged)
    with copying(_COPY) as copy:
        copy.write(text)


def _line(row: JudgedRow) -> str:
    code = message = _NULL
    if row.refusal is not None:
        code, message = escaped(row.refusal.code), escaped(row.refusal.message)
    warnings = escaped(json.dumps([note.as_json() for note in row.notes])) if row.notes else "[]"
    start = f"{row.line_no}\t{escaped(row.data)}\t{row.imei or _NULL}\t{row.verdict.value}"
    return f"{start}\t{code}\t{message}\t{warnings}"


def forget_rows(queue_import: QueueImport) -> None:
    """Of an earlier reading."""
    rows = QueueImportRow.objects.filter(queue_import_id=queue_import.pk)
    rows._raw_delete(rows.db)
