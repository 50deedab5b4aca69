"""Deletes what is of long ago, a bounded number of rows at a time.

Finished jobs go with their rows, excludes, logs and files; scans that were refused go alone.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from jobs.dispatch import run_soon
from jobs.models import Job
from jobs.states import State
from qrtracking import statements
from qrtracking.models import (
    LabelPage,
    LabelSheet,
    PackingPlan,
    PackingPlanRow,
    PreparedCode,
    ReverseJob,
    ReverseJobExclude,
    ReverseJobLog,
    ScanItem,
    ScanOutcome,
)

CHUNK = 10_000
REFUSED_SCAN_DAYS = 30
# The schedule, and how long one run of it may take: the engine kills what it takes for stuck.
RETENTION = "qr_retention"
BUDGET_SECONDS = 40.0
ENDED = (State.DONE, State.FAILED, State.CANCELLED)


class Children(NamedTuple):
    """A table of which a job's rows are deleted before it, and its column with the job's key."""

    table: str
    column: str


CHILDREN: dict[type[Job], list[Children]] = {
    ReverseJob: [
        Children(model._meta.db_table, "job_id")
        for model in (PreparedCode, ReverseJobExclude, ReverseJobLog)
    ],
    LabelSheet: [Children(LabelPage._meta.db_table, "sheet_id")],
    PackingPlan: [Children(PackingPlanRow._meta.db_table, "plan_id")],
}
WITH_FILES: tuple[type[LabelSheet | PackingPlan], ...] = (LabelSheet, PackingPlan)


def delete_expired(*, seconds: float = BUDGET_SECONDS) -> dict[str, int]:
    """Everything that is past its time, as the settings say; returns what was deleted.

    What does not fit into the time is done by another run, which is rung for at once.
    """
    deadline = time.monotonic() + seconds
    days: int = settings.QR_JOB_RETENTION_DAYS
    total = Counter(jobs=0, rows=0, files=0, scans=0)
    for deleted in chain(_expired_jobs(days), _expired_files(days), _refused_scans()):
        total.update(deleted)
        if any(deleted.values()) and time.monotonic() > deadline:
            run_soon(RETENTION)
            break
    return dict(total)


def list_expired_jobs(*, older_than_days: int) -> QuerySet[ReverseJob]:
    """Finished jobs past their time, of which no row waits for a case any more."""
    live = PreparedCode.objects.live().filter(job=OuterRef("pk"))
    expired: QuerySet[ReverseJob] = _ended(ReverseJob, older_than_days).exclude(Exists(live))
    return expired


def count_expired(*, older_than_days: int) -> dict[str, int]:
    """What `delete_expired_jobs`, `delete_expired_files` and `delete_refused_scans` would delete."""
    old = Now() - timedelta(days=REFUSED_SCAN_DAYS)
    refused = ScanItem.objects.filter(outcome=ScanOutcome.REFUSED, created_at__lt=old)
    return {
        "jobs": list_expired_jobs(older_than_days=older_than_days).count(),
        "files": sum(_ended(model, older_than_days).count() for model in WITH_FILES),
        "scans": refused.count(),
    }


def delete_expired_jobs(*, older_than_days: int | None = None) -> dict[str, int]:
    """Delete them, children first, so that no cascade of the database touches a million rows.

    Without `older_than_days` as the settings say. Returns the numbers of jobs and of their rows.
    """
    return _sum(_expired_jobs(_days(older_than_days)), jobs=0, rows=0)


def delete_expired_files(*, older_than_days: int | None = None) -> dict[str, int]:
    """Delete label sheets and packing plans past their time, their files first.

    A run that is interrupted between a file and its row finds the row again.
    """
    return _sum(_expired_files(_days(older_than_days)), files=0)


def delete_refused_scans() -> int:
    """Delete scans that were refused more than REFUSED_SCAN_DAYS ago."""
    return _sum(_refused_scans(), scans=0)["scans"]


def _expired_jobs(days: int) -> Iterator[dict[str, int]]:
    """One after the other; gives what was deleted with each."""
    for job_id in list(list_expired_jobs(older_than_days=days).values_list("pk", flat=True)):
        yield {"jobs": 1, "rows": _delete(ReverseJob, job_id)}


def _expired_files(days: int) -> Iterator[dict[str, int]]:
    for model in WITH_FILES:
        for job in _ended(model, days).iterator(chunk_size=100):
            if job.file:
                job.file.storage.delete(job.file.name)
            _delete(model, job.pk)
            yield {"files": 1}


def _refused_scans() -> Iterator[dict[str, int]]:
    after, is_old = None, True
    while is_old:
        parameters: dict[str, Any] = {"days": REFUSED_SCAN_DAYS, "after": after, "limit": CHUNK}
        after, is_old, count = statements.fetch_one("drop_refused_scans", parameters)
        yield {"scans": count}


def _sum(parts: Iterable[dict[str, int]], **start: int) -> dict[str, int]:
    total = Counter(start)
    for part in parts:
        total.update(part)
    return dict(total)


def _ended(model: type[Any], older_than_days: int) -> QuerySet[Any]:
    old = Now() - timedelta(days=older_than_days)
    ended: QuerySet[Any] = model.objects.in_state(*ENDED).filter(completed_at__lt=old)
    return ended.order_by("completed_at", "pk")


def _days(older_than_days: int | None) -> int:
    days: int = settings.QR_JOB_RETENTION_DAYS
    return days if older_than_days is None else older_than_days


def _delete(model: type[Job], job_id: UUID) -> int:
    """Delete a job and whatever hangs on it; returns the number of rows beside the job."""
    rows = sum(_delete_children(children, job_id) for children in CHILDREN[model])
    model._default_manager.filter(pk=job_id).delete()
    return rows


def _delete_children(children: Children, job_id: UUID) -> int:
    # The places of the rows, not their keys: some tables have a key of several columns.
    table, column = children
    chunk = (
        f"DELETE FROM {table} WHERE ctid = ANY "  # noqa: S608 (names of ours)
        f"(ARRAY(SELECT ctid FROM {table} WHERE {column} = %s LIMIT %s))"
    )
    deleted = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(chunk, [job_id, CHUNK])
            count = int(cursor.rowcount)
        deleted += count
        if count < CHUNK:
            return deleted
