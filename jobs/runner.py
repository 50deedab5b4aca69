"""Works a claimed job off, slice by slice, until it ends, its time is spent or it fails."""

import time
from pathlib import Path
from typing import Generic, TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from jobs import endings, leases, retry
from jobs.context import SliceContext, keep_lease
from jobs.errors import HandlerMissing, LeaseLost
from jobs.leases import CancelRequested, JobPaused, Lease
from jobs.logs import write_log
from jobs.models import Job, Level
from jobs.registry import (
    Continue,
    Done,
    Handler,
    Later,
    Outcome,
    get_handler,
    list_job_models,
)
from jobs.selectors import list_next_due

BUDGET_SECONDS = 20.0
# How long a failure is tried to be recorded while the database is away.
RECORD_SECONDS = 15.0
RECORD_PAUSE_SECONDS = 0.5

J = TypeVar("J", bound=Job)

logger = structlog.get_logger(__name__)

# By model, the organization that had its turn last in this process.
_served_last: dict[str, UUID] = {}


def run_next(
    model: type[J], *, queue: str | None = None, budget_seconds: float = BUDGET_SECONDS
) -> J | None:
    """Claim the most urgent runnable job of a model and work on it.

    Returns the job as it is afterwards: ended, or waiting again. None: nothing was due.
    """
    label = model.job_label()
    passed_over: set[UUID] = set()
    while candidates := list_next_due(
        model, queue=queue, passed_over=passed_over, served_last=_served_last.get(label)
    ):
        for job_id in candidates:
            job = leases.claim(model, job_id)
            if job is not None:
                _served_last[label] = job.organization_id
                return _Run(job, budget_seconds).work_off()
        passed_over.update(candidates)
    return None


def run_job(job: J, *, budget_seconds: float = BUDGET_SECONDS) -> J | None:
    """Claim this very job and work on it in this process; None when it cannot be claimed."""
    claimed = leases.claim(type(job), job.pk)
    return None if claimed is None else _Run(claimed, budget_seconds).work_off()


def run_due_jobs(*, budget_seconds: float = BUDGET_SECONDS, limit: int = 10_000) -> int:
    """Work off whatever is due, of every model, in this process; returns the number of runs."""
    runs = 0
    for model in list_job_models():
        while runs < limit and run_next(model, budget_seconds=budget_seconds) is not None:
            runs += 1
    return runs


def is_stopping() -> bool:
    """The worker host is shutting down: give the job back after the slice in hand."""
    return bool(settings.JOBS_STOP_FILE) and Path(settings.JOBS_STOP_FILE).exists()


