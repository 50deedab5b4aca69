import os
import signal
import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.db.models import F

from accounts.errors import DomainError
from jobs.context import SliceContext
from jobs.registry import Continue, Done, Outcome, SliceSize, job_handler
from tests.jobs.sample.models import Effect, SampleJob

# Told whenever a handler comes to a place where a test may want its process to end.
listeners: list[Callable[[str], None]] = []


def reach(place: str) -> None:
    for listener in listeners:
        listener(place)


class SampleRefused(DomainError):
    """The sample was refused."""

    code = "sample_refused"


def note_end(job: SampleJob) -> None:
    SampleJob.objects.filter(pk=job.pk).update(ends=F("ends") + 1)


def write_effects(job: SampleJob, count: int) -> int:
    """Write the next effects and return how many are written now."""
    first = job.written
    last = min(job.total, first + count)
    Effect.objects.bulk_create(
        Effect(
            organization_id=job.organization_id,
            job_id=job.pk,
            number=number,
            worker=str(os.getpid()),
        )
        for number in range(first, last)
    )
    return last


def outcome(job: SampleJob, written: int) -> Outcome:
    changes: dict[str, Any] = {"written": written}
    if written >= job.total:
        return Done(summary={"written": written}, changes=changes)
    return Continue(progress=100 * written // job.total, changes=changes)


def misbehave(job: SampleJob) -> None:
    match job.fault:
        case "refused":
            raise SampleRefused
        case "transient":
            raise OperationalError("server closed the connection unexpectedly")
        case "flaky" if job.attempts == 0:
            raise OperationalError("the other side is busy")
        case "bug":
            raise KeyError("secret detail")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            raise SystemExit(3)


@job_handler(
    SampleJob, job_type="count", slice_size=SliceSize(start=3, low=1, high=3), on_end=note_end
)
def count(job: SampleJob, ctx: SliceContext) -> Outcome:
    if job.written >= job.total // 2:
        misbehave(job)
    written = write_effects(job, ctx.slice_size)
    ctx.log(f"Wrote {written} of {job.total}")
    return outcome(job, written)


@job_handler(SampleJob, job_type="slow", slice_size=5, on_end=note_end)
def slow(job: SampleJob, ctx: SliceContext) -> Outcome:
    """Long enough in a slice to be killed in the middle of one."""
    written = write_effects(job, ctx.slice_size)
    reach("in a slice")
    time.sleep(0.02)
    return outcome(job, written)


@job_handler(SampleJob, job_type="outside", atomic=False, slice_size=5, on_end=note_end)
def outside(job: SampleJob, ctx: SliceContext) -> Outcome:
    """Works without a transaction and commits step by step."""
    misbehave(job)
    while job.written < job.total:
        time.sleep(0.01)

        reach("outside of transactions")

        def effect(locked: SampleJob) -> int:
            written = write_effects(locked, ctx.slice_size)
            reach("in a commit")
            return written

        job.written = ctx.commit(
            effect, changes={"written": F("written") + min(5, job.total - job.written)}
        )
        if ctx.should_stop():
            break
    return outcome(job, job.written)
