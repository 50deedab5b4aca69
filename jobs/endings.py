"""The three ends of a job. Each is one guarded UPDATE with its log line and its messages."""

from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from jobs.errors import HandlerMissing
from jobs.logs import write_log
from jobs.models import Job, Level, moved
from jobs.registry import Done, get_handler
from jobs.states import State

logger = structlog.get_logger(__name__)

# What an earlier try left behind is not how the job ended.
NO_ERROR: dict[str, Any] = {"error_code": "", "error_message": None, "error_fingerprint": ""}


def end_done(job: Job, outcome: Done) -> None:
    changes = {
        "progress": 100,
        "result_summary": outcome.summary,
        "attempts": 0,
        "crash_count": 0,
        **NO_ERROR,
        **outcome.changes,
    }
    _end(_held(job), job, State.DONE, changes, outcome.message)


def end_failed(job: Job, *, code: str, message: str, fingerprint: str = "", attempts: int) -> None:
    changes = {
        "error_code": code,
        "error_message": message,
        "error_fingerprint": fingerprint,
        "attempts": attempts,
    }
    _end(_held(job), job, State.FAILED, changes, f"Job failed: {message}", level=Level.ERROR)


def end_cancelled(job: Job) -> None:
    """End a job that a worker holds, because its cancellation was asked for."""
    by = job.cancel_requested_by
    _end(_held(job), job, State.CANCELLED, NO_ERROR, f"Cancelled by {by or 'the system'}")


def end_cancelled_waiting(job: Job, *, changes: dict[str, Any], by: str) -> bool:
    """Cancel a job that no worker holds; False when a worker took it meanwhile."""
    waiting = type(job)._default_manager.filter(pk=job.pk, status=job.states.waiting)
    return _end(waiting, job, State.CANCELLED, NO_ERROR | changes, f"Cancelled by {by}")


def _held(job: Job) -> "QuerySet[Job]":
    return type(job)._default_manager.filter(
        pk=job.pk, status=job.states.active, lease_token=job.lease_token
    )


def _end(
    guarded: "QuerySet[Job]",
    job: Job,
    state: State,
    changes: dict[str, Any],
    message: str,
    *,
    level: Level = Level.INFO,
) -> bool:
    """Return whether the job was ended here; `job` is then read again."""
    ended = guarded.update(
        **moved(
            status=job.states.word_for(state),
            completed_at=Now(),
            lease_owner="",
            lease_expires_at=None,
            **changes,
        )
    )
    if not ended:
        return False
    job.refresh_from_db()
    write_log(job, message, level=level)
    _announce(job, state)
    return True


def _announce(job: Job, state: State) -> None:
    try:
        on_end = get_handler(job.handler_name).on_end
    except HandlerMissing:
        return
    if on_end is None:
        return
    try:
        with transaction.atomic():
            on_end(job)
    except Exception:
        if state is State.DONE:
            raise
        # What cannot be announced must end all the same, or it would be tried for ever.
        logger.exception("end not announced", job=job.job_label(), job_id=str(job.pk))
        write_log(job, "The end of this job could not be announced", level=Level.ERROR)