class _Run(Generic[J]):
    """One claim of one job."""

    def __init__(self, job: J, budget_seconds: float) -> None:
        self.job = job
        self.lease = Lease(type(job), job.pk, job.lease_token)
        self.deadline = time.monotonic() + budget_seconds
        self.log = logger.bind(job=job.job_label(), job_id=str(job.pk))

    def work_off(self) -> J | None:
        with structlog.contextvars.bound_contextvars(
            correlation_id=self.job.correlation_id, job_id=str(self.job.pk)
        ):
            try:
                self._work_off()
            except LeaseLost:
                self.log.info("lease lost")
            except Exception as error:
                self._record_failure(error)
        return self._read_again()

    def _work_off(self) -> None:
        if self.job.crash_count > retry.MAX_CRASHES:
            self._poison()
            return
        handler = get_handler(self.job.handler_name)
        size = handler.slice_size.start
        while True:
            began = time.monotonic()
            goes_on = self._slice(handler, size)
            if not goes_on:
                return
            if self._should_stop():
                self._release()
                return
            size = handler.slice_size.adapt(size, time.monotonic() - began)

    def _slice(self, handler: Handler, size: int) -> bool:
        """One slice; True when there is more to do and the job is still ours."""
        context = SliceContext(self.lease, slice_size=size, should_stop=self._should_stop)
        try:
            return self._attempt(handler, context)
        except (CancelRequested, JobPaused) as request:
            with transaction.atomic():
                job = leases.lock(self.lease)
                if isinstance(request, CancelRequested):
                    endings.end_cancelled(job)
                else:
                    leases.release(job, wake=False)
            return False

    def _attempt(self, handler: Handler, context: SliceContext) -> bool:
        if handler.atomic:
            with transaction.atomic():
                job = self._lock(handler, context)
                return self._settle(job, handler.function(job, context), context)
        with transaction.atomic():
            job = self._lock(handler, context)
        with keep_lease(self.lease):
            outcome = handler.function(job, context)
        with transaction.atomic():
            return self._settle(self._lock(handler, context), outcome, context)

    def _lock(self, handler: Handler, context: SliceContext) -> Job:
        job = leases.lock(self.lease, statement_timeout_seconds=handler.statement_timeout_seconds)
        if job.cancel_requested_at is not None:
            raise CancelRequested
        if job.kernel_is_paused:
            raise JobPaused
        context.now = job.kernel_now
        return job

    def _settle(self, job: Job, outcome: Outcome, context: SliceContext) -> bool:
        """Write the outcome next to the slice's effect, in its transaction."""
        context.write_lines(job)
        match outcome:
            case Continue():
                leases.renew(job, progress=outcome.progress, changes=outcome.changes)
                return True
            case Done():
                endings.end_done(job, outcome)
            case Later():
                wait = max(0.0, (outcome.at - context.now).total_seconds())
                changes = {"attempts": 0, **outcome.changes}
                leases.release(job, after_seconds=wait, changes=changes)
        return False

    def _should_stop(self) -> bool:
        return time.monotonic() >= self.deadline or is_stopping()

    def _release(self) -> None:
        with transaction.atomic():
            job = leases.lock(self.lease)
            if job.cancel_requested_at is None:
                leases.release(job)
            else:
                endings.end_cancelled(job)

    def _poison(self) -> None:
        message = "This job stopped its worker process several times and was taken out of service."
        with transaction.atomic():
            job = leases.lock(self.lease)
            endings.end_failed(job, code=retry.POISON, message=message, attempts=job.attempts)
        self.log.error("job poisoned a worker", crash_count=self.job.crash_count)

    def _record_failure(self, error: Exception) -> None:
        kind = retry.classify(error)
        if kind is retry.FailureKind.PERMANENT:
            self.log.info("job refused", reason=str(error))
        else:
            self.log.error("slice failed", kind=kind.value, exc_info=error)
        # After a database error the connection may be of no use for the record either.
        if kind is retry.FailureKind.TRANSIENT and not connection.in_atomic_block:
            connection.close()
        # A server that restarts is back in seconds; an unrecorded failure costs a whole lease.
        give_up = time.monotonic() + RECORD_SECONDS
        while not self._is_recorded(kind, error):
            if time.monotonic() > give_up or connection.in_atomic_block:
                self.log.error("failure could not be recorded: the sweep brings the job back")
                return
            connection.close()
            time.sleep(RECORD_PAUSE_SECONDS)

    def _is_recorded(self, kind: retry.FailureKind, error: Exception) -> bool:
        try:
            with transaction.atomic():
                self._back_off_or_fail(leases.lock(self.lease), kind, error)
        except LeaseLost:
            self.log.info("lease lost")
        except Error:
            self.log.warning("failure not recorded yet", exc_info=True)
            return False
        return True

    def _back_off_or_fail(self, job: Job, kind: retry.FailureKind, error: Exception) -> None:
        if job.cancel_requested_at is not None:
            endings.end_cancelled(job)
            return
        code, message = retry.describe(error)
        failures = job.attempts + 1
        decision = retry.decide(
            kind,
            failures=failures,
            max_attempts=job.max_attempts,
            limit_transient=self._limits_transient(job),
        )
        mark = retry.fingerprint(error)
        if isinstance(decision, retry.GiveUp):
            endings.end_failed(job, code=code, message=message, fingerprint=mark, attempts=failures)
            return
        write_log(job, f"Retrying in {decision.after_seconds:.0f} s: {code}", level=Level.WARN)
        leases.release(
            job,
            after_seconds=decision.after_seconds,
            changes={
                "attempts": failures,
                "error_code": code,
                "error_fingerprint": mark,
            },
        )

    def _limits_transient(self, job: Job) -> bool:
        try:
            return get_handler(job.handler_name).limit_transient
        except HandlerMissing:
            return False

    def _read_again(self) -> J | None:
        """The job after the run; None when it was deleted meanwhile."""
        return type(self.job)._default_manager.filter(pk=self.job.pk).first()
