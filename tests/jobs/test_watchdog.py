import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from config.paths import REPOSITORY
from jobs import heartbeat, watchdog
from jobs.models import WorkerHost
from jobs.watchdog import (
    HELPERS,
    INCOMPLETE_SECONDS,
    START_UP_SECONDS,
    Cluster,
    Watchdog,
    list_parts,
)
from tests.chaos.arena import Arena, wait_until
from tests.chaos.killer import Killer

WHOLE = [11, 12, 13, 14]
MONITOR_AND_PUSHER = {13, 14}


class FakeProcess:
    """A cluster's main process that does what a test wants, without one."""

    pid = 4_000_000

    def __init__(self) -> None:
        self.exit_code: int | None = None
        self.signals: list[int] = []

    def poll(self) -> int | None:
        return self.exit_code

    def wait(self, timeout: float | None = None) -> int:
        return self.exit_code or 0

    def send_signal(self, number: int) -> None:
        self.signals.append(number)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watchdog, "time", clock)
    return clock


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pids that the sentinel has; a test changes the list."""
    pids = list(WHOLE)
    monkeypatch.setattr(watchdog, "list_parts", lambda pid: pids)
    return pids


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The starts of processes, none of which happens."""
    starts: list[dict[str, Any]] = []

    def start(command: list[str], **options: Any) -> FakeProcess:
        starts.append({"command": command, **options})
        return FakeProcess()

    monkeypatch.setattr(watchdog.subprocess, "Popen", start)
    return starts


@pytest.fixture
def cluster(
    clock: Clock, parts: list[int], started: list[dict[str, Any]], tmp_path: Path
) -> Cluster:
    """Two workers of the default queue, started, and past its first seconds."""
    cluster = Cluster("default", 2, is_default=True, stop_file=tmp_path / "stop")
    cluster.start()
    assert cluster.find_fault() is None
    clock.now += START_UP_SECONDS + 1
    return cluster


class TestStart:
    def test_runs_a_cluster_in_a_session_of_its_own(
        self, cluster: Cluster, started: list[dict[str, Any]]
    ) -> None:
        start = started[0]

        assert start["start_new_session"] is True
        assert start["env"][heartbeat.NAME_VARIABLE] == cluster.name
        assert start["env"]["JOBS_STOP_FILE"] == str(cluster.stop_file)
        assert start["env"]["PROCESS_ROLE"] == "worker"
        assert "Q_CLUSTER_NAME" not in start["env"]

    def test_names_the_queue_of_any_other_cluster(
        self, started: list[dict[str, Any]], tmp_path: Path
    ) -> None:
        Cluster("heavy", 1, is_default=False, stop_file=tmp_path / "stop").start()

        assert started[0]["env"]["Q_CLUSTER_NAME"] == "heavy"


class TestFindFault:
    def test_finds_none_while_all_is_well(self, cluster: Cluster) -> None:
        assert cluster.find_fault() is None

    def test_finds_that_the_main_process_is_gone(self, cluster: Cluster) -> None:
        cluster.process.exit_code = 0  # type: ignore[attr-defined]

        assert cluster.find_fault() == "main process is gone"

    @pytest.mark.parametrize("killed", sorted(MONITOR_AND_PUSHER))
    def test_finds_at_once_that_monitor_or_pusher_was_replaced(
        self, cluster: Cluster, parts: list[int], killed: int
    ) -> None:
        parts.remove(killed)
        parts.append(99)

        assert cluster.find_fault() == "sentinel, monitor or pusher was killed"

    def test_finds_that_the_sentinel_is_gone(self, cluster: Cluster, parts: list[int]) -> None:
        parts.clear()

        assert cluster.find_fault() == "sentinel, monitor or pusher was killed"

    def test_lets_the_engine_replace_a_worker(
        self, cluster: Cluster, parts: list[int], clock: Clock
    ) -> None:
        parts.remove(11)
        assert cluster.find_fault() is None
        clock.now += INCOMPLETE_SECONDS - 1
        parts.append(99)
        assert cluster.find_fault() is None
        clock.now += INCOMPLETE_SECONDS

        assert cluster.find_fault() is None

    def test_finds_that_a_worker_was_not_replaced(
        self, cluster: Cluster, parts: list[int], clock: Clock
    ) -> None:
        parts.remove(11)
        cluster.find_fault()
        clock.now += INCOMPLETE_SECONDS + 1

        assert cluster.find_fault() == "a part is gone"

    def test_waits_for_a_cluster_that_starts(
        self,
        clock: Clock,
        parts: list[int],
        started: list[dict[str, Any]],
        tmp_path: Path,
    ) -> None:
        parts.clear()
        cluster = Cluster("default", 2, is_default=True, stop_file=tmp_path / "stop")
        cluster.start()
        clock.now += START_UP_SECONDS - 1

        assert cluster.find_fault() is None

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("overdue", "heard", "age", "fault"),
        [
            (True, False, 1_000, "work is due and nothing takes it"),
            (True, True, 1_000, None),
            (False, False, 1_000, None),
            (True, False, 60, None),
        ],
        ids=["silent", "heard", "nothing due", "just started"],
    )
    def test_finds_a_cluster_that_takes_nothing(
        self,
        cluster: Cluster,
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
        overdue: bool,
        heard: bool,
        age: float,
        fault: str | None,
    ) -> None:
        name = cluster.name if heard else "another:1:default"
        heartbeat.register(name=name, queue="default", workers=2)
        monkeypatch.setattr(watchdog, "has_overdue_messages", lambda queue, seconds: overdue)
        clock.now = cluster.started + age

        assert cluster.find_fault() == fault


