"""Who may write for a job: claim, fence, renewal, and the way back to waiting.

Every move is one UPDATE on the database's clock, guarded by the state that it leaves.
"""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Func, OuterRef, TextField, Value
from django.db.models.functions import Coalesce, Concat, Greatest, Now

from jobs.dispatch import ring
from jobs.errors import LeaseLost
from jobs.logs import write_log
from jobs.models import Job, JobQuerySet, PausedJobType, moved

J = TypeVar("J", bound=Job)


class CancelRequested(LeaseLost):
    """Somebody wants the job cancelled: the runner ends it as such."""


class JobPaused(LeaseLost):
    """The type of job is paused: the runner puts the job back."""


@dataclass(frozen=True)
class Lease:
    model: type[Job]
    job_id: UUID
    token: int


def lease_time() -> timedelta:
    return timedelta(seconds=settings.JOBS_LEASE_SECONDS)


def claim(model: type[J], job_id: UUID) -> J | None:
    """Take a runnable job, or None when it is not, or no longer, to be had.

    Never waits for a lock: a worker that was stopped in the middle of a slice may hold it for long.
    Counts the claim as a crash until a slice commits: a job that kills its process is known by it.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    with transaction.atomic():
        candidate: JobQuerySet = model._default_manager.filter(pk=job_id)
        free = not_paused(candidate.runnable()).select_for_update(skip_locked=True, no_key=True)
        taken = model._default_manager.filter(pk__in=free.values("pk")).update(
            **moved(
                status=model.states.active,
                lease_token=F("lease_token") + 1,
                lease_owner=owner,
                lease_expires_at=Now() + lease_time(),
                heartbeat_at=Now(),
                started_at=Coalesce("started_at", Now()),
                crash_count=F("crash_count") + 1,
            )
        )
        if not taken:
            return None
        job = cast(J, model._default_manager.defer(*model.lazy_fields).get(pk=job_id))
        if job.started_at == job.heartbeat_at or job.attempts or job.crash_count > 1:
            write_log(job, f"Job started (attempt {job.attempts + 1})")
    return job


def not_paused(queryset: JobQuerySet) -> JobQuerySet:
    return queryset.filter(~_paused(queryset.model))


def _paused(model: type[Job]) -> Exists:
    if model.type_field is None:
        return Exists(PausedJobType.objects.filter(name=model.job_label()))
    name = Concat(
        Value(f"{model.job_label()}:"), OuterRef(model.type_field), output_field=TextField()
    )
    return Exists(PausedJobType.objects.filter(name=name))


def lock(lease: Lease, *, statement_timeout_seconds: int = 30) -> Job:
    """Lock the job's row for this transaction if the lease is still ours; one statement.

    Raises LeaseLost when it is not: then nothing may be written.
    """
    timeout = Func(
        Value("statement_timeout"),
        Value(f"{statement_timeout_seconds}s"),
        Value(True),  # noqa: FBT003 (set_config's is_local)
        function="set_config",
        output_field=TextField(),
    )
    job: Job | None = (
        lease.model._default_manager.filter(
            pk=lease.job_id, lease_token=lease.token, status=lease.model.states.active
        )
        .defer(*lease.model.lazy_fields)
        .annotate(kernel_is_paused=_paused(lease.model), kernel_now=Now(), kernel_timeout=timeout)
        .select_for_update(no_key=True, of=("self",))
        .first()
    )
    if job is None:
        raise LeaseLost
    return job


def renew(job: Job, *, progress: int | None, changes: dict[str, Any]) -> None:
    """Commit a slice's outcome: the caller holds the row's lock. Progress never goes back."""
    kernel: dict[str, Any] = {
        "lease_expires_at": Now() + lease_time(),
        "heartbeat_at": Now(),
        "crash_count": 0,
        "attempts": 0,
    }
    if progress is not None:
        kernel["progress"] = Greatest(F("progress"), Value(progress))
    type(job)._default_manager.filter(pk=job.pk).update(**moved(**kernel, **changes))


def beat(lease: Lease) -> bool:
    """Renew the lease from outside of a slice; False when it is not ours any more."""
    renewed = lease.model._default_manager.filter(
        pk=lease.job_id, lease_token=lease.token, status=lease.model.states.active
    ).update(lease_expires_at=Now() + lease_time(), heartbeat_at=Now())
    return bool(renewed)


def release(
    job: Job, *, after_seconds: float = 0, changes: dict[str, Any] | None = None, wake: bool = True
) -> None:
    """Put a locked or just claimed job back to waiting and ring for its next turn.

    Guarded by the lease token: a job that is no longer ours is left alone.
    """
    released = (
        type(job)
        ._default_manager.filter(pk=job.pk, lease_token=job.lease_token, status=job.states.active)
        .update(
            **moved(
                status=job.states.waiting,
                run_after=Now() + timedelta(seconds=after_seconds),
                lease_owner="",
                lease_expires_at=None,
                crash_count=0,
                **(changes or {}),
            )
        )
    )
    if released and wake:
        ring(job, delay_seconds=after_seconds)
