import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.processes import find_marked, kill_marked, marked_environment

pytestmark = pytest.mark.processes


@pytest.fixture
def sleeper(tmp_path: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A process of the instance in a session of its own, as a cluster of workers is."""
    process = subprocess.Popen(
        [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(60)"],
        env={**marked_environment(tmp_path), "PROCESS_ROLE": "worker"},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


class TestFindMarked:
    def test_finds_a_process_of_the_instance_alone(
        self, sleeper: "subprocess.Popen[bytes]", tmp_path: Path
    ) -> None:
        assert [process.pid for process in find_marked(tmp_path)] == [sleeper.pid]
        assert list(find_marked(tmp_path / "other")) == []

    def test_compares_the_role(self, sleeper: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
        assert [process.pid for process in find_marked(tmp_path, role="worker")] == [sleeper.pid]
        assert list(find_marked(tmp_path, role="web")) == []


class TestKillMarked:
    def test_kills_what_is_left(self, sleeper: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
        assert kill_marked(tmp_path) == 1

        assert sleeper.wait(timeout=5) == -9
        assert kill_marked(tmp_path) == 0

    def test_spares_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(os.environ, "BATCHWORKS_INSTANCE", str(tmp_path))

        assert kill_marked(tmp_path) == 0
