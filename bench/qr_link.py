"""How fast cases are linked from a queue of ten thousand and of a million units.

    script/bench qr_link [--units 1000000] [--plans]     writes bench/results/qr_link.json

It makes a database of its own beside the configured one and removes it at the end.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import django

from bench.database import execute, own_database, use_database, vacuum
from bench.recording import record

DATABASE = "bench_qr_link"
SMALL_QUEUE = 10_000
PER_CASE = 100
RUNS = 3
CASES_A_RUN = 60
STATIONS = 2
CASES_A_STATION = 300

# name: (what, at most or at least, goal)
GOALS = {
    "p95_ms": ("link of 100 codes, large queue, p95 ms", "most", 25),
    "small_p95_ms": ("link of 100 codes, 10,000 queued, p95 ms", "most", 25),
    "large_to_small": ("median link, large / 10,000 queued", "most", 1.5),
    "cases_per_second": ("two stations on one batch, cases/s", "least", 60),
    "statements": ("statements of a link", "most", 12),
}

MAKE_CASES = """
    INSERT INTO qr_master_codes (
        organization_id, batch_id, order_id, master_code, case_number, planned_unit_count,
        expected_unit_count, planned_variant_id
    )
    SELECT %(organization)s, %(batch)s, %(order)s, %(prefix)s || 'CASE-' || n, n,
        %(per_case)s, %(per_case)s, %(variant)s
    FROM generate_series(1, %(cases)s) n
"""
MAKE_UNITS = """
    INSERT INTO qr_codes (
        organization_id, batch_id, order_id, product_id, variant_id, code, sequence_number,
        planned_case_number
    )
    SELECT %(organization)s, %(batch)s, %(order)s, %(product)s, %(variant)s,
        %(prefix)s || lpad(n::text, 7, '0') || '-' || left(md5(n::text), 12), n,
        (n - 1) / %(per_case)s + 1
    FROM generate_series(1, %(units)s) n
"""
PREPARE_UNITS = """
    INSERT INTO qr_prepared_codes (
        organization_id, job_id, batch_id, order_id, code_id, code, sequence_number, variant_id,
        planned_case_number
    )
    SELECT organization_id, %(job)s, batch_id, order_id, id, code, sequence_number, variant_id,
        planned_case_number
    FROM qr_codes WHERE batch_id = %(batch)s ORDER BY sequence_number
"""
SPOIL_HEAD = """
    UPDATE qr_codes SET status = 'spoiled'
    WHERE batch_id = %(batch)s AND status <> 'packed' AND sequence_number <= %(last)s
"""


def make_people() -> tuple[Any, Any]:
    from accounts.models import Membership, Organization, User
    from qrtracking.models import Product, ProductVariant

    organization = Organization.objects.create(kind="manufacturer", name="Bench", slug="bench")
    actor = User.objects.create(username="bench")
    Membership.objects.create(user=actor, organization=organization, role="operator")
    product = Product.objects.create(
        organization=organization, product_code="TEA100", product_name="Tea"
    )
    variant = ProductVariant.objects.create(
        organization=organization, product=product, variant_code="MINT", variant_name="Mint"
    )
    return actor, variant


def make_queue(variant: Any, number: int, units: int) -> Any:
    """A generated batch of which every unit waits in the queue."""
    from qrtracking.models import Batch, Order, OrderItem, ReverseJob

    owner = {"organization_id": variant.organization_id}
    order = Order.objects.create(
        **owner,
        seller_org_id=variant.organization_id,
        order_no=f"BENCH-{number}",
        status="approved",
    )
    OrderItem.objects.create(
        **owner, order=order, product_id=variant.product_id, variant=variant, qty=units
    )
    batch = Batch.objects.create(**owner, order=order, status="generated")
    job = ReverseJob.objects.create(
        **owner, manufacturer_org_id=variant.organization_id, batch=batch, order=order,
        status="completed",
    )  # fmt: skip
    parameters = {
        "organization": variant.organization_id,
        "batch": batch.pk,
        "order": order.pk,
        "job": job.pk,
        "product": variant.product_id,
        "variant": variant.pk,
        "prefix": f"{order.order_no}-",
        "per_case": PER_CASE,
        "units": units,
        "cases": units // PER_CASE,
    }
    for sql in (MAKE_CASES, MAKE_UNITS, PREPARE_UNITS):
        execute(sql, parameters)
    return batch


def link_cases(actor: Any, batch: Any, first: int, count: int) -> tuple[list[float], list[str]]:
    """Milliseconds of each link, and the codes that were linked."""
    from qrtracking.services.linking import link_from_queue

    times, codes = [], []
    for number in range(first, first + count):
        started = time.perf_counter()
        linked = link_from_queue(
            actor=actor,
            batch_id=batch.pk,
            order_id=batch.order_id,
            master_code=f"{batch.order.order_no}-CASE-{number}",
        )
        times.append((time.perf_counter() - started) * 1000)
        codes += linked.linked_codes
    return times, codes


def station(batch_id: UUID, first: int) -> tuple[float, float, list[str]]:
    """One linking process: when it began and ended, and its codes."""
    from accounts.models import User
    from qrtracking.models import Batch

    use_database(DATABASE)
    actor = User.objects.get(username="bench")
    batch = Batch.objects.select_related("order").get(pk=batch_id)
    started = time.time()
    _, codes = link_cases(actor, batch, first, CASES_A_STATION)
    return started, time.time(), codes


def two_stations(batch: Any, first: int) -> dict[str, Any]:
    from django.db import connections

    connections.close_all()
    starts = [first + index * CASES_A_STATION for index in range(STATIONS)]
    with ProcessPoolExecutor(STATIONS, mp_context=get_context("fork")) as stations:
        done = list(stations.map(station, [batch.pk] * STATIONS, starts))
    codes = [code for _, _, linked in done for code in linked]
    seconds = max(end for _, end, _ in done) - min(start for start, _, _ in done)
    return {
        "cases_per_second": STATIONS * CASES_A_STATION / seconds,
        "disjoint": len(codes) == len(set(codes)) == STATIONS * CASES_A_STATION * PER_CASE,
    }


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def measure_sizes(actor: Any, large: Any, small: list[Any]) -> dict[str, Any]:
    """Alternating runs over both queues; the first run of each warms the caches and is dropped."""
    runs: dict[str, list[list[float]]] = {"large": [], "small": []}
    for index, small_batch in enumerate(small):
        runs["small"].append(link_cases(actor, small_batch, 1, CASES_A_RUN)[0])
        runs["large"].append(link_cases(actor, large, 1 + index * CASES_A_RUN, CASES_A_RUN)[0])
    medians = {
        size: statistics.median(statistics.median(times) for times in timed[1:])
        for size, timed in runs.items()
    }
    p95s = {
        size: statistics.median(p95(times) for times in timed[1:]) for size, timed in runs.items()
    }
    return {
        "p95_ms": p95s["large"],
        "small_p95_ms": p95s["small"],
        "median_ms": medians["large"],
        "small_median_ms": medians["small"],
        "large_to_small": medians["large"] / medians["small"],
    }


def count_statements(actor: Any, batch: Any, number: int) -> int:
    """Of the first link of a batch, the borders of its transaction included."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        link_cases(actor, batch, number, 1)
    return len(captured)


