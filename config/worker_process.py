"""What the supervisor runs as the worker: clears away a killed predecessor, then `runworker`."""

import os
import sys

from config.paths import REPOSITORY, data_dir
from config.processes import kill_marked


def main() -> None:
    # The clusters live in sessions of their own and outlast a watchdog that was killed.
    kill_marked(data_dir(), role="worker")
    os.environ["PROCESS_ROLE"] = "worker"
    command = [sys.executable, str(REPOSITORY / "manage.py"), "runworker"]
    os.execv(sys.executable, command)  # noqa: S606 - replaces this process on purpose


if __name__ == "__main__":
    main()
