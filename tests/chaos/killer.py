"""Finds the parts of the clusters of an arena and ends them, one kind at a time."""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable

import psutil

from jobs.watchdog import HELPERS, list_parts
from tests.chaos.arena import Arena, send_signal

# How often each comes in one round of the campaign.
ROUND = {
    "worker": 4,
    "connections": 2,
    "monitor": 1,
    "pusher": 1,
    "sentinel": 1,
    "main": 1,
    "cluster": 1,
    "runworker": 1,
    "database": 1,
}


class Killer:
    """`kill_next` takes the next kind of the round; `survived` counts what was really killed."""

    def __init__(self, arena: Arena, chance: random.Random) -> None:
        self.arena = arena
        self.chance = chance
        self.kills: Counter[str] = Counter()
        self._bag: list[str] = []
        # By main process: its monitor and pusher, known from the first look at a whole cluster.
        self.helpers: dict[int, list[int]] = {}

    def look(self) -> None:
        """To be called often: who is who is seen only while a cluster is fresh."""
        for main in self.mains():
            parts = list_parts(main)
            workers = len(parts) - HELPERS
            if main not in self.helpers and workers in {1, self._workers}:
                self.helpers[main] = parts[workers:]

    def kill_next(self) -> str:
        """The kind that was killed, or "" when there was none of it."""
        if not self._bag:
            self._bag = [kind for kind, times in ROUND.items() for _ in range(times)]
            self.chance.shuffle(self._bag)
        kind = self._bag.pop()
        if self.kill(kind):
            return kind
        # Later: the cluster is starting.
        self._bag.insert(0, kind)
        return ""

    def kill(self, kind: str) -> bool:
        """False when there was none of it."""
        methods: dict[str, Callable[[], bool]] = {
            "connections": lambda: self.arena.cut_connections() > 0,
            "database": self._restart_database,
            "cluster": self._kill_cluster,
            "runworker": self._kill_runworker,
        }
        done = methods[kind]() if kind in methods else self._kill_one(self._find(kind))
        self.kills[kind] += done
        return done

    @property
    def _workers(self) -> int:
        return int(self.arena.environment["WORKERS"])

    def mains(self) -> list[int]:
        """Main processes of the clusters: the leaders of their sessions."""
        found = self.arena.processes()
        return sorted(p.pid for p in found if "qcluster" in _command(p) and _leads(p))

    def _find(self, kind: str) -> list[int]:
        mains = self.mains()
        if kind == "main":
            return mains
        if kind == "sentinel":
            return [child for main in mains for child in _children(main)]
        known = [main for main in mains if main in self.helpers]
        if kind == "monitor":
            return [self.helpers[main][0] for main in known]
        if kind == "pusher":
            return [self.helpers[main][1] for main in known]
        return [pid for m in known for pid in list_parts(m) if pid not in self.helpers[m]]

    def _kill_one(self, pids: list[int]) -> bool:
        return bool(pids) and send_signal(self.chance.choice(pids), signal.SIGKILL)

    def _kill_cluster(self) -> bool:
        mains = self.mains()
        if mains:
            os.killpg(self.chance.choice(mains), signal.SIGKILL)
        return bool(mains)

    def _kill_runworker(self) -> bool:
        found = [p.pid for p in self.arena.processes() if "runworker" in _command(p)]
        return self._kill_one(sorted(found))

    def _restart_database(self) -> bool:
        self.arena.restart_database()
        return True


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _leads(process: psutil.Process) -> bool:
    try:
        return os.getsid(process.pid) == process.pid
    except ProcessLookupError:
        return False


def _children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []
