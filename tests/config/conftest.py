import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded


@pytest.fixture
def own_data_dir() -> Iterator[Path]:
    """A DATA_DIR with room for a database of its own, which is stopped afterwards."""
    # Not pytest's tmp_path: another session of pytest would close its folder to PostgreSQL's user.
    folder = Path(tempfile.mkdtemp(prefix="batchworks-test-")).resolve()
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder)
