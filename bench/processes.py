"""Real processes on a benchmark's database: workers, a web server, and the memory that they use."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

DEADLINE_SECONDS = 60.0
MIB = 2**20


def database_url(name: str) -> str:
    """The configured server, another database of it."""
    from django.conf import settings

    from config.environment import database_url as configured

    url = urlsplit(configured(settings.DATA_DIR))._replace(path=f"/{name}").geturl()
    # A URL with an empty host keeps its two slashes.
    return url if "://" in url else url.replace(":/", ":///", 1)


@contextmanager
def workers(database: str, number: int) -> Iterator[psutil.Process]:
    """runworker on the benchmark's database, for the time of the block."""
    command = [sys.executable, "manage.py", "runworker", "--queues", "default"]
    with _running(command, {"DATABASE_URL": database_url(database), "WORKERS": str(number)}) as one:
        yield one


@contextmanager
def web_server(database: str, port: int) -> Iterator[psutil.Process]:
    """gunicorn as the product starts it, with one process."""
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    settings = {
        "DATABASE_URL": database_url(database),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "GUNICORN_CMD_ARGS": "--log-level warning",
    }
    with _running(command, settings) as one:
        yield one


@contextmanager
def _running(command: list[str], settings: dict[str, str]) -> Iterator[psutil.Process]:
    process = subprocess.Popen(  # noqa: S603 (commands of our own)
        command, env={**os.environ, **settings}, start_new_session=True
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_SECONDS)


def memory_of(host: psutil.Process) -> dict[int, float]:
    """MiB that each process below this one has in memory now."""
    found = {}
    for child in host.children(recursive=True):
        try:
            found[child.pid] = child.memory_info().rss / MIB
        except psutil.NoSuchProcess:
            continue
    return found


def peak_of(pid: int | str = "self") -> float:
    """The most MiB that a process has had. getrusage would give the parent's, if that is more."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return float(psutil.Process(None if pid == "self" else int(pid)).memory_info().rss / MIB)
