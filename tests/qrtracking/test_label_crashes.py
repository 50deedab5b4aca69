"""A worker killed in the middle of a label sheet: pages that were committed are not drawn again."""

import json
from typing import Any

import pytest

from tests.chaos import label_worker
from tests.chaos.arena import Arena

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("processes"),
    pytest.mark.timeout(180),
]


def run(arena: Arena, place: str, times: int) -> dict[str, Any]:
    worker = arena.spawn("tests.chaos.label_worker", "--at", place, "--times", str(times))
    try:
        output, _ = worker.communicate(timeout=150)
    finally:
        worker.kill()
    assert worker.returncode == 0
    return json.loads(output)


@pytest.mark.parametrize(
    ("place", "times", "drawn"),
    [
        # Each kill costs the pages in hand: five of ten, ten that were not kept yet, or none.
        (label_worker.DRAWING, 2, 2 * 5),
        (label_worker.KEEPING, 2, 2 * 10),
        (label_worker.BETWEEN_SLICES, 2, 0),
        (label_worker.SAVING, 2, 0),
    ],
)
def test_kill_9_at_any_place_costs_the_slice_in_hand(
    arena: Arena, place: str, times: int, drawn: int
) -> None:
    assert run(arena, place, times) == {
        "kills": times,
        "status": "completed",
        "verified": label_worker.LABELS,
        "drawn": label_worker.LABELS + drawn,
        "pages_kept": 0,
        "is_right": True,
        "files": 1,
        "printed": label_worker.LABELS,
    }
