"""What a handler is given: clock, size, log and, outside of transactions, the fenced commit."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from jobs import heartbeat, leases
from jobs.leases import Lease
from jobs.logs import write_log
from jobs.models import Job, Level

# So many renewals may fail before the lease is lost.
BEATS_PER_LEASE = 4

logger = structlog.get_logger(__name__)


@dataclass
class SliceContext:
    lease: Lease
    slice_size: int
    # The worker is to stop, or the time budget is spent: a long handler ends its step.
    should_stop: Callable[[], bool]
    # The database's clock at the start of the slice.
    now: datetime = field(init=False)
    _lines: list[tuple[Level, str]] = field(default_factory=list)

    def log(self, message: str, *, level: Level = Level.INFO) -> None:
        """A line for the job's log; it is written with the slice, or not at all."""
        self._lines.append((level, message))

    def write_lines(self, job: Job) -> None:
        for level, message in self._lines:
            write_log(job, message, level=level)
        self._lines.clear()

    def commit(
        self,
        effect: Callable[[Any], Any],
        *,
        progress: int | None = None,
        changes: dict[str, Any] | None = None,
    ) -> Any:
        """For handlers with `atomic=False`: run effect(job) in one transaction with the job locked.

        Returns what the effect returns. Raises LeaseLost if the job is no longer ours, and then
        nothing is written.
        """
        with transaction.atomic():
            job = leases.lock(self.lease)
            if job.cancel_requested_at is not None:
                raise leases.CancelRequested
            answer = effect(job)
            leases.renew(job, progress=progress, changes=changes or {})
            self.write_lines(job)
        return answer


@contextmanager
def keep_lease(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread with a connection of its own, also for the watchdog to hear."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(lease, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat_until(lease: Lease, stop: threading.Event) -> None:
    try:
        while not stop.wait(settings.JOBS_LEASE_SECONDS / BEATS_PER_LEASE):
            try:
                if not leases.beat(lease):
                    return
                heartbeat.beat()
            except Error:
                # The next beat may get through; if none does, the lease ends, as it should.
                logger.warning("heartbeat failed", job_id=str(lease.job_id), exc_info=True)
                connection.close()
    finally:
        connection.close()
