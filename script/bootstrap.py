"""Makes .venv and installs requirement files into it; does nothing when they have not changed.

    python3 script/bootstrap.py requirements.txt [...]

Runs on the machine's own Python, so it uses the standard library only.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"


def main(names: list[str]) -> None:
    files = [REPOSITORY / name for name in names]
    # Two servers of one clone may start at the same time.
    with (REPOSITORY / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_usable():
            print("Creating .venv ...", flush=True)
            venv.create(VENV, clear=True, symlinks=True, with_pip=True)
        for file in files:
            if not is_installed(file):
                install(file)


def is_usable() -> bool:
    """A venv breaks when its folder is moved or its Python is removed."""
    try:
        found = subprocess.run(
            [PYTHON, "-c", "import sys; print(sys.prefix)"],
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return Path(found.stdout.strip()) == VENV and (VENV / "bin" / "pip").exists()


def install(file: Path) -> None:
    print(f"Installing {file.name} ...", flush=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    subprocess.run([*pip, "--requirement", file], check=True, cwd=REPOSITORY)
    stamp(file).write_text(fingerprint(file))


def is_installed(file: Path) -> bool:
    return stamp(file).exists() and stamp(file).read_text() == fingerprint(file)


def stamp(file: Path) -> Path:
    return VENV / f".installed-{file.stem}"


def fingerprint(file: Path) -> str:
    """Changes with the file, with the runtime pins below every other file, and with Python."""
    parts = [sys.version.encode(), (REPOSITORY / "requirements.txt").read_bytes()]
    return hashlib.sha256(b"\n".join([*parts, file.read_bytes()])).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
