"""How fast a batch is generated and prepared, and what stations and pollers wait for.

    script/bench qr [--units 1000000] [--runs 3]     writes bench/results/qr.json

It makes a database of its own beside the configured one and removes it at the end.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple
from uuid import UUID

from bench.database import execute, own_database, use_database, vacuum
from bench.processes import peak_of
from bench.qr_station import measure_station
from bench.recording import record
from bench.site import (
    EXCLUDES,
    Site,
    boot,
    make_site,
    statements,
    submit,
    timed_get,
    timed_post,
    work_off,
)

DATABASE = "bench_qr"
SMALL_RUNS = 9
MANY_EXCLUDES = 100_000
SUBMITS = 9
POLLS = 300
POLL_SECONDS = 0.01
STATUS = "/api/manufacturer/reverse-job/status?job_id="

QUEUE = "qr_prepared_codes"
# The same rows into the same table, by one statement and without anything that makes it a job.
BARE = f"""
    INSERT INTO {QUEUE} (
        organization_id, job_id, batch_id, order_id, code_id, code, sequence_number, variant_id,
        planned_case_number
    )
    SELECT organization_id, %(job)s, batch_id, order_id, id, code, sequence_number, variant_id,
        planned_case_number
    FROM qr_codes
    WHERE batch_id = %(batch)s AND NOT is_buffer AND sequence_number > %(excludes)s
    ORDER BY sequence_number
