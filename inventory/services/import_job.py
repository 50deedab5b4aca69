"""The job of an import: its file is looked at, then judged and kept slice by slice.

`cursor` tells where it stands: `phase` (read, judge, judged or asked), `columns` of its `sheet` with
their samples, `question`, `rows` of it, how many are `done` and the line `after` which to go on.
"""

from collections.abc import Iterator
from functools import partial
from itertools import dropwhile, islice
from typing import Any

from inventory import statements
from inventory.errors import ImportFileEmpty, ImportFileMissing
from inventory.models import QueueImport, QueueImportRow, RowVerdict
from inventory.rules.intake_columns import guess_mapping
from inventory.services.import_files import Asked, Contents, FileRow, limited, opened
from inventory.services.import_judging import JudgedRow, judge_rows
from inventory.services.import_staging import forget_rows, stage
from jobs.context import SliceContext
from jobs.registry import Continue, Done, Outcome

READ, JUDGE, JUDGED, ASKED = "read", "judge", "judged", "asked"
VERDICTS = ("new", "update", "duplicate", "invalid")
SLICE = 2_000
# Of the whole, by experience.
READ_PERCENT = 10


def run_import(queue_import: QueueImport, ctx: SliceContext) -> Outcome:
    """Outside of transactions; what a slice did and where it stands are committed together.

    A call that goes on after another one reads the file again and passes by what is done.
    """
    if queue_import.cursor.get("phase", READ) == READ:
        asked = _look(queue_import, ctx)
        if asked is not None:
            return asked
        queue_import.refresh_from_db()
    if not _judge(queue_import, ctx):
        return Continue()
    return _finish(queue_import)


def _look(queue_import: QueueImport, ctx: SliceContext) -> Outcome | None:
    """Learn what the columns are. The whole file is read, so that it is refused before any of it
    is kept."""
    with opened(queue_import) as contents:
        if isinstance(contents, Asked):
            cursor = {"phase": ASKED, "question": contents.as_json()}
            return Done(message="A person has to say how to read this", changes={"cursor": cursor})
        count = sum(1 for _ in limited(contents.rows))
        if count == 0:
            raise ImportFileEmpty
        ctx.log(f"{count:,} rows read")
        ctx.commit(partial(_keep, contents=contents, count=count), progress=READ_PERCENT)
    return None


def _keep(queue_import: QueueImport, *, contents: Contents, count: int) -> None:
    columns = [
        {"name": name, "samples": samples}
        for name, samples in zip(contents.names, contents.samples, strict=True)
    ]
    mapping = guess_mapping(contents.names)
    if contents.imei_name is not None:
        mapping[contents.imei_name] = "imei"
    cursor: dict[str, Any] = {"phase": JUDGE, "after": 0, "done": 0, "rows": count}
    cursor |= {"columns": columns, "sheet": contents.sheet}
    QueueImport.objects.filter(pk=queue_import.pk).update(cursor=cursor, mapping=mapping)


def _judge(queue_import: QueueImport, ctx: SliceContext) -> bool:
    """Slice by slice; False when it is to go on in another call."""
    cursor = dict(queue_import.cursor)
    seen = _list_seen(queue_import, cursor["after"])
    with opened(queue_import) as contents:
        if isinstance(contents, Asked):
            raise ImportFileMissing
        for rows in _slices(contents.rows, after=cursor["after"], size=ctx.slice_size):
            judged = judge_rows(queue_import, rows, seen=seen)
            effect = partial(_write, judged=judged, is_first=cursor["after"] == 0)
            cursor |= {"after": rows[-1].line_no, "done": cursor["done"] + len(rows)}
            percent = READ_PERCENT + (99 - READ_PERCENT) * cursor["done"] // cursor["rows"]
            ctx.commit(partial(effect, cursor=cursor), progress=min(99, percent))
            if ctx.should_stop():
                return False
    return True


def _list_seen(queue_import: QueueImport, after: int) -> set[str]:
    """The IMEIs of good rows up to a line."""
    if after == 0:
        return set()
    rows = QueueImportRow.objects.filter(queue_import_id=queue_import.pk, line_no__lte=after)
    good = rows.exclude(verdict=RowVerdict.INVALID).values_list("imei_norm", flat=True)
    return {imei for imei in good if imei is not None}


def _slices(rows: Iterator[FileRow], *, after: int, size: int) -> Iterator[list[FileRow]]:
    left = dropwhile(lambda row: row.line_no <= after, rows)
    while piece := list(islice(left, size)):
        yield piece


def _write(
    queue_import: QueueImport, *, judged: list[JudgedRow], is_first: bool, cursor: dict[str, Any]
) -> None:
    if is_first:
        forget_rows(queue_import)
    stage(queue_import, judged)
    QueueImport.objects.filter(pk=queue_import.pk).update(cursor=cursor)


def _finish(queue_import: QueueImport) -> Outcome:
    counts = count_rows(queue_import)
    told = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in VERDICTS)
    queue_import.refresh_from_db(fields=["cursor"])
    changes = {"counts": counts, "cursor": {**queue_import.cursor, "phase": JUDGED}}
    return Done({name: counts[name] for name in ("rows", *VERDICTS)}, f"Judged: {told}", changes)


def count_rows(queue_import: QueueImport) -> dict[str, Any]:
    """Rows by verdict and in all, errors and warnings by code."""
    found: dict[str, dict[str, int]] = {"verdict": {}, "error": {}, "warning": {}}
    for kind, name, count in statements.fetch_all("import_count", {"import": queue_import.pk}):
        found[kind][name] = count
    verdicts = {verdict: found["verdict"].get(verdict, 0) for verdict in VERDICTS}
    total = {"rows": sum(verdicts.values())}
    return total | verdicts | {"errors": found["error"], "warnings": found["warning"]}
