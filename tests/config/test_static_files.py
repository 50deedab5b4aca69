from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command


@pytest.fixture
def collected(tmp_path: Path, settings: Any) -> Path:
    """Static files of one small source folder, collected as script/server does."""
    sources, root = tmp_path / "sources", tmp_path / "static"
    sources.mkdir()
    (sources / "app.js").write_text("const answer = 42;\n" * 100)
    (sources / "app.js.map").write_text('{"mappings": "AAAA"}' * 100)
    (sources / "dot.png").write_bytes(b"\x89PNG")
    settings.STATICFILES_DIRS = [sources]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = root
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "config.static_files.HashedStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return root


class TestHashedStaticFilesStorage:
    def test_puts_the_content_into_the_name(self, collected: Path) -> None:
        assert staticfiles_storage.url("app.js").startswith("/static/app.")
        assert staticfiles_storage.url("app.js") != "/static/app.js"

    def test_compresses_what_pages_ask_for_and_nothing_else(self, collected: Path) -> None:
        compressed = {
            path.name.replace(hashed, "HASH")
            for path in collected.iterdir()
            if path.suffix in (".br", ".gz")
            for hashed in [path.name.split(".")[1]]
        }

        assert compressed == {"app.HASH.js.br", "app.HASH.js.gz"}
