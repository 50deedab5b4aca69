"""Reading the environment: typed values, generated development secrets, the database."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

import environ

from config import embedded

env = environ.Env()


def development_secret(data_dir: Path, name: str) -> str:
    """The environment's value, or one that is made once and kept in DATA_DIR/secrets (0600)."""
    if given := env.str(name, default=""):
        return str(given)
    folder = data_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / name.lower()
    if not kept.exists():
        _write_once(kept, secrets.token_urlsafe(48))
    return kept.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Several processes may start at the same time; the first one's text stays, whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def database(url: str, *, process_role: str) -> dict[str, Any]:
    """Django's settings for one PostgreSQL URL; `process_role` is web, worker or command.

    Web processes get a pool. Workers never do: forked children would share its sockets. They get
    time limits instead, so that a stuck one cannot hold locks for ever. DB_SESSION_OPTIONS=0 leaves
    the limits out for poolers that refuse them (set them on the role then).
    """
    config: dict[str, Any] = environ.Env.db_url_config(url)
    options: dict[str, Any] = config.setdefault("OPTIONS", {})
    config["HOST"] = options.pop("host", config["HOST"])
    config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
    if process_role == "web":
        # Django allows no connection age beside a pool.
        config["CONN_MAX_AGE"] = 0
        options["pool"] = {"min_size": 1, "max_size": env.int("DB_POOL_SIZE", 12), "timeout": 10}
    if process_role == "worker" and env.bool("DB_SESSION_OPTIONS", True):
        limits = "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000"
        options["options"] = f"{options.get('options', '')} {limits}".strip()
    return config


def database_url(data_dir: Path) -> str:
    return str(env.str("DATABASE_URL", default="")) or embedded.url(data_dir)
