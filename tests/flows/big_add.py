"""Many phones in one POST to a real web process, worked off by real workers, watched all the while.

    python -m tests.flows.big_add --items 100000

Of a hundred phones one is wrong, and one was posted before. Prints what is true at the end as JSON,
with the time of the slowest answer of /stats and the growth of the processes. On a database of its
own.
"""

import argparse
import json
import os
import socket
import sys
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from statistics import quantiles
from typing import Any

import django
import httpx
import psutil

from bench.inventory_site import body_of, mixed_phones, phone
from bench.processes import memory_of, peak_of
from config.processes import MARK
from tests.chaos.arena import Arena, temporary_arena, wait_until

WATCH_SECONDS = 0.1
LONGEST_SECONDS = 300.0
# What an arena sets otherwise.
AS_DELIVERED = {
    "JOBS_LEASE_SECONDS": "60",
    "JOBS_SWEEP_SECONDS": "30",
    "JOBS_SILENT_SECONDS": "90",
    "QUEUE_LEASE_SECONDS": "60",
    "QUEUE_SLICE_SIZE": "200",
}
# A worker that has handled so many has everything in memory that it needs.
WARM_ITEMS = 10_000


@dataclass
class Watch:
    """What /stats says, how long it takes to say it, and how much memory workers have."""

    client: httpx.Client
    items: int
    milliseconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    early: dict[int, float] = field(default_factory=dict)
    late: dict[int, float] = field(default_factory=dict)
    is_added: bool = False

    def run(self, workers: psutil.Process) -> None:
        while True:
            done = self._look()
            if not self.early and done >= min(WARM_ITEMS, self.items // 2):
                self.early = memory_of(workers)
            if self.is_added and done >= self.items:
                self.late = memory_of(workers)
                return
            time.sleep(WATCH_SECONDS)

    def _look(self) -> int:
        started = time.perf_counter()
        stats = self.client.get("/stats").raise_for_status().json()["data"]
        self.milliseconds.append((time.perf_counter() - started) * 1000)
        parts = [stats[f"{name}Items"] for name in ("pending", "processing", "completed", "failed")]
        if sum(parts) != stats["totalItems"] or stats["totalItems"] not in (1, self.items + 1):
            self.wrong.append(json.dumps(stats))
        return int(stats["completedItems"] + stats["failedItems"])

    @property
    def growth(self) -> float:
        """MiB of the worker that has grown most since it was warm."""
        grown = [mib - self.early[pid] for pid, mib in self.late.items() if pid in self.early]
        # Workers that were replaced meanwhile say nothing about memory.
        return max(grown, default=inf)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--data-dir", type=Path, help="of an arena that is there already")
    options = parser.parse_args()
    given = options.data_dir and nullcontext(Arena(options.data_dir))
    with given or temporary_arena() as arena:
        os.environ.update({k: v for k, v in arena.environment.items() if k != MARK})
        django.setup()
        facts = run(arena.with_settings(**AS_DELIVERED), options.items)
    sys.stdout.write(json.dumps(facts) + "\n")
    return 0


def run(arena: Arena, items: int) -> dict[str, Any]:
    from accounts.models import Role
    from tests.accounts.factories import OrganizationFactory, bearer, make_member

    organization = OrganizationFactory(name="Big add")
    headers = bearer(make_member(Role.OPERATOR, organization=organization))
    body = body_of(mixed_phones(items))
    with _processes(arena) as (url, web, workers):
        client = httpx.Client(base_url=url, headers=headers, timeout=LONGEST_SECONDS)
        wait_until(lambda: _answers(client), seconds=60, what="the web process answers")
        # The first request loads what any request needs.
        _add(client, body_of([phone(items + 1)]))
        before = {pid: peak_of(pid) for pid in memory_of(web)}
        watch = Watch(httpx.Client(base_url=url, headers=headers, timeout=LONGEST_SECONDS), items)
        watching = threading.Thread(target=watch.run, args=[workers])
        watching.start()
        started = time.perf_counter()
        batch_id = _add(client, body)
        added = time.perf_counter()
        watch.is_added = True
        watching.join()
        ended = time.perf_counter()
        batch = client.get(f"/batch/{batch_id}").raise_for_status().json()["data"]
        web_growth = max(peak_of(pid) - mib for pid, mib in before.items())
    return {
        "items": items,
        "body_mb": round(len(body) / 1e6, 1),
        "add_seconds": round(added - started, 2),
        "drain_seconds": round(ended - added, 2),
        "stats_answers": len(watch.milliseconds),
        "stats_p95_ms": round(quantiles(watch.milliseconds, n=20, method="inclusive")[-1], 1),
        "stats_slowest_ms": round(max(watch.milliseconds), 1),
        "stats_wrong": watch.wrong,
        "web_growth_mib": round(web_growth, 1),
        "worker_growth_mib": round(watch.growth, 1),
        "worker_mib": round(max(watch.late.values()), 1),
        "batch": {name: batch[name] for name in ("processedItems", "failedItems", "status")},
        **_count(organization),
    }


@contextmanager
def _processes(arena: Arena) -> Any:
    """The address of a web process, it, and the host of two workers."""
    port = _free_port()
    web = arena.with_settings(PORT=str(port), WEB_CONCURRENCY="1").spawn_workers(
        "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"
    )
    workers = arena.spawn_workers("manage.py", "runworker", "--queues", "default")
    url = f"http://127.0.0.1:{port}/api/hybrid-queue"
    try:
        yield url, psutil.Process(web.pid), psutil.Process(workers.pid)
    finally:
        for process in (web, workers):
            process.terminate()
            process.wait(60)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/stats").is_success
    except httpx.TransportError:
        return False


def _add(client: httpx.Client, body: bytes) -> str:
    answer = client.post("/add", content=body, headers={"Content-Type": "application/json"})
    return str(answer.raise_for_status().json()["data"]["batchId"])


def _count(organization: Any) -> dict[str, Any]:
    """From the rows themselves."""
    from inventory.models import Device, DeviceTest, ProcessingLog, QueueItem, StockEntry
    from inventory.services.recounting import list_differences

    mine = {"organization": organization}
    items = QueueItem.objects.filter(**mine)
    return {
        "completed": items.filter(status="completed").count(),
        "failed": items.filter(status="failed", error_code="imei_length").count(),
        "left": items.exclude(status__in=["completed", "failed"]).count(),
        "retried": items.filter(retry_count__gt=0).count(),
        "devices": Device.objects.filter(**mine).count(),
        "stock": StockEntry.objects.filter(**mine).count(),
        "tests": DeviceTest.objects.filter(**mine).count(),
        "claims": ProcessingLog.objects.filter(**mine, action="processing").count(),
        "differences": [one.as_dict() for one in list_differences()],
    }


if __name__ == "__main__":
    sys.exit(main())
