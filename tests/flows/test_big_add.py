"""Many phones in one POST, with real processes: exact counts, flat memory, stats at every moment."""

import json

import pytest

from tests.chaos.arena import Arena

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("processes"),
    pytest.mark.timeout(300),
]

ITEMS, WRONG, REPEATED = 12_000, 120, 120
# Read as a whole, this body takes 40 MiB. What a worker keeps of each item shows in thousands.
WEB_MIB, WORKER_MIB = 20, 10


def test_is_worked_off_exactly_within_the_same_memory(arena: Arena) -> None:
    script = arena.spawn(
        "tests.flows.big_add", "--items", str(ITEMS), "--data-dir", str(arena.data_dir)
    )
    try:
        output, _ = script.communicate(timeout=240)
    finally:
        script.kill()

    assert script.returncode == 0
    facts = json.loads(output)
    # One more was added before, to have everything loaded.
    assert (facts["completed"], facts["failed"], facts["left"]) == (ITEMS - WRONG + 1, WRONG, 0)
    assert facts["batch"] == {
        "processedItems": ITEMS - WRONG, "failedItems": WRONG, "status": "completed"
    }  # fmt: skip
    assert facts["devices"] == facts["stock"] == ITEMS - WRONG - REPEATED + 1
    assert facts["tests"] == ITEMS - WRONG + 1
    assert (facts["claims"], facts["retried"], facts["differences"]) == (ITEMS + 1, 0, [])
    assert facts["stats_wrong"] == []
    assert facts["stats_answers"] > 10
    assert facts["web_growth_mib"] < WEB_MIB
    assert facts["worker_growth_mib"] < WORKER_MIB