def measure_stale_head(actor: Any, batch: Any, first: int, stale: int) -> dict[str, Any]:
    """The first link clears the head of the queue away; the ones after it are as fast as ever."""
    times, _ = link_cases(actor, batch, first, 10)
    return {
        "stale_rows": stale,
        "stale_first_ms": times[0],
        "stale_next_ms": statistics.median(times[1:]),
    }


def spoil(batch: Any, last: int) -> None:
    execute(SPOIL_HEAD, {"batch": batch.pk, "last": last})


def explain_pick(batch: Any, variant: Any, *, only_free: bool = False) -> str:
    from django.db import connection

    from qrtracking.models import FREE
    from qrtracking.statements import load

    parameters = {
        "batch": batch.pk,
        "variant": variant.pk,
        "case_number": None,
        "free": [str(status) for status in FREE],
        "limit": PER_CASE,
        "only_free": only_free,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {load('link_pick')}", parameters)
        return "\n".join(line for (line,) in cursor.fetchall())


def run(*, units: int, plans: bool) -> dict[str, Any]:
    actor, variant = make_people()
    large = make_queue(variant, 0, units)
    small = [make_queue(variant, number, SMALL_QUEUE) for number in range(1, RUNS + 2)]
    vacuum("qr_codes", "qr_prepared_codes", "qr_master_codes")
    texts = {"pick": explain_pick(large, variant)} if plans else {}
    facts = {"units": units} | measure_sizes(actor, large, small)
    first = 1 + (RUNS + 1) * CASES_A_RUN
    facts["statements"] = count_statements(actor, large, first)
    facts |= two_stations(large, first + 1)
    first += 1 + STATIONS * CASES_A_STATION
    stale = min(units // 10, 100_000)
    spoil(large, (first - 1) * PER_CASE + stale)
    if plans:
        texts["pick behind a stale head"] = explain_pick(large, variant, only_free=True)
    facts |= measure_stale_head(actor, large, first, stale)
    for name, text in texts.items():
        print(f"-- {name}\n{text}\n")
    return facts


def verdict(facts: dict[str, Any]) -> dict[str, bool]:
    met = {
        name: facts[name] >= goal if bound == "least" else facts[name] <= goal
        for name, (_, bound, goal) in GOALS.items()
    }
    return met | {"disjoint": facts["disjoint"]}


def table(facts: dict[str, Any]) -> Iterator[str]:
    yield "| measure | goal | measured |"
    yield "|---|---|---|"
    for name, (what, bound, goal) in GOALS.items():
        sign = "≥" if bound == "least" else "≤"
        yield f"| {what} | {sign} {goal:,} | {facts[name]:,.{2 if goal < 10 else 0}f} |"
    yield f"| first link behind {facts['stale_rows']:,} stale rows, ms | | {facts['stale_first_ms']:,.0f} |"
    yield f"| the links after it, ms | | {facts['stale_next_ms']:,.0f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure linking from the queue.")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--plans", action="store_true", help="print EXPLAIN ANALYZE of the pick")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    with own_database(DATABASE):
        facts = run(units=arguments.units, plans=arguments.plans)
    facts["passed"] = verdict(facts)
    record("qr_link", facts, table(facts))
    return 0 if all(facts["passed"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
