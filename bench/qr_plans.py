"""How PostgreSQL answers each hot query on a large batch: EXPLAIN (ANALYZE, BUFFERS).

    script/bench qr_plans [--units 1000000] [--full]     writes bench/results/qr_plans.json

Each query is the one that the product sends: its code runs, the statement is explained when it
comes by, and everything is rolled back. None of them may read a table from end to end for the sake
of a few rows. It makes a database of its own beside the configured one and removes it at the end.
"""

import argparse
import os
from collections.abc import Iterator
from typing import Any

from bench.database import execute, own_database, vacuum
from bench.explaining import Plan, explain_all
from bench.plan_questions import after_packing, before_preparing
from bench.recording import record
from bench.site import EXCLUDES, Site, boot, make_site, submit, work_off

DATABASE = "bench_qr_plans"
PACKED_CASES = 60
# No index on the status pays for what it would cost each pack: these read their batch once.
BEARABLE = {"codes: of a status that none has", "admin: units of a batch, packed"}

EVENTS = """
    INSERT INTO qr_scan_events (
        organization_id, batch_id, order_id, kind, master_code_id, unit_count, actor_id
    )
    SELECT organization_id, batch_id, order_id, kind, id, 0, %(actor)s
    FROM qr_master_codes CROSS JOIN unnest(ARRAY['link_scan', 'unlink']) kind
"""


def build(site: Site) -> Any:
    """All units but five wait in the queue, some cases are packed; another job was cancelled."""
    from jobs.services import cancel_job
    from qrtracking.services.linking import link_from_queue
    from qrtracking.services.unlinking import unlink_case

    cancel_job(submit(site.actor, site.large), actor=site.actor)
    job = work_off(submit(site.actor, site.large, EXCLUDES))
    vacuum("qr_prepared_codes", "qr_reverse_jobs")
    for number in range(1, PACKED_CASES + 1):
        linked = link_from_queue(
            actor=site.actor,
            batch_id=site.large.pk,
            order_id=site.large.order_id,
            master_code=f"CASE:{number}",
        )
        if number % 10 == 0:
            unlink_case(actor=site.actor, case_id=linked.case.pk)
    execute(EVENTS, {"actor": site.actor.pk})
    vacuum("qr_codes", "qr_prepared_codes", "qr_master_codes", "qr_scan_events")
    return job


def table(plans: list[Plan]) -> Iterator[str]:
    yield "| query | rows | plan | buffers | ms |"
    yield "|---|---|---|---|---|"
    for plan in plans:
        nodes = ", ".join(plan.nodes)
        yield f"| {plan.query} | {plan.rows:,} | {nodes} | {plan.buffers:,} | {plan.ms:.2f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="Explain the hot queries of qrtracking.")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--full", action="store_true", help="print the plans as PostgreSQL does")
    arguments = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    boot()
    from config.prepare import collect_static_when_changed

    # The pages name their static files.
    collect_static_when_changed()
    with own_database(DATABASE):
        site, _ = make_site(arguments.units)
        plans = explain_all(before_preparing(site))
        job = build(site)
        plans += explain_all(after_packing(site, job))
    wasteful = {plan.query: sorted(plan.wasted) for plan in plans if plan.wasted}
    facts = {
        "units": arguments.units,
        "plans": [plan.facts() for plan in plans],
        "wasteful": wasteful,
    }
    record("qr_plans", facts, table(plans))
    if arguments.full:
        for plan in plans:
            print(f"\n-- {plan.query}\n{plan.sql}\n{plan.text}")
    for query, tables in wasteful.items():
        print(f"{query} reads from end to end for a few rows: {', '.join(tables)}")
    return 1 if wasteful.keys() - BEARABLE else 0


if __name__ == "__main__":
    raise SystemExit(main())
