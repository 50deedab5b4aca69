"""Starts django-q2 clusters and keeps them working: its own guard does not survive a kill -9.

What was measured of the engine, and why each check is here: the kernel page of the documentation.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import structlog
from django.conf import settings
from django.db import Error, connection
from django.db.models import F
from django.db.models.functions import Now

from jobs import heartbeat
from jobs.dispatch import has_overdue_messages
from jobs.models import WorkerHost
from jobs.runner import BUDGET_SECONDS
from jobs.sweep import sweep

TICK_SECONDS = 1.0
SEEN_EVERY_SECONDS = 10.0
# A part of the cluster may be missing for as long as its own guard needs to replace it.
INCOMPLETE_SECONDS = 5.0
START_UP_SECONDS = 20.0
STOP_GRACE_SECONDS = BUDGET_SECONDS + 10
# Besides the workers: the monitor and the pusher.
HELPERS = 2
REPOSITORY = Path(__file__).resolve().parent.parent

logger = structlog.get_logger(__name__)


@dataclass
class Cluster:
    """One django-q2 cluster in a session of its own, for one queue."""

    queue: str
    workers: int
    is_default: bool
    stop_file: Path
    process: "subprocess.Popen[bytes]" = field(init=False)
    started: float = field(init=False)
    incomplete_since: float | None = field(init=False, default=None)
    helpers: frozenset[int] = field(init=False, default=frozenset())

    @property
    def name(self) -> str:
        return f"{socket.gethostname()}:{os.getpid()}:{self.queue}"

    def start(self) -> None:
        environment = {
            **os.environ,
            heartbeat.NAME_VARIABLE: self.name,
            "JOBS_STOP_FILE": str(self.stop_file),
            "PROCESS_ROLE": "worker",
        }
        if not self.is_default:
            environment["Q_CLUSTER_NAME"] = self.queue
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, "-m", "django", "qcluster", "--pythonpath", str(REPOSITORY)],
            env=environment,
            start_new_session=True,
        )
        self.started = time.monotonic()
        self.incomplete_since = None
        self.helpers = frozenset()
        logger.info("cluster started", queue=self.queue, pid=self.process.pid)

    def ask_to_stop(self) -> None:
        # Only the main process: a SIGTERM to the whole group leaves it hanging.
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill whatever is left of the cluster, orphans of a dead main process included."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("cluster is gone already", queue=self.queue)
        self.process.wait()

    def find_fault(self) -> str | None:
        """Why this cluster has to be replaced, or None while it is well."""
        if self.process.poll() is not None:
            return "main process is gone"
        parts = list_parts(self.process.pid)
        if self._has_lost_a_helper(parts):
            return "sentinel, monitor or pusher was killed"
        if self.age < START_UP_SECONDS:
            return None
        if self._is_incomplete(parts):
            return "a part is gone"
        if self.age > settings.JOBS_SILENT_SECONDS and self._is_silent():
            return "work is due and nothing takes it"
        return None

    @property
    def age(self) -> float:
        return time.monotonic() - self.started

    def _has_lost_a_helper(self, parts: list[int]) -> bool:
        """The engine replaces them, but what a killed one had locked stays locked."""
        if self.helpers or len(parts) < self.workers + HELPERS:
            return not self.helpers <= set(parts)
        # Started after the first workers, and never again.
        self.helpers = frozenset(parts[self.workers :][:HELPERS])
        return False

    def _is_incomplete(self, parts: list[int]) -> bool:
        if len(parts) >= self.workers + HELPERS:
            self.incomplete_since = None
            return False
        if self.incomplete_since is None:
            self.incomplete_since = time.monotonic()
        return time.monotonic() - self.incomplete_since > INCOMPLETE_SECONDS

    def _is_silent(self) -> bool:
        if not has_overdue_messages(self.queue, seconds=settings.JOBS_SILENT_SECONDS):
            return False
        heard = WorkerHost.objects.heard(within_seconds=settings.JOBS_SILENT_SECONDS)
        return not heard.filter(name=self.name).exists()


def list_parts(main_pid: int) -> list[int]:
    """The living children of a cluster's sentinel in the order of their start.

    After a start: the workers, the monitor, the pusher. Empty when there is no sentinel.
    """
    try:
        sentinels = psutil.Process(main_pid).children()
        parts = [part for sentinel in sentinels for part in sentinel.children()]
    except psutil.NoSuchProcess:
        return []
    return [pid for _, pid in sorted(filter(None, map(_started_at, parts)))]


def _started_at(process: psutil.Process) -> tuple[float, int] | None:
    """Time and pid; None for a process that has ended."""
    try:
        ended = process.status() == psutil.STATUS_ZOMBIE
        return None if ended else (process.create_time(), process.pid)
    except psutil.NoSuchProcess:
        return None


class Watchdog:
    """Runs clusters until it is told to stop; see `run`."""

    def __init__(self, *, queues: dict[str, int], default_queue: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jobs-")
        stop_file = Path(self._folder.name) / "stop"
        self._stop_file = stop_file
        self.clusters = [
            Cluster(queue, workers, queue == default_queue, stop_file)
            for queue, workers in queues.items()
        ]
        self._stopping = threading.Event()
        self._next_seen = 0.0
        self._next_sweep = time.monotonic() + TICK_SECONDS

    def run(self) -> None:
        """Start the clusters; heal, announce and sweep until SIGTERM or SIGINT; then stop them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        for cluster in self.clusters:
            self._start(cluster)
        try:
            while not self._stopping.wait(TICK_SECONDS):
                self._tick()
        finally:
            self._stop()

    def _start(self, cluster: Cluster) -> None:
        self._on_database(partial(self._announce, cluster))
        # A connection that a child process inherits is read by both.
        connection.close()
        cluster.start()

    def _tick(self) -> None:
        for cluster in self.clusters:
            self._on_database(partial(self._heal, cluster))
        now = time.monotonic()
        if now >= self._next_seen:
            self._next_seen = now + SEEN_EVERY_SECONDS
            for cluster in self.clusters:
                self._on_database(partial(self._announce, cluster))
        if now >= self._next_sweep:
            self._next_sweep = now + settings.JOBS_SWEEP_SECONDS
            self._on_database(sweep)

    def _heal(self, cluster: Cluster) -> None:
        fault = cluster.find_fault()
        if fault is None:
            return
        logger.error("cluster replaced", queue=cluster.queue, reason=fault)
        cluster.kill()
        connection.close()
        cluster.start()
        WorkerHost.objects.filter(name=cluster.name).update(
            restarts=F("restarts") + 1, beat_at=Now()
        )

    def _announce(self, cluster: Cluster) -> None:
        if not WorkerHost.objects.filter(name=cluster.name).update(seen_at=Now()):
            heartbeat.register(name=cluster.name, queue=cluster.queue, workers=cluster.workers)

    def _on_database(self, action: Callable[[], object]) -> None:
        """The watchdog outlives its database: a restart of PostgreSQL must not end it."""
        try:
            action()
        except Error:
            logger.warning("watchdog has no database", exc_info=True)
            connection.close()

    def _stop(self) -> None:
        self._stop_file.touch()
        for cluster in self.clusters:
            cluster.ask_to_stop()
        deadline = time.monotonic() + STOP_GRACE_SECONDS
        for cluster in self.clusters:
            try:
                cluster.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("cluster had to be killed", queue=cluster.queue)
            cluster.kill()
        names = [cluster.name for cluster in self.clusters]
        self._on_database(lambda: WorkerHost.objects.filter(name__in=names).delete())
        self._folder.cleanup()
