"""Finds the processes of one instance by a mark in their environment, whoever their parent is."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "BATCHWORKS_INSTANCE"


def marked_environment(data_dir: Path) -> dict[str, str]:
    """This environment plus the mark, which every descendant inherits."""
    return {**os.environ, MARK: str(data_dir)}


def find_marked(data_dir: Path, *, role: str | None = None) -> Iterator[psutil.Process]:
    """Living processes of the instance, this one left out; `role` compares PROCESS_ROLE."""
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            # Another user's process, or one that has just ended: not ours.
            continue
        if environment.get(MARK) == str(data_dir) and role in (
            None,
            environment.get("PROCESS_ROLE"),
        ):
            yield process


def kill_marked(data_dir: Path, *, role: str | None = None) -> int:
    """Kill what is left of the instance; return how many there were."""
    killed: set[int] = set()
    deadline = time.monotonic() + 5
    # Again and again: one that was not killed yet may have started another one meanwhile.
    # Not psutil.wait_procs: where nobody reaps the dead they never count as gone.
    while found := [p for p in find_marked(data_dir, role=role) if _is_alive(p)]:
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        killed.update(process.pid for process in found)
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return len(killed)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
