"""Runs the whole product in the foreground until Ctrl-C or SIGTERM. Started by script/server.

Embedded PostgreSQL (unless DATABASE_URL is set), migrations, demo data, then gunicorn and the job
workers under a supervisor. On the way out everything is stopped, the database included.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from config import embedded
from config.paths import REPOSITORY, data_dir
from config.prepare import read_demo_logins
from config.processes import kill_marked, marked_environment
from config.supervisor import write_config

READY_SECONDS = 90
WATCH_SECONDS = 2


class ServeError(Exception):
    """The product cannot be started; the text says what to do."""


class StopAsked(Exception):
    """Ctrl-C or SIGTERM."""


def main() -> int:
    signal.signal(signal.SIGTERM, _ask_to_stop)
    signal.signal(signal.SIGINT, _ask_to_stop)
    folder = data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _only_instance(folder), _database(folder), _leftovers_killed(folder):
            _run(folder)
    except StopAsked:
        print("Stopped.", flush=True)
    except (ServeError, embedded.EmbeddedDatabaseError) as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    return 0


def _ask_to_stop(_number: int, _frame: FrameType | None) -> None:
    # The second signal would interrupt the cleaning up.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise StopAsked


def _run(folder: Path) -> None:
    _check_port_is_free()
    environment = marked_environment(folder)
    environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    environment["DATA_DIR"] = str(folder)
    _prepare(environment)
    with _supervisor(folder, environment) as supervisor:
        _wait_until_ready(supervisor, folder)
        _print_welcome(folder)
        _watch(supervisor, folder)
        raise ServeError(f"The supervisor ended by itself. See {folder / 'logs'}.")


def _prepare(environment: dict[str, str]) -> None:
    print("Preparing the database ...", flush=True)
    prepared = subprocess.run(
        [sys.executable, "-m", "config.prepare"],
        check=False,
        cwd=REPOSITORY,
        env={"LOG_LEVEL": "WARNING", **environment},
    )
    if prepared.returncode != 0:
        raise ServeError("The database could not be prepared: see above.")


@contextlib.contextmanager
def _only_instance(folder: Path) -> Iterator[None]:
    with (folder / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServeError(f"A server already runs on {folder}. Use another DATA_DIR.") from None
        yield


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[None]:
    if os.environ.get("DATABASE_URL"):
        yield
        return
    try:
        embedded.start(folder)
        yield
    finally:
        embedded.stop(folder)


@contextlib.contextmanager
def _leftovers_killed(folder: Path) -> Iterator[None]:
    """Before: a server that was killed leaves its children. After: nothing may stay."""
    kill_marked(folder)
    try:
        yield
    finally:
        kill_marked(folder)


@contextlib.contextmanager
def _supervisor(folder: Path, environment: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    config = write_config(folder, is_root=os.geteuid() == 0)
    # In a session of its own: Ctrl-C in a terminal reaches us alone, and we stop it in order.
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(config)],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _watch(supervisor: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Until the supervisor ends: start the embedded database again when something killed it."""
    while supervisor.poll() is None:
        time.sleep(WATCH_SECONDS)
        if not os.environ.get("DATABASE_URL") and not embedded.is_running(folder):
            print("The database is gone. Starting it again.", flush=True)
            embedded.start(folder)


def _host_and_port() -> tuple[str, int]:
    return os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))


def _base_url() -> str:
    host, port = _host_and_port()
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - compared


def _check_port_is_free() -> None:
    host, port = _host_and_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(f"Port {port} is not free ({error.strerror}). Set PORT.") from None


def _wait_until_ready(supervisor: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and supervisor.poll() is None:
        if _is_ready():
            return
        time.sleep(0.2)
    raise ServeError(f"It did not answer within {READY_SECONDS} s.\n{_last_log_lines(folder)}")


def _is_ready() -> bool:
    try:
        with urllib.request.urlopen(f"{_base_url()}/readyz", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _last_log_lines(folder: Path) -> str:
    parts = []
    for log in sorted((folder / "logs").glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()[-15:]
        parts.append("\n".join([f"--- {log}", *lines]))
    return "\n".join(parts)


def _print_welcome(folder: Path) -> None:
    print(f"\nBatchworks answers at {_base_url()}/  (admin: {_base_url()}/admin/)")
    logins = read_demo_logins(folder / "demo.json")
    if logins:
        print("Demo logins:")
    for name, password, description in logins:
        print(f"  {name:<20} {password:<18} {description}")
    print(f"Data and logs: {folder}. Ctrl-C stops everything.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
