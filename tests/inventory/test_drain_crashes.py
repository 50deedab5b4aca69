"""A worker killed at random moments: nothing stuck, nothing doubled, no partial writes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.arena import Arena
from tests.chaos.drain_worker import ITEMS, PHONES, WRONG

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("processes"),
    pytest.mark.timeout(300),
]

KILLS = 25


@pytest.fixture(scope="module")
def arena(arena: Arena) -> Arena:
    return arena.with_settings(
        JOBS_LEASE_SECONDS="0.3",
        QUEUE_LEASE_SECONDS="1",
        QUEUE_IDLE_SECONDS="0",
        QUEUE_SLICE_SIZE="50",
    )


def test_kill_9_at_random_25_times_changes_nothing_in_the_end(arena: Arena) -> None:
    worker = arena.spawn("tests.chaos.drain_worker", "--times", str(KILLS), "--seed", "4")
    try:
        output, _ = worker.communicate(timeout=240)
    finally:
        worker.kill()

    assert worker.returncode == 0
    facts = json.loads(output)
    assert facts.pop("recovered") > KILLS
    assert facts == {
        "kills": KILLS,
        "items": {"completed": ITEMS - WRONG, "failed": WRONG},
        "locked": 0,
        "codes": ["imei_length"],
        "devices": PHONES,
        "tests": ITEMS - WRONG,
        "intakes": PHONES,
        "images": ITEMS - WRONG,
        "ended_batches": 3,
    }


def test_a_stop_survives_restarts_of_everything_and_an_add_does_not_override_it(
    arena: Arena, tmp_path: Path
) -> None:
    arena.sql(
        "INSERT INTO accounts_organization (kind, name, slug, email, updated_at)"
        " VALUES ('warehouse', 'Stopped', 'stopped', '', now())"
    )
    phones = tmp_path / "phones.json"
    phones.write_text('[{"imei": "490154203237518"}]')

    def manage(*command: str) -> dict[str, Any]:
        """Each in a process of its own."""
        facts: dict[str, Any] = json.loads(
            arena.manage(*command, "--organization", "stopped", "--json")
        )
        return facts

    manage("queue_control", "stop")
    arena.restart_database()

    added = manage("add_items", str(phones))
    drained = manage("drain_queue")
    assert added["message"] == "Added 1 items to queue. Processing is stopped."
    assert (drained["claimed"], drained["stopped"]) == (0, True)
    assert arena.sql("SELECT count(*) FROM queue_drain WHERE status = 'queued'") == [(0,)]
