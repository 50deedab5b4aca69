"""Real threads with connections of their own, started together."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

DEADLINE_SECONDS = 60.0


def run_together(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results, in order; the first exception is raised."""
    barrier = threading.Barrier(len(functions))

    def start(function: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(DEADLINE_SECONDS)
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as pool:
        futures = [pool.submit(start, function) for function in functions]
        return [future.result(DEADLINE_SECONDS) for future in futures]


@contextmanager
def in_thread(function: Callable[[], Any]) -> Iterator["Future[Any]"]:
    """Run function beside the block; its exception is raised when the block has ended."""

    def start() -> Any:
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(start)
        yield future
        future.result(DEADLINE_SECONDS)


class Gate:
    """A place in a handler where it waits until the test lets it go on."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._opened = threading.Event()

    def stop_here(self) -> None:
        self._reached.set()
        assert self._opened.wait(DEADLINE_SECONDS), "nobody opened the gate"

    def wait_until_reached(self) -> None:
        assert self._reached.wait(DEADLINE_SECONDS), "nobody came to the gate"

    def open(self) -> None:
        self._opened.set()
