"""How fast the queue takes phones in, works them off and answers, and whether it stays so.

    script/bench inventory [--scale 1] [--rows 1000000]     writes bench/results/inventory.json

It makes a database of its own beside the configured one and removes it at the end.
"""

import argparse
import os
from collections.abc import Iterator
from typing import Any

from bench.database import own_database
from bench.inventory_drain import measure_intake
from bench.inventory_site import make_warehouse
from bench.recording import record
from bench.site import boot

DATABASE = "bench_inventory"
ITEMS = 100_000

# name: (what, at most or at least, goal)
GOALS: dict[str, tuple[str, str, float | None]] = {
    "items_per_second": ("drain, 2 lanes, items/s", "least", 3_000),
    "peer_jobs_per_second": ("procrastinate, 2 processes, no-op jobs/s", "least", None),
    "items_to_peer": ("drain / procrastinate", "least", 5),
    "statements_of_10": ("statements of a clean slice of 10", "most", 20),
    "statements_of_200": ("statements of a clean slice of 200", "most", 20),
    "worker_growth_mib": ("memory of a worker, after all items minus 10,000, MiB", "most", 10),
    "add_seconds": ("add of all items in one POST, s", "most", 15),
    "add_growth_mib": ("growth of the web process by it, MiB", "most", 64),
}


def verdict(facts: dict[str, Any]) -> dict[str, bool]:
    return {
        name: facts[name] >= goal if bound == "least" else facts[name] <= goal
        for name, (_, bound, goal) in GOALS.items()
        if goal is not None
    }


def table(facts: dict[str, Any]) -> Iterator[str]:
    yield "| measure | goal | measured |"
    yield "|---|---|---|"
    for name, (what, bound, goal) in GOALS.items():
        sign = "≥" if bound == "least" else "≤"
        wanted = "" if goal is None else f"{sign} {goal:,}"
        yield f"| {what} | {wanted} | {shown(facts[name])} |"


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 or value == int(value) else f"{value:.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the queue of phones.")
    parser.add_argument("--scale", type=float, default=1.0, help="of all numbers of rows")
    arguments = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    boot()
    with own_database(DATABASE):
        warehouse = make_warehouse()
        facts = measure_intake(warehouse, DATABASE, int(ITEMS * arguments.scale))
    facts["passed"] = verdict(facts)
    record("inventory", facts, table(facts))
    for name in (name for name, passed in facts["passed"].items() if not passed):
        print(f"Missed: {GOALS[name][0]}")
    return 0 if all(facts["passed"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
