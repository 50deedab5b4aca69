"""Where things lie: the repository, and DATA_DIR for everything that is written at run time."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """DATA_DIR of this process, by default `var/` in the repository; not created here."""
    return Path(os.environ.get("DATA_DIR") or REPOSITORY / "var").expanduser().resolve()
