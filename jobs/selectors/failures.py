"""What went wrong lately, so that one cause is seen as one however many jobs it hit."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from jobs.models import JobQuerySet
from jobs.selectors.scalars import bind
from jobs.states import State

# The newest failures tell what is wrong now.
FAILURES_READ = 1_000
_GROUP = """
    SELECT error_code, count(*), max(updated_at)
    FROM ({}) AS newest GROUP BY error_code ORDER BY count(*) DESC, error_code
"""


class Failure(NamedTuple):
    code: str
    number: int
    last_at: datetime


def group_failures(jobs: JobQuerySet, *, limit: int = FAILURES_READ) -> list[Failure]:
    """The newest failed jobs by their error code, the most frequent first."""
    failed = jobs.in_state(State.FAILED).order_by("-created_at", "-id")
    newest = failed.values("error_code", "updated_at")[:limit]
    bound = bind(_GROUP, [newest])
    if bound is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*bound)
        return [Failure(*row) for row in cursor.fetchall()]
