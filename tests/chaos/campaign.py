"""A seeded chaos campaign: jobs of every kind, kills of every kind, and exact effects at the end.

    script/chaos --seconds 60 --seed 1 [--data-dir DIR]

Runs real workers on a database of its own. The same seed gives the same jobs and the same order of
kills; when they hit is up to the machine. Ends with 1 when an invariant does not hold.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import django

from config.processes import MARK
from tests.chaos.arena import Arena, temporary_arena, wait_until

T = TypeVar("T")

# Whose jobs run beside the kernel's own.
SYSTEMS = ["tests.chaos.qr_workloads", "tests.chaos.inventory_workloads"]

TICK_SECONDS = 0.25
OPEN_AT_MOST = 30
DRAIN_SECONDS = 120.0
STOP_SECONDS = 45.0
# Between two kills: enough to work in between, not enough to get used to it.
PAUSE_SECONDS = (1.5, 4.5)


class Campaign:
    """Made after django.setup(), for an arena that was started."""

    def __init__(self, arena: Arena, *, seed: int) -> None:
        from tests.chaos.killer import Killer
        from tests.chaos.workloads import WORKLOADS

        for system in SYSTEMS:
            import_module(system)

        self.arena = arena
        self.chance = random.Random(seed)
        self.killer = Killer(arena, random.Random(seed + 1))
        self.workloads = [declared() for declared in WORKLOADS]
        self.violations: list[str] = []
        self.looks = 0
        self.lines: list[str] = []
        self._runworker: subprocess.Popen[bytes] | None = None

    def run(self, seconds: float) -> bool:
        """Whether every invariant held."""
        organizations = self._create_organizations()
        self._keep_running()
        began = time.monotonic()
        next_kill = began + 5
        while (now := time.monotonic()) < began + seconds:
            self._keep_running()
            self.killer.look()
            self._submit(self.chance.choice(organizations))
            if now >= next_kill:
                self._report(f"{now - began:6.1f} s  killed: {self.killer.kill_next() or '-'}")
                next_kill = time.monotonic() + self.chance.uniform(*PAUSE_SECONDS)
            time.sleep(TICK_SECONDS)
        self._drain()
        self._check()
        self._stop()
        return not self.violations

    def _create_organizations(self) -> list[Any]:
        from accounts.models import Organization

        return [
            Organization.objects.create(kind="manufacturer", name=name, slug=name)
            for name in ("north", "south")
        ]

    def _keep_running(self) -> None:
        """What a supervisor does: a worker that has ended is started again."""
        if self._runworker is not None and self._runworker.poll() is None:
            return
        self._runworker = self.arena.spawn_workers("-m", "config.worker_process")

    def _submit(self, organization: Any) -> None:
        weights = [workload.weight for workload in self.workloads]
        chosen = self.chance.choices(self.workloads, weights, k=self.chance.randint(1, 3))

        def submit() -> None:
            if self._count_open() >= OPEN_AT_MOST:
                return
            for workload in chosen:
                workload.submitted.append(workload.submit(organization, self.chance))
            self._look()

        self._on_database(submit)

    def _look(self) -> None:
        """Counters equal rows at every moment, not only at the end."""
        from tests.chaos.workloads import find_inexact_samples

        self.looks += 1
        found = find_inexact_samples()
        found += [text for workload in self.workloads for text in workload.look(self.looks)]
        self.violations += [f"seen: {text}" for text in found]

    def _count_open(self) -> int:
        by_model = {workload.model: workload for workload in self.workloads}
        return sum(workload.count_open() for workload in by_model.values())

    def _on_database(self, action: Callable[[], T]) -> T | None:
        """None when the database was away: clients have to live with it too."""
        from django.db import Error, connection

        try:
            return action()
        except Error:
            connection.close()
            return None

    def _drain(self) -> None:
        def is_empty() -> bool:
            self._keep_running()
            return self._on_database(self._count_open) == 0

        began = time.monotonic()
        try:
            wait_until(is_empty, seconds=DRAIN_SECONDS, what="every job ended", every=0.5)
        except TimeoutError as error:
            self.violations.append(str(error))
        self._report(f"drained in {time.monotonic() - began:.1f} s")

    def _check(self) -> None:
        from tests.chaos.workloads import find_inexact_samples

        checks: dict[str, list[str]] = {
            "every effect once: count = distinct = expected": find_inexact_samples(),
            "every confirmed job is there and has ended": [
                text for workload in self.workloads for text in workload.find_lost()
            ],
            "every job ended as it had to, announced once": [
                text for workload in self.workloads for text in workload.find_violations()
            ],
            f"counters equalled rows at each of {self.looks} looks": list(self.violations),
        }
        for name, found in checks.items():
            self._report(f"{'FAILED' if found else 'ok':6}  {name}")
            self.lines += [f"        {text}" for text in found[:10]]
            self.violations += found

    def _stop(self) -> None:
        if self._runworker is None:
            return
        self._runworker.send_signal(signal.SIGTERM)
        try:
            self._runworker.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.violations.append("runworker did not stop")
        left = self._find_processes_left()
        self.violations += left
        self._report(f"{'FAILED' if left else 'ok':6}  SIGTERM leaves no process")
        self.lines += [f"        {text}" for text in left]

    def _find_processes_left(self) -> list[str]:
        # A killed process is there until the kernel has taken it apart.
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not self.arena.processes(), seconds=5, what="no process")
        return [f"left behind: {process}" for process in self.arena.processes()]

    def _report(self, line: str) -> None:
        self.lines.append(line)

    def summary(self) -> str:
        jobs = Counter({w.name: len(w.submitted) for w in self.workloads})
        kills = self.killer.kills
        return "\n".join(
            [
                *self.lines,
                f"jobs submitted: {jobs.total()} ({_list(jobs)})",
                f"kills survived: {kills.total()} ({_list(kills)})",
                "all invariants hold" if not self.violations else "VIOLATED",
            ]
        )


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data-dir", type=Path, help="by default a temporary folder")
    options = parser.parse_args()
    given = options.data_dir and nullcontext(Arena(options.data_dir.resolve()))
    with given or temporary_arena() as arena:
        # Without the mark, which a restarted database server would inherit from here.
        os.environ.update({k: v for k, v in arena.environment.items() if k != MARK})
        arena.start()
        django.setup()
        campaign = Campaign(arena, seed=options.seed)
        try:
            is_well = campaign.run(options.seconds)
        finally:
            sys.stdout.write(f"{campaign.summary()}\n")
            arena.stop()
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
