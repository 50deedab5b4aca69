"""Real processes on a real database: whatever happens to a worker, the effects are exact."""

import signal
import subprocess
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.arena import Arena, send_signal, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("processes"),
    pytest.mark.timeout(180),
]

KILLS = 25


@pytest.fixture(scope="module")
def arena(arena: Arena) -> Arena:
    return arena.with_settings(JOBS_LEASE_SECONDS="0.3")


@pytest.fixture
def organization(arena: Arena) -> UUID:
    arena.sql("TRUNCATE sample_job, sample_effect, jobs_event")
    rows = arena.sql(
        "INSERT INTO accounts_organization (kind, name, slug, email, updated_at)"
        " VALUES ('buyer', 'Crash', gen_random_uuid(), '', now()) RETURNING id"
    )
    return UUID(str(rows[0][0]))


def submit(arena: Arena, organization: UUID, kind: str, total: int, fault: str = "") -> UUID:
    rows = arena.sql(
        "INSERT INTO sample_job (organization_id, kind, total, written, ends, fault, updated_at)"
        " VALUES (%s, %s, %s, 0, 0, %s, now()) RETURNING id",
        [organization, kind, total, fault],
    )
    return UUID(str(rows[0][0]))


def read(arena: Arena, job: UUID, *columns: str) -> Any:
    rows = arena.sql(f"SELECT {', '.join(columns)} FROM sample_job WHERE id = %s", [job])
    return rows[0] if len(columns) > 1 else rows[0][0]


def assert_exact(arena: Arena, job: UUID, total: int) -> None:
    """count = distinct = expected, and every counter says the same."""
    effects = arena.sql(
        "SELECT count(*), count(DISTINCT number), min(number), max(number)"
        " FROM sample_effect WHERE job_id = %s",
        [job],
    )
    assert effects[0] == (total, total, 0, total - 1)
    columns = ("status", "written", "progress", "ends", "crash_count", "attempts")
    assert read(arena, job, *columns) == ("completed", total, 100, 1, 0, 0)


def finish(worker: "subprocess.Popen[str]", seconds: float = 90) -> list[str]:
    """The lines that the worker printed until it ended by itself."""
    try:
        output, _ = worker.communicate(timeout=seconds)
    finally:
        worker.kill()
    assert worker.returncode == 0
    return output.split("\n")


class TestKill:
    @pytest.mark.parametrize(
        ("kind", "place"),
        [
            ("slow", "in a slice"),
            ("slow", "between slices"),
            ("outside", "outside of transactions"),
            ("outside", "in a commit"),
        ],
    )
    def test_of_the_worker_25_times_costs_no_effect_and_doubles_none(
        self, arena: Arena, organization: UUID, kind: str, place: str
    ) -> None:
        total = (2 * KILLS + 5) * 5
        job = submit(arena, organization, kind, total)

        lines = finish(
            arena.spawn("tests.chaos.lone_worker", str(job), "--at", place, "--times", str(KILLS))
        )

        assert sum(line.startswith("killed") for line in lines) == KILLS
        assert_exact(arena, job, total)

    def test_by_the_job_itself_ends_it_as_poison_and_holds_up_nobody(
        self, arena: Arena, organization: UUID
    ) -> None:
        poison = submit(arena, organization, "outside", 10, fault="kill")
        other = submit(arena, organization, "slow", 20)

        lines = finish(arena.spawn("tests.chaos.lone_worker", str(poison)))

        assert sum(line.startswith("killed") for line in lines) == 3
        columns = ("status", "error_code", "lease_token", "ends")
        assert read(arena, poison, *columns) == ("failed", "poison", 4, 1)
        finish(arena.spawn("tests.chaos.lone_worker", str(other)))
        assert_exact(arena, other, 20)


class TestStop:
    """SIGSTOP past the lease, SIGCONT after somebody else has done the work."""

    @pytest.mark.parametrize(
        ("kind", "place"),
        [
            ("slow", "in a slice"),
            ("slow", "between slices"),
            ("outside", "outside of transactions"),
            ("outside", "in a commit"),
        ],
    )
    def test_of_a_worker_leaves_it_nothing_to_write(
        self, arena: Arena, organization: UUID, kind: str, place: str
    ) -> None:
        job = submit(arena, organization, kind, 60)
        stale = arena.spawn("tests.chaos.lone_worker", str(job), "--at", place, "--signal", "STOP")
        assert stale.stdout is not None
        pid = int(stale.stdout.readline().split()[1])
        taken_over_at = read(arena, job, "lease_token") + 1
        try:
            finish(arena.spawn("tests.chaos.lone_worker", str(job)))
            token = read(arena, job, "lease_token")
            log = arena.sql("SELECT count(*) FROM jobs_event")
        finally:
            send_signal(pid, signal.SIGCONT)

        assert finish(stale)[0] == "ended"
        assert token >= taken_over_at
        assert_exact(arena, job, 60)
        assert read(arena, job, "lease_token") == token
        assert arena.sql("SELECT count(*) FROM jobs_event") == log


class TestDatabase:
    def written(self, arena: Arena, job: UUID) -> int:
        return int(read(arena, job, "written"))

    @pytest.mark.parametrize("kind", ["slow", "outside"])
    def test_connections_may_be_cut_in_the_middle_of_a_job(
        self, arena: Arena, organization: UUID, kind: str
    ) -> None:
        job = submit(arena, organization, kind, 500)
        worker = arena.spawn("tests.chaos.lone_worker", str(job))
        cuts = 0
        for target in (50, 150, 300):
            wait_until(
                lambda target=target: self.written(arena, job) >= target,  # type: ignore[misc]
                seconds=60,
                what=f"{target} written",
                every=0.01,
            )
            cuts += arena.cut_connections() > 0

        finish(worker)
        assert cuts == 3
        assert_exact(arena, job, 500)

    def test_may_be_restarted_in_the_middle_of_a_job(
        self, arena: Arena, organization: UUID
    ) -> None:
        job = submit(arena, organization, "slow", 500)
        worker = arena.spawn("tests.chaos.lone_worker", str(job))
        wait_until(lambda: self.written(arena, job) >= 50, seconds=60, what="50 written")

        arena.restart_database()

        finish(worker)
        assert_exact(arena, job, 500)
