import os
import sys
from pathlib import Path
from unittest import mock

import pytest

from config import worker_process


class TestMain:
    def test_clears_away_a_killed_predecessor_and_becomes_runworker(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.setenv("PROCESS_ROLE", "command")
        calls = mock.Mock()
        monkeypatch.setattr(worker_process, "kill_marked", calls.kill_marked)
        monkeypatch.setattr(os, "execv", calls.execv)

        worker_process.main()

        killed, replaced = calls.mock_calls
        assert killed == mock.call.kill_marked(tmp_path.resolve(), role="worker")
        assert replaced.args[0] == sys.executable
        assert replaced.args[1][-1] == "runworker"
        assert os.environ["PROCESS_ROLE"] == "worker"
