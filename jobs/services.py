"""What people and programs may do to a job. Each verb is one guarded UPDATE with its log line."""

from typing import TypeVar

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from jobs import endings
from jobs.dispatch import ring
from jobs.errors import (
    HandlerMissing,
    JobFinished,
    JobNotFailed,
    JobNotStuck,
    JobNotWaiting,
    PriorityInvalid,
)
from jobs.logs import get_correlation_id, write_log
from jobs.models import Job, Level, PausedJobType, moved
from jobs.models.job import HIGH, LOW
from jobs.registry import get_handler
from jobs.states import State

J = TypeVar("J", bound=Job)


@transaction.atomic(savepoint=False)
def submit_job(job: J) -> J:
    """Insert the job and ring for it, in the caller's transaction: both happen or neither does."""
    job.correlation_id = job.correlation_id or get_correlation_id()
    job.save(force_insert=True)
    ring(job)
    return job


@transaction.atomic
def cancel_job(job: J, *, actor: User | None, reason: str = "") -> J:
    """Cancel a waiting job at once, a running one before its next slice.

    Raises JobFinished when the job has ended already.
    """
    request = {"cancel_requested_at": Now(), "cancel_requested_by": actor}
    if endings.end_cancelled_waiting(job, changes=request, by=_name(actor)):
        _tell_cancelled(job, reason)
        return job
    # Blocks while a slice holds the row; the state is looked at again after its commit.
    active = type(job)._default_manager.filter(pk=job.pk, status=job.states.active)
    requested = active.filter(cancel_requested_at=None).update(**moved(**request))
    job.refresh_from_db()
    if not requested and job.state is not State.ACTIVE:
        # The worker may have put it back to waiting between the two statements.
        if job.state is State.WAITING:
            return cancel_job(job, actor=actor, reason=reason)
        raise JobFinished(f"Job is already {job.status}")
    _tell_cancelled(job, reason)
    return job


def _tell_cancelled(job: Job, reason: str) -> None:
    if reason:
        write_log(job, f"Reason: {reason}", level=Level.WARN)
    try:
        on_cancel = get_handler(job.handler_name).on_cancel
    except HandlerMissing:
        return
    if on_cancel is not None:
        on_cancel(job)


@transaction.atomic
def retry_job(job: J, *, actor: User | None, reason: str = "") -> J:
    """Send a failed job to work again; it goes on where its last committed slice ended."""
    failed = type(job)._default_manager.filter(pk=job.pk, status=job.states.failed)
    changes = {
        "status": job.states.waiting,
        "run_after": Now(),
        "attempts": 0,
        "crash_count": 0,
        "error_code": "",
        "error_message": None,
        "error_fingerprint": "",
        "completed_at": None,
        "cancel_requested_at": None,
        "cancel_requested_by": None,
    }
    if not failed.update(**moved(**changes)):
        job.refresh_from_db()
        raise JobNotFailed(f"Job is already {job.status}")
    return _back_in_line(job, f"Retried by {_name(actor)}", reason)


@transaction.atomic
def requeue_job(job: J, *, actor: User | None, reason: str = "") -> J:
    """Take a job from a worker that is gone, without waiting for the sweep."""
    stuck = type(job)._default_manager.lease_expired().filter(pk=job.pk)
    changes = {
        "status": job.states.waiting,
        "run_after": Now(),
        "lease_owner": "",
        "lease_expires_at": None,
        "lease_token": F("lease_token") + 1,
    }
    if not stuck.update(**moved(**changes)):
        raise JobNotStuck
    return _back_in_line(job, f"Requeued by {_name(actor)}", reason)


@transaction.atomic
def set_priority(job: J, *, priority: int, actor: User | None) -> J:
    """Change the place in the queue of a waiting job: 1 is served first, 10 last."""
    if not HIGH <= priority <= LOW:
        raise PriorityInvalid
    waiting = type(job)._default_manager.filter(pk=job.pk, status=job.states.waiting)
    if not waiting.update(**moved(priority=priority)):
        raise JobNotWaiting
    job.refresh_from_db()
    write_log(job, f"Priority set to {priority} by {_name(actor)}")
    return job


@transaction.atomic
def bring_forward(job: J, *, actor: User | None) -> J:
    """Make a waiting job due now and the first in line, whatever it was waiting for."""
    waiting = type(job)._default_manager.filter(pk=job.pk, status=job.states.waiting)
    if not waiting.update(**moved(priority=HIGH, run_after=Now())):
        raise JobNotWaiting("Only a waiting job can be brought forward.")
    job.refresh_from_db()
    write_log(job, f"Brought forward by {_name(actor)}")
    ring(job)
    return job


@transaction.atomic
def pause_job_type(name: str, *, actor: User | None, reason: str = "") -> PausedJobType:
    """Hold every job with this handler name: no claim, and running ones stop after their slice."""
    get_handler(name)
    paused, _ = PausedJobType.objects.get_or_create(
        name=name, defaults={"paused_by": actor, "reason": reason}
    )
    return paused


@transaction.atomic
def resume_job_type(name: str) -> None:
    """Let a paused type go on, and ring for its waiting jobs."""
    handler = get_handler(name)
    PausedJobType.objects.filter(name=name).delete()
    # The sweep does the same within a minute; people who press the button should see it at once.
    due = handler.model._default_manager.due()
    if handler.model.type_field is not None:
        due = due.filter(**{handler.model.type_field: name.partition(":")[2]})
    for job in due.order_by("priority", "run_after", "pk")[:100]:
        ring(job)


def _back_in_line(job: J, event: str, reason: str) -> J:
    job.refresh_from_db()
    write_log(job, f"{event}: {reason}" if reason else event, level=Level.WARN)
    ring(job)
    return job


def _name(actor: User | None) -> str:
    return actor.get_username() if actor is not None else "the system"
