"""A database server and worker processes of their own, to be killed at will."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config import embedded
from config.paths import REPOSITORY
from config.processes import MARK, find_marked, kill_marked

# Recovery in seconds, not minutes.
QUICK = {
    "JOBS_LEASE_SECONDS": "2",
    "JOBS_SWEEP_SECONDS": "1",
    "JOBS_SILENT_SECONDS": "6",
    # Shorter than the lease of a drain: whoever takes one over finds the items free.
    "QUEUE_LEASE_SECONDS": "1",
    "QUEUE_IDLE_SECONDS": "0",
    "QUEUE_SLICE_SIZE": "20",
    "WORKERS": "2",
    "LOG_LEVEL": "ERROR",
}


# Of the workers, in the arena's folder.
WORKER_LOG = "worker.log"


class Arena:
    """Starts with `start`, ends with `stop`; `environment` is what its processes get."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.environment = {
            **{name: text for name, text in os.environ.items() if name != "JOBS_CLUSTER"},
            **QUICK,
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": embedded.url(data_dir),
            MARK: str(data_dir),
            # A stopped worker lets go of its rows soon.
            "PGOPTIONS": "-c idle_in_transaction_session_timeout=2000",
        }

    def with_settings(self, **settings: str) -> "Arena":
        """The same place for processes with other settings."""
        other = copy(self)
        other.environment = self.environment | settings
        return other

    def start(self) -> None:
        embedded.start(self.data_dir, durable=False)
        (self.data_dir / "static").mkdir(exist_ok=True)
        self.manage("migrate", "--verbosity", "0")

    def stop(self) -> None:
        kill_marked(self.data_dir)
        embedded.stop(self.data_dir)

    def restart_database(self) -> None:
        embedded.stop(self.data_dir)
        embedded.start(self.data_dir, durable=False)

    def cut_connections(self) -> int:
        """End every other connection to the database, as a broken network does."""
        return len(
            self.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    def sql(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            cursor = database.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, str(REPOSITORY / "manage.py"), *arguments]
        done = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def spawn(self, module: str, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=self.environment,
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def spawn_workers(self, *command: str, cwd: Path = REPOSITORY) -> "subprocess.Popen[bytes]":
        """Start what watches over workers; what they say goes into WORKER_LOG."""
        with (self.data_dir / WORKER_LOG).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                env=self.environment,
                cwd=cwd,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def processes(self) -> list[psutil.Process]:
        """The living processes of the arena, whoever their parent is."""
        return [process for process in find_marked(self.data_dir) if _is_alive(process)]


@contextmanager
def temporary_arena() -> Iterator[Arena]:
    with tempfile.TemporaryDirectory(prefix="bw-arena-", ignore_cleanup_errors=True) as folder:
        arena = Arena(Path(folder))
        try:
            arena.start()
            yield arena
        finally:
            arena.stop()


def wait_until(
    condition: Callable[[], Any], *, seconds: float, what: str, every: float = 0.05
) -> Any:
    """The first true answer of the condition; TimeoutError when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s still not: {what}")
        time.sleep(every)


def send_signal(pid: int, number: signal.Signals) -> bool:
    """False when there is no such process any more."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
