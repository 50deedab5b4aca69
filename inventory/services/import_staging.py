"""Rows of a file on their way into the table: written to disk first, then by COPY, all or none."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.db import connection

from inventory.models import QueueImport, QueueImportRow
from inventory.rules.storable import NotStorable, as_stored
from inventory.services.adding import escaped
from inventory.services.import_files import FileRow

_IN_MEMORY = 1024 * 1024
_COPY = "COPY queue_import_row (import_id, organization_id, line_no, data) FROM STDIN"
_AT_ONCE = 256 * 1024


@contextmanager
def spooled(queue_import: QueueImport, rows: Iterator[FileRow]) -> Iterator[tuple[IO[bytes], int]]:
    """The rows as COPY takes them, and how many; outside of transactions, as reading takes long."""
    head = f"{queue_import.pk}\t{queue_import.organization_id}\t"
    count = 0
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        for row in rows:
            spool.write(f"{head}{row.line_no}\t{escaped(_stored(row))}\n".encode())
            count += 1
        spool.seek(0)
        yield spool, count


def _stored(row: FileRow) -> str:
    """As it stands in the file, so that another mapping can be tried without reading it again."""
    data: dict[str, Any] = {"problem": row.problem}
    if row.cells is not None:
        data = {"cells": row.cells}
    elif row.record is not None:
        data = {"record": row.record}
    try:
        return as_stored(data, max_kilobytes=settings.QUEUE_MAX_ITEM_KB)
    except NotStorable as reason:
        return json.dumps({"problem": str(reason)})


def stage(queue_import: QueueImport, spool: IO[bytes]) -> None:
    """Put the rows in the place of earlier ones, in the caller's transaction."""
    earlier = QueueImportRow.objects.filter(queue_import_id=queue_import.pk)
    earlier._raw_delete(earlier.db)
    spool.seek(0)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        while block := spool.read(_AT_ONCE):
            copy.write(block)
