"""A worker killed in the middle of a packing plan: nothing is lost, nothing is packed twice."""

import json

import pytest

from tests.chaos import plan_worker
from tests.chaos.arena import Arena

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("processes"),
    pytest.mark.timeout(180),
]

KILLS = 10
UNITS = plan_worker.CASES * plan_worker.PER_CASE


@pytest.mark.parametrize(
    "place",
    [
        plan_worker.READING,
        plan_worker.JUDGING,
        plan_worker.PACKING,
        plan_worker.WRITING,
        plan_worker.BETWEEN_SLICES,
    ],
)
def test_kill_9_at_any_place_changes_nothing_in_the_end(arena: Arena, place: str) -> None:
    worker = arena.spawn("tests.chaos.plan_worker", "--at", place, "--times", str(KILLS))
    try:
        output, _ = worker.communicate(timeout=150)
    finally:
        worker.kill()

    assert worker.returncode == 0
    assert json.loads(output) == {
        "kills": KILLS,
        "status": "completed",
        "phase": "apply",
        "counts": [0, 0, UNITS],
        "rows": UNITS,
        "packed_rows": UNITS,
        "packed_units": UNITS,
        "full_cases": plan_worker.CASES,
        "events": plan_worker.CASES,
        "differences": [],
    }
