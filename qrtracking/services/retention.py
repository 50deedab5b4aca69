"""Deletes jobs of long ago with their rows, excludes and logs, a bounded number of rows at a time."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from jobs.states import State
from qrtracking.models import PreparedCode, ReverseJob, ReverseJobExclude, ReverseJobLog

CHUNK = 10_000
CHILDREN = [model._meta.db_table for model in (PreparedCode, ReverseJobExclude, ReverseJobLog)]


def list_expired_jobs(*, older_than_days: int) -> QuerySet[ReverseJob]:
    """Finished jobs past their time, of which no row waits for a case any more."""
    old = Now() - timedelta(days=older_than_days)
    live = PreparedCode.objects.live().filter(job=OuterRef("pk"))
    finished = ReverseJob.objects.in_state(State.DONE, State.FAILED, State.CANCELLED)
    expired: QuerySet[ReverseJob] = finished.filter(completed_at__lt=old).exclude(Exists(live))
    return expired.order_by("completed_at", "pk")


def delete_expired_jobs(*, older_than_days: int | None = None) -> dict[str, int]:
    """Delete them, children first, so that no cascade of the database touches a million rows.

    Without `older_than_days` as the settings say. Returns the numbers of jobs and of their rows.
    """
    days = settings.QR_JOB_RETENTION_DAYS if older_than_days is None else older_than_days
    job_ids = list(list_expired_jobs(older_than_days=days).values_list("pk", flat=True))
    rows = sum(_delete_children(table, job_id) for job_id in job_ids for table in CHILDREN)
    jobs = 0
    for start in range(0, len(job_ids), CHUNK):
        jobs += ReverseJob.objects.filter(pk__in=job_ids[start : start + CHUNK]).delete()[0]
    return {"jobs": jobs, "rows": rows}


def _delete_children(table: str, job_id: UUID) -> int:
    # The places of the rows, not their keys: one table has a key of two columns.
    chunk = (
        f"DELETE FROM {table} WHERE ctid = ANY "  # noqa: S608 (a name of ours)
        f"(ARRAY(SELECT ctid FROM {table} WHERE job_id = %s LIMIT %s))"
    )
    deleted = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(chunk, [job_id, CHUNK])
            count = int(cursor.rowcount)
        deleted += count
        if count < CHUNK:
            return deleted
