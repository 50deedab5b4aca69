"""Brings an instance up to date before it is served: migrations, demo data, static files."""

import hashlib
import json
import os
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from config.paths import data_dir

# The API's pages are Swagger UI, and the API renders JSON only.
UNUSED_STATIC_FILES = ["redoc", "rest_framework"]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    load_demo_once(data_dir() / "demo.json")
    collect_static_when_changed()


def load_demo_once(kept: Path) -> None:
    """Fill an empty database with the demo, unless DEMO=0; keep its logins for the next start.

    A start that was interrupted while it did so is made good by the next one.
    """
    from accounts.models import Organization

    if os.environ.get("DEMO") == "0" or not settings.DEMO_ALLOWED:
        return
    if Organization.objects.exists() and (kept.exists() or not is_demo_begun()):
        return
    printed = StringIO()
    call_command("demo", json=True, stdout=printed)
    draft = kept.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(printed.getvalue())
    draft.replace(kept)


def is_demo_begun() -> bool:
    """Whether the organizations are those of a demo that was made from this folder."""
    from accounts.demo import ORGANIZATIONS, secrets_file
    from accounts.models import Organization

    others = Organization.objects.exclude(slug__in=ORGANIZATIONS)
    return secrets_file().exists() and not others.exists()


def read_demo_logins(kept: Path) -> list[tuple[str, str, str]]:
    """(user name, password, who that is) of the demo; empty when there is none."""
    if not kept.exists():
        return []
    users: dict[str, dict[str, Any]] = json.loads(kept.read_text())["users"]
    return [(name, user["password"], _describe(user)) for name, user in users.items()]


def _describe(user: dict[str, Any]) -> str:
    kind = "staff" if user["staff"] else user["role"]
    return f"{kind} at {user['organization']}" if user["organization"] else str(kind)


def collect_static_when_changed() -> None:
    """Hashing and compressing takes seconds, and nothing changes between most starts."""
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    sources = static_fingerprint()
    if stamp.exists() and stamp.read_text() == sources:
        return
    call_command(
        "collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC_FILES
    )
    stamp.write_text(sources)


def static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
    sys.exit(0)
