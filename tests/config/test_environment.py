import stat
from pathlib import Path

import pytest

from config import environment

URL = "postgresql://batchworks@/batchworks?host=/srv/Data/run&application_name=web"


class TestDevelopmentSecret:
    def test_is_made_once_and_kept_for_this_user_only(self, tmp_path: Path) -> None:
        first = environment.development_secret(tmp_path, "SOME_SECRET")
        second = environment.development_secret(tmp_path, "SOME_SECRET")

        kept = tmp_path / "secrets" / "some_secret"
        assert first == second
        assert len(first) >= 32
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert [path.name for path in kept.parent.iterdir()] == ["some_secret"]

    def test_gives_way_to_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOME_SECRET", "from-the-environment")

        assert environment.development_secret(tmp_path, "SOME_SECRET") == "from-the-environment"
        assert not (tmp_path / "secrets").exists()

    def test_keeps_the_first_text_when_two_processes_write(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        path.write_text("first")

        environment._write_once(path, "second")

        assert path.read_text() == "first"


class TestDatabase:
    def test_takes_the_socket_folder_as_host(self) -> None:
        config = environment.database(URL, process_role="command")

        assert config["HOST"] == "/srv/Data/run"
        assert config["NAME"] == config["USER"] == "batchworks"
        assert config["OPTIONS"] == {"application_name": "web"}

    def test_gives_web_processes_a_pool_and_no_connection_age(self) -> None:
        config = environment.database(URL, process_role="web")

        assert config["OPTIONS"]["pool"]["max_size"] > 1
        assert config["CONN_MAX_AGE"] == 0

    @pytest.mark.parametrize("role", ["worker", "command"])
    def test_gives_a_pool_to_nobody_else(self, role: str) -> None:
        config = environment.database(URL, process_role=role)

        assert "pool" not in config["OPTIONS"]
        assert config["CONN_MAX_AGE"] == 60
        assert config["CONN_HEALTH_CHECKS"]

    def test_limits_how_long_a_worker_holds_locks(self) -> None:
        options = environment.database(URL, process_role="worker")["OPTIONS"]["options"]

        assert "idle_in_transaction_session_timeout=60000" in options
        assert "lock_timeout=10000" in options

    def test_leaves_the_limits_out_for_a_pooler(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DB_SESSION_OPTIONS", "0")

        assert "options" not in environment.database(URL, process_role="worker")["OPTIONS"]


class TestDatabaseUrl:
    def test_is_the_embedded_one_unless_the_environment_names_another(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        assert environment.database_url(Path("/srv/d")).endswith("host=/srv/d/run")

        monkeypatch.setenv("DATABASE_URL", "postgresql://db.internal/x")
        assert environment.database_url(Path("/srv/d")) == "postgresql://db.internal/x"