"""

# name: (what, at most or at least, goal)
GOALS: dict[str, tuple[str, str, float | None]] = {
    "generation_codes_per_second": ("generation, codes/s", "least", 10_000),
    "prepare_to_bare": ("prepare / bare INSERT … SELECT, same rows", "least", 0.7),
    "codes_per_second": ("submit to completed, codes/s", "least", 20_000),
    "cost_large_to_small": ("cost per code, large / 10,000", "most", 1.3),
    "memory_growth_mib": ("worker memory, large minus 10,000, MiB", "most", 50),
    "submit_many_ms": ("submit with 100,000 excludes, ms", "most", 2_000),
    "submit_few_ms": ("submit with 5 excludes, ms", "most", 100),
    "status_p95_ms": ("status in-process while a job runs, p95 ms", "most", 10),
    "progress_ms": ("progress of the large batch with all its cases, ms", "most", 200),
    "pack_ms": ("Scan & pack of 100 codes, ms", "most", None),
    "unlink_ms": ("unlink of a case of 100, ms", "most", None),
    "find_ms": ("look-up of a unit by its code, ms", "most", None),
    "statements_prepare": ("statements of a prepare slice", "most", 8),
    "statements_submit": ("statements of a submit", "most", 12),
    "statements_status": ("statements of a status", "most", 3),
    "statements_progress": ("statements of a progress", "most", None),
    "statements_pack": ("statements of a Scan & pack of 100 codes", "most", None),
    "statements_unlink": ("statements of an unlink", "most", None),
    "statements_find": ("statements of a look-up", "most", None),
}


class Run(NamedTuple):
    seconds: float
    prepared: int
    peak_mib: float

    @property
    def rate(self) -> float:
        return self.prepared / self.seconds


def empty_queue() -> None:
    execute(f"TRUNCATE {QUEUE}")
    execute("DELETE FROM qr_reverse_jobs")
    vacuum("qr_reverse_jobs", "qr_reverse_job_excludes")


def worker(batch_id: UUID) -> Run:
    """Submit and work off in a process of its own, whose memory is that of a worker."""
    use_database(DATABASE)
    from accounts.models import User
    from qrtracking.models import Batch

    actor = User.objects.get_queryset().get(username="bench")
    batch = Batch.objects.get(pk=batch_id)
    started = time.perf_counter()
    job = work_off(submit(actor, batch))
    seconds = time.perf_counter() - started
    return Run(seconds, job.prepared_count, peak_of())


def in_worker(batch: Any) -> Run:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=boot) as pool:
        return pool.submit(worker, batch.pk).result()


def run_bare(site: Site) -> Run:
    from qrtracking.models import ReverseJob

    batch = site.large
    job = ReverseJob.objects.create(
        organization_id=batch.organization_id, manufacturer_org_id=batch.organization_id,
        batch=batch, order_id=batch.order_id, status="completed",
    )  # fmt: skip
    started = time.perf_counter()
    execute(BARE, {"job": job.pk, "batch": batch.pk, "excludes": EXCLUDES})
    seconds = time.perf_counter() - started
    return Run(seconds, batch.planned_unique_codes - EXCLUDES, 0)


def measure_preparing(site: Site, runs: int) -> dict[str, Any]:
    """Alternating runs of the job and of the bare statement, each into an empty table."""
    jobs, bare, small = [], [], []
    for _ in range(runs):
        empty_queue()
        jobs.append(in_worker(site.large))
        empty_queue()
        bare.append(run_bare(site))
    for _ in range(SMALL_RUNS):
        empty_queue()
        small.append(in_worker(site.small))
    rates = {name: median_rate(some) for name, some in [("job", jobs), ("bare", bare)]}
    per_code = [
        statistics.median(run.seconds / run.prepared for run in some) for some in (jobs, small)
    ]
    memory = [statistics.median(run.peak_mib for run in some) for some in (jobs, small)]
    return {
        "codes_per_second": rates["job"],
        "bare_codes_per_second": rates["bare"],
        "prepare_to_bare": rates["job"] / rates["bare"],
        "seconds": statistics.median(run.seconds for run in jobs),
        "small_seconds": statistics.median(run.seconds for run in small),
        "cost_large_to_small": per_code[0] / per_code[1],
        "memory_mib": memory[0],
        "memory_growth_mib": memory[0] - memory[1],
    }


def median_rate(runs: list[Run]) -> float:
    return statistics.median(run.rate for run in runs)


def measure_submits(site: Site) -> dict[str, Any]:
    """Whole requests, without the network: body, checks, job, answer."""
    empty_queue()
    few, many = submission(site, EXCLUDES), submission(site, MANY_EXCLUDES)
    return {
        "submit_few_ms": statistics.median(time_submit(site, few) for _ in range(SUBMITS)),
        "submit_many_ms": statistics.median(time_submit(site, many) for _ in range(3)),
    }


def time_submit(site: Site, body: str) -> float:
    return timed_post(site, "/api/manufacturer/reverse-job/submit", body)


def submission(site: Site, excludes: int) -> str:
    from qrtracking.models import UnitCode

    units = UnitCode.objects.filter(batch=site.large, sequence_number__lte=excludes)
    body = {
        "batch_id": str(site.large.pk),
        "order_id": str(site.large.order_id),
        "manufacturer_org_id": str(site.large.organization_id),
        "exclude_codes": list(units.values_list("code", flat=True)),
    }
    return json.dumps(body)


def measure_polls(site: Site) -> dict[str, Any]:
    """The status of a job while another process works on it: read in-process, and whole requests."""
    empty_queue()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=boot) as pool:
        running = pool.submit(worker, site.large.pk)
        job_id = wait_for_job()
        reads, requests = [], []
        while not running.done() and len(reads) < POLLS:
            reads.append(time_status(site, job_id))
            requests.append(timed_get(site, STATUS + str(job_id)))
            time.sleep(POLL_SECONDS)
    return {
        "polls": len(reads),
        "status_median_ms": statistics.median(reads),
        "status_p95_ms": statistics.quantiles(reads, n=20)[-1],
        "status_request_median_ms": statistics.median(requests),
        "status_request_p95_ms": statistics.quantiles(requests, n=20)[-1],
    }


def time_status(site: Site, job_id: UUID) -> float:
    from qrtracking.api.answers import StatusAnswer
    from qrtracking.selectors.visible import get_job_status

    started = time.perf_counter()
    read = StatusAnswer(get_job_status(user=site.actor, job_id=job_id)).data
    elapsed = (time.perf_counter() - started) * 1000
    if read["status"] == "failed":
        raise SystemExit(str(read))
    return elapsed


def wait_for_job() -> UUID:
    from qrtracking.models import ReverseJob

    while (job := ReverseJob.objects.filter(status="running").first()) is None:
        time.sleep(0.02)
    return job.pk


def measure_statements(site: Site) -> dict[str, Any]:
    empty_queue()
    body = submission(site, EXCLUDES)
    submitted = list(statements(lambda: time_submit(site, body)))
    from qrtracking.models import ReverseJob

    job = ReverseJob.objects.latest("created_at")
    return {
        "statements_submit": len(submitted),
        "statements_status": len(list(statements(lambda: timed_get(site, STATUS + str(job.pk))))),
        "statements_prepare": max(prepare_slices(list(statements(lambda: work_off(job))))),
    }


def prepare_slices(queries: list[str]) -> list[int]:
    """The numbers of statements from one lock of the job's row to the next, where units moved."""
    starts = [place for place, sql in enumerate(queries) if "statement_timeout" in sql]
    slices = [queries[a:b] for a, b in zip(starts, [*starts[1:], len(queries)], strict=True)]
    return [len(one) for one in slices[:-1] if any(f"INSERT INTO {QUEUE}" in sql for sql in one)]


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
        digits = 2 if goal is not None and goal < 10 else 0
        yield f"| {what} | {wanted} | {facts[name]:,.{digits}f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure generation and preparing.")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    boot()
    with own_database(DATABASE):
        site, rate = make_site(arguments.units)
        facts = {"units": arguments.units, "generation_codes_per_second": rate}
        facts |= measure_statements(site) | measure_submits(site)
        facts |= measure_polls(site) | measure_preparing(site, arguments.runs)
        empty_queue()
        work_off(submit(site.actor, site.large))
        facts |= measure_station(site)
    facts["passed"] = verdict(facts)
    record("qr", facts, table(facts))
    print(f"A whole status request, p95: {facts['status_request_p95_ms']:.1f} ms")
    return 0 if all(facts["passed"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
