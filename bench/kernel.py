"""What the job kernel costs: per slice, per job, and from the doorbell to the first slice.

    script/bench kernel        writes bench/results/kernel.json

Works on sample jobs in a database of its own beside the configured one, removed at the end. Slices
with the kernel and bare transactions alternate, so that a busy machine slows both alike.
"""

import argparse
import os
import random
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

import django

from bench.database import own_database, vacuum
from bench.processes import DEADLINE_SECONDS, workers
from bench.recording import record

DATABASE = "bench_kernel"
ROUNDS = 20
SLICES_A_ROUND = 100
JOBS_A_ROUND = 50
BELLS = 60

GOALS = {"overhead_ms": 3.0, "first_slice_p95_ms": 400.0}


@dataclass(frozen=True)
class Timing:
    """Milliseconds per slice, transaction or job: by the clock, and of this process's CPU.

    The second is nearly the same on a busy machine.
    """

    wall: float
    cpu: float


class Stopwatch:
    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self, number: int) -> Timing:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Timing(wall * 1000 / number, cpu * 1000 / number)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the job kernel.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--bells", type=int, default=BELLS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.chaos.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    django.setup()
    with own_database(DATABASE):
        facts = measure(rounds=options.rounds, bells=options.bells)
    record("kernel", facts, table(facts))
    return 0 if all(facts["passed"].values()) else 1


def measure(*, rounds: int, bells: int) -> dict[str, Any]:
    register_handlers()
    organization = make_organization()
    empty, writing, bare, jobs = [], [], [], []
    for _ in range(rounds):
        empty.append(time_slices(organization, "bench_empty"))
        bare.append(time_bare(organization))
        writing.append(time_slices(organization, "bench_writing"))
        jobs.append(time_jobs(organization))
    vacuum("sample_job", "sample_effect", "jobs_event")
    with workers(DATABASE, 1):
        # The first one waits for the worker to start.
        ring_and_wait(organization)
        waits = [ring_and_wait(organization) for _ in range(bells)]
    pairs = list(zip(writing, bare, strict=True))
    facts: dict[str, Any] = {
        "empty_slice_ms": statistics.median(timing.wall for timing in empty),
        "empty_slices_per_second": statistics.median(1000 / timing.wall for timing in empty),
        "writing_slice_ms": statistics.median(timing.wall for timing in writing),
        "bare_transaction_ms": statistics.median(timing.wall for timing in bare),
        "overhead_ms": statistics.median(slice_.wall - alone.wall for slice_, alone in pairs),
        "overhead_cpu_ms": statistics.median(slice_.cpu - alone.cpu for slice_, alone in pairs),
        "overhead_ratio": statistics.median(slice_.wall / alone.wall for slice_, alone in pairs),
        "one_slice_job_ms": statistics.median(timing.wall for timing in jobs),
        "one_slice_job_cpu_ms": statistics.median(timing.cpu for timing in jobs),
        "jobs_per_second": statistics.median(1000 / timing.wall for timing in jobs),
        "first_slice_median_ms": statistics.median(waits),
        "first_slice_p95_ms": statistics.quantiles(waits, n=20)[-1],
        "goals": GOALS,
    }
    facts["passed"] = {name: facts[name] <= goal for name, goal in GOALS.items()}
    return facts


def table(facts: dict[str, Any]) -> list[str]:
    rows = {
        "overhead_ms": "kernel per slice beyond a bare transaction, ms",
        "overhead_cpu_ms": "of it CPU of the worker, ms",
        "overhead_ratio": "slice / bare transaction with the same two writes",
        "writing_slice_ms": "slice that writes a row and a counter, ms",
        "bare_transaction_ms": "the same two writes as a bare transaction, ms",
        "empty_slices_per_second": "empty slices/s, one worker",
        "jobs_per_second": "jobs of one empty slice/s, one worker",
        "first_slice_median_ms": "doorbell to first slice, idle worker, median ms",
        "first_slice_p95_ms": "doorbell to first slice, idle worker, p95 ms",
    }
    lines = ["| measure | goal | measured |", "|---|---|---|"]
    for name, text in rows.items():
        goal = f"≤ {GOALS[name]:g}" if name in GOALS else ""
        measured = f"{facts[name]:.0f}" if facts[name] >= 20 else f"{facts[name]:.2f}"
        lines.append(f"| {text} | {goal} | {measured} |")
    return lines


def register_handlers() -> None:
    from jobs.registry import Continue, Done, Outcome, job_handler
    from tests.jobs.sample.models import SampleJob

    @job_handler(SampleJob, job_type="bench_empty")
    def empty(job: SampleJob, ctx: Any) -> Outcome:
        written = job.written + 1
        changes = {"written": written}
        return Done(changes=changes) if written >= job.total else Continue(changes=changes)

    @job_handler(SampleJob, job_type="bench_writing")
    def writing(job: SampleJob, ctx: Any) -> Outcome:
        write_effect(job)
        return empty(job, ctx)


def write_effect(job: Any) -> None:
    from tests.jobs.sample.models import Effect

    Effect.objects.create(organization_id=job.organization_id, job_id=job.pk, number=job.written)


def make_organization() -> Any:
    from accounts.models import Organization

    return Organization.objects.create(kind="manufacturer", name="Bench", slug="bench")


def make_job(organization: Any, kind: str, total: int) -> Any:
    from tests.jobs.sample.models import SampleJob

    job = SampleJob(organization=organization, kind=kind, total=total)
    job.save()
    return job


def time_slices(organization: Any, kind: str) -> Timing:
    """Per slice of a job with many of them."""
    from jobs.runner import run_job

    job = make_job(organization, kind, SLICES_A_ROUND)
    watch = Stopwatch()
    run_job(job, budget_seconds=DEADLINE_SECONDS)
    return watch.read(SLICES_A_ROUND)


def time_bare(organization: Any) -> Timing:
    """Per transaction that writes what a slice of bench_writing writes."""
    from django.db import transaction

    from tests.jobs.sample.models import SampleJob

    job = make_job(organization, "bench_bare", SLICES_A_ROUND)
    watch = Stopwatch()
    for number in range(SLICES_A_ROUND):
        with transaction.atomic():
            job.written = number
            write_effect(job)
            SampleJob.objects.filter(pk=job.pk).update(written=number + 1)
    return watch.read(SLICES_A_ROUND)


def time_jobs(organization: Any) -> Timing:
    """Per job of one slice: found, claimed, locked, ended, logged."""
    from jobs.runner import run_next
    from tests.jobs.sample.models import SampleJob

    for _ in range(JOBS_A_ROUND):
        make_job(organization, "bench_empty", 1)
    watch = Stopwatch()
    done = [run_next(SampleJob) for _ in range(JOBS_A_ROUND)]
    timing = watch.read(JOBS_A_ROUND)
    if not all(job is not None and job.status == "completed" for job in done):
        raise RuntimeError("not every job was completed")
    return timing


def ring_and_wait(organization: Any) -> float:
    """Milliseconds from the job's insertion to its first effect, on the database's clock."""
    from jobs.services import submit_job
    from tests.jobs.sample.models import Effect, SampleJob

    # Idle, and not in step with the engine's polling.
    time.sleep(random.uniform(0.3, 0.7))  # noqa: S311
    job = submit_job(SampleJob(organization=organization, kind="count", total=1))
    job.refresh_from_db()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (effect := Effect.objects.filter(job_id=job.pk).first()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("no worker answered the doorbell")
        time.sleep(0.05)
    return (effect.created_at - job.created_at).total_seconds() * 1000


if __name__ == "__main__":
    sys.exit(main())
