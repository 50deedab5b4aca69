"""The served product as a whole: real processes on a free port, with a database of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import pytest

from config import embedded, serve
from config.paths import REPOSITORY
from config.processes import find_marked

# Seconds on an idle machine; a busy one starts three clusters slowly.
HEAL_SECONDS = 75


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], *, seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.1)
    raise AssertionError(f"{condition} did not come true within {seconds} s")


def command_line(process: psutil.Process) -> str:
    """Empty for a process that has ended since it was found."""
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


class Server:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.output = data_dir / "output.txt"

    def start(self) -> None:
        environment = {
            name: value for name, value in os.environ.items() if name != "DATABASE_URL"
        } | {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "DEMO": "0",
            "WORKERS": "1",
            "WEB_CONCURRENCY": "1",
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.serve"],
                cwd=REPOSITORY,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_welcome(self) -> None:
        wait_for(lambda: "Ctrl-C" in self.output.read_text() or self.process.poll(), seconds=120)
        assert self.process.poll() is None, self.output.read_text()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return self.get("/readyz")[0] == 200
        return False

    def find(self, *words: str) -> list[psutil.Process]:
        """Its processes with these words in their command line, the oldest first."""
        found = [
            process
            for process in find_marked(self.data_dir)
            if all(word in command_line(process) for word in words)
        ]
        return sorted(found, key=lambda process: process.create_time())

    def send(self, text: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(text)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def server(own_data_dir: Path) -> Iterator[Server]:
    server = Server(own_data_dir)
    server.start()
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.mark.processes
class TestServe:
    def test_runs_heals_and_leaves_nothing_behind(self, server: Server) -> None:
        server.wait_until_welcome()
        self.check_answers(server)
        self.check_refuses_a_second_server_on_the_same_folder(server)
        self.check_heals_a_killed_web_server(server)
        self.check_heals_a_killed_worker(server)
        self.check_heals_a_killed_database(server)

        assert server.stop() == 0

        assert list(find_marked(server.data_dir)) == []
        assert not embedded.is_running(server.data_dir)

    def check_answers(self, server: Server) -> None:
        status, answer = server.get("/readyz")
        assert (status, answer["status"]) == (200, "ok")
        assert server.get("/api/nope") == (404, {"error": "Not found", "code": "not_found"})
        # What gunicorn refuses by itself is JSON too.
        for garbage in (b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n"):
            head, _, body = server.send(garbage).partition(b"\r\n\r\n")
            assert b"application/json" in head
            assert set(json.loads(body)) == {"error", "code"}

    def check_refuses_a_second_server_on_the_same_folder(self, server: Server) -> None:
        second = Server(server.data_dir)
        second.output = server.data_dir / "second.txt"
        second.start()

        assert second.process.wait(timeout=30) == 1
        assert "already runs" in second.output.read_text()

    def check_heals_a_killed_web_server(self, server: Server) -> None:
        (old, *_children) = server.find("gunicorn")
        old.kill()

        wait_for(
            lambda: server.is_ready() and old.pid not in [p.pid for p in server.find("gunicorn")],
            seconds=HEAL_SECONDS,
        )

    def check_heals_a_killed_worker(self, server: Server) -> None:
        (old,) = server.find("runworker")
        old_clusters = {process.pid for process in server.find("qcluster")}
        old.kill()

        def is_replaced() -> bool:
            clusters = {process.pid for process in server.find("qcluster")}
            return bool(server.find("runworker") and clusters and not clusters & old_clusters)

        wait_for(is_replaced, seconds=HEAL_SECONDS)
        assert len(server.find("runworker")) == 1

    def check_heals_a_killed_database(self, server: Server) -> None:
        old_pid = self.postmaster_pid(server)
        os.kill(old_pid, signal.SIGKILL)

        wait_for(
            lambda: self.postmaster_pid(server) not in (None, old_pid) and server.is_ready(),
            seconds=HEAL_SECONDS,
        )

    def postmaster_pid(self, server: Server) -> Any:
        pid_file = server.data_dir / "pg" / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, IndexError):
            return int(pid_file.read_text().splitlines()[0])
        return None


class TestMain:
    def test_says_which_port_is_taken(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.setenv("DATABASE_URL", "postgresql://unused/unused")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            monkeypatch.setenv("PORT", port)
            with mock.patch.object(signal, "signal"):
                assert serve.main() == 1

        assert f"Port {port} is not free" in capsys.readouterr().err

    def test_stops_the_database_when_preparing_fails(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.setenv("PORT", str(free_port()))
        database = mock.Mock(spec=embedded)
        database.EmbeddedDatabaseError = embedded.EmbeddedDatabaseError
        monkeypatch.setattr(serve, "embedded", database)
        monkeypatch.setattr(
            serve.subprocess, "run", mock.Mock(return_value=mock.Mock(returncode=1))
        )
        with mock.patch.object(signal, "signal"):
            assert serve.main() == 1

        assert "could not be prepared" in capsys.readouterr().err
        database.start.assert_called_once_with(tmp_path.resolve())
        database.stop.assert_called_once_with(tmp_path.resolve())

    def test_ends_well_when_it_is_asked_to_stop(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.setenv("DATABASE_URL", "postgresql://unused/unused")
        monkeypatch.setattr(serve, "_run", mock.Mock(side_effect=serve.StopAsked))
        with mock.patch.object(signal, "signal"):
            assert serve.main() == 0


class TestAskToStop:
    def test_is_not_interrupted_by_a_second_signal(self) -> None:
        with mock.patch.object(signal, "signal") as handle, pytest.raises(serve.StopAsked):
            serve._ask_to_stop(signal.SIGTERM, None)

        assert handle.mock_calls == [
            mock.call(signal.SIGTERM, signal.SIG_IGN),
            mock.call(signal.SIGINT, signal.SIG_IGN),
        ]


class TestWatch:
    @pytest.fixture(autouse=True)
    def _fast(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(serve, "WATCH_SECONDS", 0)
        self.database = mock.Mock(spec=embedded)
        monkeypatch.setattr(serve, "embedded", self.database)

    def watch(self, folder: Path) -> None:
        serve._watch(mock.Mock(**{"poll.side_effect": [None, None, 0]}), folder)

    def test_starts_a_lost_database_again(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        self.database.is_running.side_effect = [True, False]

        self.watch(tmp_path)

        self.database.start.assert_called_once_with(tmp_path)

    def test_leaves_another_server_alone(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://db.internal/x")

        self.watch(tmp_path)

        self.database.is_running.assert_not_called()


class TestSupervisor:
    def test_is_stopped_on_the_way_out(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        started = mock.Mock()
        monkeypatch.setattr(serve.subprocess, "Popen", started)

        with serve._supervisor(tmp_path, {}) as process:
            process.terminate.assert_not_called()

        process.terminate.assert_called_once_with()
        process.wait.assert_called_once_with()
        assert started.call_args.kwargs["start_new_session"]


class TestWaitUntilReady:
    def test_shows_the_last_log_lines_when_it_does_not_come_up(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "logs").mkdir()
        (tmp_path / "logs" / "web.log").write_text("first\n" * 50 + "the reason\n")
        monkeypatch.setattr(serve, "READY_SECONDS", 0)

        with pytest.raises(serve.ServeError, match="the reason"):
            serve._wait_until_ready(mock.Mock(), tmp_path)


class TestPrintWelcome:
    def test_names_url_and_logins(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
    ) -> None:
        monkeypatch.setenv("PORT", "8123")
        monkeypatch.setenv("HOST", "0.0.0.0")
        user = {"password": "pw-1", "role": "operator", "staff": False, "organization": "harbor"}
        (tmp_path / "demo.json").write_text(json.dumps({"users": {"anna": user}}))

        serve._print_welcome(tmp_path)

        printed = capsys.readouterr().out
        assert "http://127.0.0.1:8123/" in printed
        assert "anna" in printed
        assert "pw-1" in printed
