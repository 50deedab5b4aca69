import subprocess
import sys

import pytest

from config.paths import REPOSITORY


@pytest.mark.processes
@pytest.mark.xdist_group("processes")
@pytest.mark.timeout(300)
class TestCampaign:
    def test_of_a_minute_leaves_every_effect_exact(self) -> None:
        command = [sys.executable, "-m", "tests.chaos.campaign", "--seconds", "60", "--seed", "1"]

        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)

        assert done.returncode == 0, done.stdout + done.stderr
        assert "all invariants hold" in done.stdout
