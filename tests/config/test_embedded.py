import os
import stat
import subprocess
import sys
from pathlib import Path
from unittest import mock

import psutil
import psycopg
import pytest

from config import embedded
from config.embedded import EmbeddedDatabaseError


class TestUrl:
    def test_names_the_ordinary_role_and_the_socket_folder(self) -> None:
        url = embedded.url(Path("/srv/data"))

        assert url == "postgresql://batchworks@/batchworks?host=/srv/data/run"

    def test_quotes_what_a_folder_name_may_hold(self) -> None:
        assert embedded.url(Path("/srv/my data&x")).endswith("?host=/srv/my%20data%26x/run")


class TestSocketDir:
    def test_lies_in_the_data_folder(self) -> None:
        assert embedded.socket_dir(Path("/srv/data")) == Path("/srv/data/run")

    def test_moves_to_the_temporary_folder_when_the_path_is_too_long_for_a_socket(self) -> None:
        deep = Path("/srv") / ("d" * 90)

        found = embedded.socket_dir(deep)

        assert len(str(found / ".s.PGSQL.5432")) <= embedded.LONGEST_SOCKET_PATH
        assert found != embedded.socket_dir(deep / "other")


class TestStart:
    def test_gives_an_ordinary_role_a_database_of_its_own(self, own_data_dir: Path) -> None:
        url = embedded.start(own_data_dir, durable=False)

        with psycopg.connect(url) as connection:
            facts = connection.execute(
                "SELECT rolsuper, rolcreatedb, pg_get_userbyid(datdba), version()"
                " FROM pg_roles, pg_database"
                " WHERE rolname = current_user AND datname = current_database()"
            ).fetchone()
        assert facts is not None
        assert facts[:3] == (False, True, "batchworks")
        assert facts[3].startswith("PostgreSQL 18")

    def test_reuses_a_running_server_and_keeps_data_over_a_restart(
        self, own_data_dir: Path
    ) -> None:
        url = embedded.start(own_data_dir, durable=False)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        first_pid = self._postmaster_pid(own_data_dir)

        assert embedded.start(own_data_dir, durable=False) == url
        assert self._postmaster_pid(own_data_dir) == first_pid
        assert embedded.stop(own_data_dir)
        embedded.start(own_data_dir, durable=False)

        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert self._postmaster_pid(own_data_dir) != first_pid

    def test_closes_its_folders_to_everybody_else(self, own_data_dir: Path) -> None:
        embedded.start(own_data_dir, durable=False)

        for folder in ("pg", "run"):
            assert stat.S_IMODE((own_data_dir / folder).stat().st_mode) == 0o700

    def test_starts_again_after_the_server_was_killed(self, own_data_dir: Path) -> None:
        url = embedded.start(own_data_dir, durable=False)
        postmaster = psutil.Process(self._postmaster_pid(own_data_dir))
        postmaster.kill()
        psutil.wait_procs([postmaster], timeout=1)

        embedded.start(own_data_dir, durable=False)

        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_refuses_a_folder_of_another_major_version(self, own_data_dir: Path) -> None:
        (own_data_dir / "pg").mkdir()
        (own_data_dir / "pg" / "PG_VERSION").write_text("16\n")

        with pytest.raises(EmbeddedDatabaseError, match="PostgreSQL 16"):
            embedded.start(own_data_dir)

    def test_refuses_a_symbolic_link_in_place_of_its_folder(self, own_data_dir: Path) -> None:
        elsewhere = own_data_dir / "elsewhere"
        elsewhere.mkdir()
        (own_data_dir / "run").symlink_to(elsewhere)

        with pytest.raises(EmbeddedDatabaseError, match="symbolic link"):
            embedded.start(own_data_dir)

    def _postmaster_pid(self, data_dir: Path) -> int:
        return int((data_dir / "pg" / "postmaster.pid").read_text().splitlines()[0])


class TestStop:
    def test_says_that_nothing_was_running(self, own_data_dir: Path) -> None:
        assert not embedded.stop(own_data_dir)

    def test_does_not_wait_for_open_connections(self, own_data_dir: Path) -> None:
        url = embedded.start(own_data_dir, durable=False)

        with psycopg.connect(url):
            assert embedded.stop(own_data_dir)

        assert not embedded.is_running(own_data_dir)


class TestAsRoot:
    def test_lets_the_system_user_pass_and_nothing_more(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)

        embedded._let_others_pass(closed)

        assert stat.S_IMODE(closed.stat().st_mode) == 0o701

    def test_says_what_to_do_without_a_system_user(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded, "SYSTEM_USER", "no-such-user")
        monkeypatch.setattr(embedded.subprocess, "run", mock.Mock(side_effect=FileNotFoundError))

        with pytest.raises(EmbeddedDatabaseError, match="create the system user no-such-user"):
            embedded._system_user()


class TestAsOrdinaryUser:
    def test_refuses_a_folder_of_somebody_else(
        self, monkeypatch: pytest.MonkeyPatch, own_data_dir: Path
    ) -> None:
        monkeypatch.setattr(embedded.os, "geteuid", lambda: os.getuid() + 1)

        with pytest.raises(EmbeddedDatabaseError, match="belongs to another user"):
            embedded._prepare_folders(own_data_dir)


class TestMain:
    def test_prints_the_url(
        self,
        own_data_dir: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("DATA_DIR", str(own_data_dir))

        assert embedded.main(["url"]) == 0
        assert capsys.readouterr().out.strip() == embedded.url(own_data_dir)

    def test_explains_itself_on_anything_else(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert embedded.main(["restart"]) == 2
        assert "start-for-tests" in capsys.readouterr().err

    def test_starts_and_stops(
        self,
        own_data_dir: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("DATA_DIR", str(own_data_dir))

        for verb in ("start", "stop", "stop"):
            assert embedded.main([verb]) == 0

        assert capsys.readouterr().out.splitlines() == [
            embedded.url(own_data_dir),
            "stopped",
            "was not running",
        ]

    @pytest.mark.processes
    def test_starts_and_stops_from_the_command_line(self, own_data_dir: Path) -> None:
        def run(verb: str) -> str:
            return subprocess.run(
                [sys.executable, "-m", "config.embedded", verb],
                check=True,
                capture_output=True,
                text=True,
                env={**os.environ, "DATA_DIR": str(own_data_dir)},
            ).stdout.strip()

        assert run("start-for-tests") == embedded.url(own_data_dir)
        assert embedded.is_running(own_data_dir)
        assert run("stop") == "stopped"
        assert run("stop") == "was not running"
