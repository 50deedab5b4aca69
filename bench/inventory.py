"""How fast the queue takes phones in, works them off and answers, and whether it stays so.

    script/bench inventory [--scale 1] [--rows 1000000] [--full]

Writes bench/results/inventory.json and inventory_plans.json. It makes a database of its own beside
the configured one and removes it at the end.
"""

import argparse
import os
from collections.abc import Iterator
from typing import Any

from bench.database import own_database
from bench.explaining import Plan, explain_all
from bench.inventory_depth import fill_all, measure_depths
from bench.inventory_drain import measure_intake
from bench.inventory_files import measure_file
from bench.inventory_pages import measure_pages
from bench.inventory_questions import list_questions
from bench.inventory_site import Warehouse, make_warehouse
from bench.qr_plans import table as table_of_plans
from bench.recording import record
from bench.site import boot

DATABASE = "bench_inventory"
ITEMS = 100_000
ROWS = 1_000_000

# name: (what, at most or at least, goal)
GOALS: dict[str, tuple[str, str, float | None]] = {
    "items_per_second": ("drain of all items, 2 lanes, items/s", "least", 3_000),
    "peer_jobs_per_second": ("procrastinate, 2 processes, no-op jobs/s", "least", None),
    "items_to_peer": ("drain / procrastinate", "least", 5),
    "statements_of_10": ("statements of a clean slice of 10", "most", 20),
    "statements_of_200": ("statements of a clean slice of 200", "most", 20),
    "worker_growth_mib": (
        "memory of a worker, after all items minus after 10,000, MiB",
        "most",
        10,
    ),
    "add_seconds": ("add of all items in one POST, s", "most", 15),
    "add_growth_mib": ("growth of the web process by it, MiB", "most", 64),
    "file_dry_run_seconds": ("file of as many rows: stage and dry run, s", "most", 20),
    "file_queue_seconds": ("queue that file, s", "most", 10),
    "claims_by_index": ("claims by iq_due_idx before any ANALYZE, of 2", "least", 2),
    "claim_one_p95_ms_few": ("claim of one row, a tenth pending, p95 ms", "most", 10),
    "claim_one_p95_ms_many": ("claim of one row, all pending, p95 ms", "most", 10),
    "claim_one_ratio": ("its medians, all / a tenth pending", "most", 1.5),
    "claim_slice_p95_ms_few": ("claim of 200 rows, a tenth pending, p95 ms", "most", 10),
    "claim_slice_p95_ms_many": ("claim of 200 rows, all pending, p95 ms", "most", 10),
    "claim_slice_ratio": ("its medians, all / a tenth pending", "most", 1.5),
    "next_p95_ms_few": ("process-next, a tenth pending, p95 ms", "most", 30),
    "next_p95_ms_many": ("process-next, all pending, p95 ms", "most", 30),
    "next_ratio": ("its medians, all / a tenth pending", "most", 1.5),
    "queue_slowest_ms": ("/stats, /status, /batch, /items: the slowest, ms", "most", 50),
    "source_slowest_ms": ("/items by source alone: the slowest, ms", "most", 200),
    "v1_slowest_ms": ("/api/v1/inventory lists: the slowest, ms", "most", 200),
    "admin_slowest_ms": ("admin pages: the slowest, ms", "most", 200),
    "sums_slowest_ms": ("sums of all stock: the slowest, ms", "most", None),
}


def measure(warehouse: Warehouse, items: int, rows: int) -> dict[str, Any]:
    facts = {"items": items, "rows": rows} | measure_intake(warehouse, DATABASE, items)
    facts |= measure_file(warehouse, items)
    facts |= measure_depths(warehouse, rows)
    facts["queue_rows"] = fill_all(warehouse, rows)
    return facts | measure_pages(warehouse)


def rounded(number: float) -> int:
    """Of each hundred phones a certain one is wrong."""
    return max(1_000, round(number / 100) * 100)


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
    yield ""
    yield "| page | median ms | p95 ms | of it CPU |"
    yield "|---|---|---|---|"
    for page in facts["pages"]:
        times = (f"{page[name]:.0f}" for name in ("median", "p95", "cpu"))
        yield f"| {page['path']} | {' | '.join(times)} |"


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 or value == int(value) else f"{value:.2f}"


def tell_plans(rows: int, plans: list[Plan], *, is_full: bool) -> None:
    wasteful = {plan.query: sorted(plan.wasted) for plan in plans if plan.wasted}
    facts = {"rows": rows, "plans": [plan.facts() for plan in plans], "wasteful": wasteful}
    print()
    record("inventory_plans", facts, table_of_plans(plans))
    if is_full:
        for plan in plans:
            print(f"\n-- {plan.query}\n{plan.sql}\n{plan.text}")
    for query, tables in wasteful.items():
        print(f"{query} reads from end to end for a few rows: {', '.join(tables)}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the queue of phones.")
    parser.add_argument("--scale", type=float, default=1.0, help="of all numbers of rows")
    parser.add_argument("--rows", type=int, default=ROWS, help="of full tables, before scaling")
    parser.add_argument("--full", action="store_true", help="print the plans as PostgreSQL does")
    arguments = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    boot()
    from config.prepare import collect_static_when_changed

    # The pages name their static files.
    collect_static_when_changed()
    items, rows = rounded(ITEMS * arguments.scale), rounded(arguments.rows * arguments.scale)
    with own_database(DATABASE):
        warehouse = make_warehouse()
        facts = measure(warehouse, items, rows)
        facts["passed"] = verdict(facts)
        record("inventory", facts, table(facts))
        tell_plans(rows, explain_all(list(list_questions(warehouse))), is_full=arguments.full)
    for name in (name for name, passed in facts["passed"].items() if not passed):
        print(f"Missed: {GOALS[name][0]}")
    return 0 if all(facts["passed"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
