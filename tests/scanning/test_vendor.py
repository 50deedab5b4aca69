"""The code that others wrote is what its page says it is."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

import scanning

FOLDER = Path(scanning.__file__).parent / "static" / "scanning" / "vendor"
SUMS = dict(
    re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", (FOLDER / "README.md").read_text(), re.M)
)


def test_every_file_has_a_sum_or_is_a_licence() -> None:
    names = {file.name for file in FOLDER.iterdir()} - {"README.md"}

    assert {name for name in names if not name.startswith("LICENSE")} == set(SUMS)
    assert {"LICENSE-zxing-wasm.txt", "LICENSE-zxing-cpp.txt"} <= names


@pytest.mark.parametrize("name", SUMS)
def test_no_file_was_changed(name: str) -> None:
    assert sha256((FOLDER / name).read_bytes()).hexdigest() == SUMS[name]