class TestKill:
    def test_takes_no_offence_at_a_cluster_that_is_gone(self, cluster: Cluster) -> None:
        cluster.kill()


@pytest.fixture
def watched(started: list[dict[str, Any]], parts: list[int]) -> Iterator[Watchdog]:
    watched = Watchdog(queues={"default": 2, "io": 1}, default_queue="default")
    yield watched
    watched._folder.cleanup()


@pytest.mark.django_db
class TestWatchdog:
    def run(self, watched: Watchdog, monkeypatch: pytest.MonkeyPatch, ticks: int) -> None:
        """Let it tick a few times, then tell it to stop."""
        left = iter([False] * ticks)
        monkeypatch.setattr(watched._stopping, "wait", lambda seconds: next(left, True))
        monkeypatch.setattr(watchdog.signal, "signal", lambda number, handler: None)
        monkeypatch.setattr(watchdog.connection, "close", lambda: None)
        watched.run()

    def test_announces_its_clusters_while_it_runs(
        self, watched: Watchdog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[int] = []
        monkeypatch.setattr(
            watched, "_tick", lambda: seen.append(WorkerHost.objects.alive().count())
        )

        self.run(watched, monkeypatch, ticks=1)

        assert seen == [2]
        assert not WorkerHost.objects.exists()

    def test_asks_its_clusters_to_stop_at_the_end(
        self, watched: Watchdog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.run(watched, monkeypatch, ticks=0)

        processes: list[Any] = [cluster.process for cluster in watched.clusters]
        assert [process.signals for process in processes] == [[signal.SIGTERM]] * 2

    def test_replaces_a_cluster_that_is_not_well(
        self,
        watched: Watchdog,
        started: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        faults = iter(["main process is gone"])
        monkeypatch.setattr(Cluster, "find_fault", lambda cluster: next(faults, None))
        restarts: list[int] = []
        monkeypatch.setattr(
            watched,
            "_announce",
            lambda cluster: restarts.extend(WorkerHost.objects.values_list("restarts", flat=True)),
        )
        for cluster in watched.clusters:
            heartbeat.register(name=cluster.name, queue=cluster.queue, workers=cluster.workers)

        self.run(watched, monkeypatch, ticks=1)

        assert len(started) == 3
        assert sorted(restarts)[-1] == 1

    def test_announces_again_what_somebody_deleted(
        self, watched: Watchdog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cluster = watched.clusters[0]

        watched._announce(cluster)
        WorkerHost.objects.all().delete()
        watched._announce(cluster)

        assert WorkerHost.objects.alive().get().name == cluster.name

    def test_looks_after_every_cluster_while_the_database_is_away(
        self, watched: Watchdog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked_at: list[str] = []

        def fail(cluster: Cluster) -> None:
            looked_at.append(cluster.queue)
            raise OperationalError("the database system is starting up")

        for name in ("_heal", "_announce"):
            monkeypatch.setattr(watched, name, fail)
        monkeypatch.setattr(watchdog, "sweep", lambda: fail(watched.clusters[0]))

        self.run(watched, monkeypatch, ticks=1)

        assert {"default", "io"} <= set(looked_at)

    def test_sweeps_by_itself(self, watched: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
        sweeps: list[bool] = []
        monkeypatch.setattr(watchdog, "sweep", lambda: sweeps.append(True))
        watched._next_sweep = 0

        self.run(watched, monkeypatch, ticks=3)

        assert sweeps == [True]


class TestListParts:
    def test_is_empty_without_a_sentinel(self) -> None:
        assert list_parts(4_000_000) == []

    def test_lists_grandchildren_in_the_order_of_their_start(self) -> None:
        sleeper = "import time; time.sleep(60)"
        script = (
            "import os, subprocess, sys, time\n"
            "if os.fork() == 0:\n"
            f"    started = [subprocess.Popen([sys.executable, '-c', {sleeper!r}]) for _ in '123']\n"
            "    print(*[p.pid for p in started], flush=True)\n"
            "time.sleep(60)\n"
        )
        main = subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            assert main.stdout is not None
            expected = [int(pid) for pid in main.stdout.readline().split()]

            assert list_parts(main.pid) == expected
        finally:
            os.killpg(main.pid, signal.SIGKILL)
            main.communicate()


# Real workers from here on.

RECOVERY_SECONDS = 75.0


class Workers:
    """runworker in an arena, with a sample job or two."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.killer = Killer(arena, random.Random(1))
        arena.sql("TRUNCATE sample_job, sample_effect, django_q_ormq")
        self.organization = arena.sql(
            "INSERT INTO accounts_organization (kind, name, slug, email, updated_at)"
            " VALUES ('buyer', 'Watched', 'watched', '', now()) RETURNING id"
        )[0][0]
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        # From anywhere: the clusters must find the project all the same.
        command = (str(REPOSITORY / "manage.py"), "runworker", "--queues", "default")
        return self.arena.spawn_workers(*command, cwd=Path("/"))

    def submit(self, kind: str, total: int, number: int = 1) -> list[UUID]:
        rows = self.arena.sql(
            "INSERT INTO sample_job (organization_id, kind, total, written, ends, fault, updated_at)"
            " SELECT %s, %s, %s, 0, 0, '', now() FROM generate_series(1, %s) RETURNING id",
            [self.organization, kind, total, number],
        )
        return [row[0] for row in rows]

    def wait_until_whole(self) -> list[int]:
        """The pids of a complete cluster: workers, monitor, pusher."""

        def look() -> list[int]:
            self.killer.look()
            mains = [main for main in self.killer.mains() if main in self.killer.helpers]
            whole = list_parts(mains[0]) if mains else []
            return whole if len(whole) == 2 + HELPERS else []

        return list(wait_until(look, seconds=RECOVERY_SECONDS, what="a whole cluster"))

    def count_open(self) -> int:
        rows = self.arena.sql("SELECT count(*) FROM sample_job WHERE status <> 'completed'")
        return int(rows[0][0])

    def assert_all_exact(self) -> None:
        wait_until(lambda: not self.count_open(), seconds=RECOVERY_SECONDS, what="all completed")
        wrong = self.arena.sql(
            "SELECT id, written, ends FROM sample_job job WHERE written <> total OR ends <> 1"
            " OR (SELECT (count(*), count(DISTINCT number)) FROM sample_effect"
            " WHERE job_id = job.id) <> (total::bigint, total::bigint)"
        )
        assert wrong == []


@pytest.fixture(scope="module")
def workers(arena: Arena) -> Iterator[Workers]:
    workers = Workers(arena)
    yield workers
    workers.process.send_signal(signal.SIGTERM)
    workers.process.wait()


@pytest.mark.processes
@pytest.mark.xdist_group("processes")
@pytest.mark.timeout(240)
class TestRunworker:
    @pytest.mark.parametrize("kind", ["worker", "monitor", "pusher", "sentinel", "main", "cluster"])
    def test_goes_on_after_a_kill_of(self, workers: Workers, kind: str) -> None:
        workers.wait_until_whole()
        workers.submit("slow", 30, 4)

        assert workers.killer.kill(kind)
        workers.submit("outside", 30, 2)

        workers.assert_all_exact()

    def test_goes_on_after_a_restart_of_the_database(self, workers: Workers) -> None:
        workers.wait_until_whole()
        workers.submit("slow", 60, 4)

        workers.arena.restart_database()

        workers.assert_all_exact()
        # A restart that takes long may cost parts of the cluster; then others stand in for them.
        assert workers.wait_until_whole()

    def test_gives_running_jobs_back_and_leaves_no_process_on_sigterm(
        self, workers: Workers
    ) -> None:
        workers.wait_until_whole()
        (job,) = workers.submit("slow", 4_000)
        statement = "SELECT written, status, lease_owner FROM sample_job WHERE id = %s"
        wait_until(
            lambda: workers.arena.sql(statement, [job])[0][0] > 0,
            seconds=RECOVERY_SECONDS,
            what="a slice committed",
        )

        began = time.monotonic()
        workers.process.send_signal(signal.SIGTERM)
        workers.process.wait(60)
        seconds = time.monotonic() - began

        assert workers.arena.processes() == []
        written, status, owner = workers.arena.sql(statement, [job])[0]
        assert (status, owner) == ("queued", "")
        assert 0 < written < 4_000
        assert workers.arena.sql("SELECT count(*) FROM jobs_worker_host") == [(0,)]
        assert seconds < 30
        workers.arena.sql("DELETE FROM sample_job WHERE id = %s", [job])
        workers.process = workers.start()
