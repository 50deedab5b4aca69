"""The job of an import, a slice a call: first its file becomes rows, then its rows are judged.

`cursor` tells where it stands: `phase` (read, judge, judged or asked), `columns` of the file with
their samples, `question`, `rows` of it and the line `after` which to go on.
"""

from functools import partial
from typing import IO, Any

from inventory import statements
from inventory.errors import ImportFileEmpty
from inventory.models import QueueImport, QueueImportRow
from inventory.rules.intake_columns import guess_mapping
from inventory.services.import_files import Asked, Contents, limited, opened
from inventory.services.import_judging import JudgedRow, judge_rows
from inventory.services.import_staging import spooled, stage
from jobs.context import SliceContext
from jobs.registry import Continue, Done, Outcome

READ, JUDGE, JUDGED, ASKED = "read", "judge", "judged", "asked"
VERDICTS = ("new", "update", "duplicate", "invalid")
# Of the whole, by experience.
READ_PERCENT = 25


def run_import(queue_import: QueueImport, ctx: SliceContext) -> Outcome:
    """Outside of transactions; what a slice did and where it stands are committed together."""
    if queue_import.cursor.get("phase", READ) == READ:
        return _read(queue_import, ctx)
    return _judge_next(queue_import, ctx)


def _read(queue_import: QueueImport, ctx: SliceContext) -> Outcome:
    with opened(queue_import) as contents:
        if isinstance(contents, Asked):
            cursor = {"phase": ASKED, "question": contents.as_json()}
            return Done(message="A person has to say how to read this", changes={"cursor": cursor})
        with spooled(queue_import, limited(contents.rows)) as (spool, count):
            if count == 0:
                raise ImportFileEmpty
            ctx.log(f"{count:,} rows read")
            keep = partial(_keep, spool=spool, contents=contents, count=count)
            ctx.commit(keep, progress=READ_PERCENT)
    return Continue()


def _keep(queue_import: QueueImport, *, spool: IO[bytes], contents: Contents, count: int) -> None:
    stage(queue_import, spool)
    columns = [
        {"name": name, "samples": samples}
        for name, samples in zip(contents.names, contents.samples, strict=True)
    ]
    mapping = guess_mapping(contents.names)
    if contents.imei_name is not None:
        mapping[contents.imei_name] = "imei"
    cursor = {"phase": JUDGE, "after": 0, "rows": count, "columns": columns}
    QueueImport.objects.filter(pk=queue_import.pk).update(cursor=cursor, mapping=mapping)


def _judge_next(queue_import: QueueImport, ctx: SliceContext) -> Outcome:
    cursor = queue_import.cursor
    rows = _next_rows(queue_import, cursor["after"], ctx.slice_size)
    if not rows:
        return _finish(queue_import)
    judged = judge_rows(queue_import, rows)
    done = cursor.get("done", 0) + len(rows)
    percent = READ_PERCENT + (99 - READ_PERCENT) * done // max(1, cursor["rows"])
    moved = {**cursor, "after": rows[-1][0], "done": done}
    ctx.commit(partial(_write, judged=judged, cursor=moved), progress=min(99, percent))
    return Continue()


def _next_rows(queue_import: QueueImport, after: int, limit: int) -> list[tuple[int, Any]]:
    rows = QueueImportRow.objects.filter(queue_import_id=queue_import.pk, line_no__gt=after)
    return list(rows.order_by("line_no").values_list("line_no", "data")[:limit])


def _write(queue_import: QueueImport, *, judged: list[JudgedRow], cursor: dict[str, Any]) -> None:
    statements.execute(
        "import_judge",
        {
            "organization": queue_import.organization_id,
            "import": queue_import.pk,
            "rows": f"[{','.join(row.as_json() for row in judged)}]",
            "first": judged[0].line_no,
        },
    )
    QueueImport.objects.filter(pk=queue_import.pk).update(cursor=cursor)


def _finish(queue_import: QueueImport) -> Outcome:
    counts = count_rows(queue_import)
    told = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in VERDICTS)
    cursor = {**queue_import.cursor, "phase": JUDGED}
    changes = {"counts": counts, "cursor": cursor}
    return Done({name: counts[name] for name in ("rows", *VERDICTS)}, f"Judged: {told}", changes)


def count_rows(queue_import: QueueImport) -> dict[str, Any]:
    """Rows by verdict and in all, errors and warnings by code."""
    found: dict[str, dict[str, int]] = {"verdict": {}, "error": {}, "warning": {}}
    for kind, name, count in statements.fetch_all("import_count", {"import": queue_import.pk}):
        found[kind][name] = count
    verdicts = {verdict: found["verdict"].get(verdict, 0) for verdict in VERDICTS}
    total = {"rows": sum(verdicts.values())}
    return total | verdicts | {"errors": found["error"], "warnings": found["warning"]}
