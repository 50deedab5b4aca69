"""The links above a job list, worst first, with how many jobs each leads to."""

from typing import Any

from jobs.selectors.scalars import count_each
from jobs.states import State

# Enough to see that it is many.
LIMIT = 999


def list_presets(jobs, chosen: str | None) -> list[dict[str, Any]]:
    words = jobs.model.states
    counts = count_each(
        {
            "failed": jobs.in_state(State.FAILED),
            "stuck": jobs.lease_expired(),
            "active": jobs.in_state(State.ACTIVE),
            "waiting": jobs.in_state(State.WAITING),
        },
        limit=LIMIT,
    )
    labels = {
        "failed": words.failed,
        "stuck": "stuck",
        "active": words.active,
        "waiting": words.waiting,
    }
    presets = [
        {
            "state": name,
            "query": f"?state={name}",
            "label": labels[name].capitalize(),
            "count": f"{LIMIT}+" if count > LIMIT else str(count),
            "is_bad": name in {"failed", "stuck"} and count > 0,
            "is_chosen": chosen == name,
        }
        for name, count in counts.items()
    ]
    trouble = counts["failed"] + counts["stuck"]
    both = {
        "query": "?state=trouble",
        "label": "Failed or stuck",
        "count": "",
        "is_bad": trouble > 0,
    }
    everything = {"query": "?", "label": "All", "count": "", "is_bad": False}
    return [
        {**everything, "is_chosen": not chosen},
        {**both, "is_chosen": chosen == "trouble"},
        *presets,
    ]
