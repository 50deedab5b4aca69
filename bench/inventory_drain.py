"""A whole intake: one POST to a real web process, worked off by real workers, beside procrastinate."""

import tempfile
import time
from typing import Any

import httpx
import psutil

from bench.database import vacuum
from bench.inventory_peer import measure_peer
from bench.inventory_site import (
    BAD_ONE_IN,
    REPEATED_ONE_IN,
    Warehouse,
    body_of,
    count_items,
    empty_queue,
    mixed_phones,
    phone,
    phones,
    post,
)
from bench.processes import DEADLINE_SECONDS, database_url, memory_of, peak_of, web_server, workers
from bench.site import statements

PORT = 8391
LANES = 2
# When so many are handled, workers have everything in memory that they need.
WARM_ITEMS = 10_000
LONGEST_SECONDS = 600.0


def measure_intake(warehouse: Warehouse, database: str, items: int) -> dict[str, Any]:
    facts = measure_statements(warehouse)
    empty_queue()
    post(warehouse, "stop")
    facts |= measure_add(warehouse, database, items)
    jobs = max(1_000, items // 20)
    peers = [measure_peer(database_url(database), jobs)]
    facts |= measure_drain(warehouse, database, items)
    peers.append(measure_peer(database_url(database), jobs))
    peer = sum(peers) / len(peers)
    return facts | {
        "peer_jobs_per_second": peer,
        "items_to_peer": facts["items_per_second"] / peer,
    }


def measure_statements(warehouse: Warehouse) -> dict[str, Any]:
    """Of a clean slice, without the borders of transactions."""
    return {
        "statements_of_10": count_statements(warehouse, 10),
        "statements_of_200": count_statements(warehouse, 200),
    }


def count_statements(warehouse: Warehouse, number: int) -> int:
    from inventory.services.claims import ClaimKind
    from inventory.services.processing import process_slice

    def work() -> None:
        count, _ = process_slice(
            organization_id=warehouse.organization.pk,
            kind=ClaimKind.CLEAN,
            limit=number,
            worker="bench",
        )
        if count.completed != number:
            raise SystemExit(f"{count} of {number} items")

    # Places and devices exist at the second time: both kinds of slices are looked at.
    for _ in range(2):
        post(warehouse, "add", body_of(phones(1, number)))
        found = len(list(statements(work)))
    return found


def measure_add(warehouse: Warehouse, database: str, items: int) -> dict[str, Any]:
    """One POST over HTTP; the body comes from a file, so that only the server holds memory."""
    url = f"http://127.0.0.1:{PORT}/api/hybrid-queue"
    headers = {
        "Authorization": f"Bearer {warehouse.token}",
        "Content-Type": "application/json",
    }
    with tempfile.TemporaryFile() as file, web_server(database, PORT) as server:
        size = file.write(body_of(mixed_phones(items)))
        client = httpx.Client(base_url=url, headers=headers, timeout=LONGEST_SECONDS)
        wait_for(client)
        client.post("/add", content=body_of([phone(items + 1)])).raise_for_status()
        before = memory_of(server)
        file.seek(0)
        started = time.perf_counter()
        answer = client.post("/add", content=file).raise_for_status().json()
        seconds = time.perf_counter() - started
        growth = max(peak_of(pid) - mib for pid, mib in before.items())
    if answer["data"]["added"] != items:
        raise SystemExit(str(answer)[:500])
    return {"add_seconds": seconds, "add_body_mb": size / 1e6, "add_growth_mib": growth}


def wait_for(client: httpx.Client) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            client.get("/stats").raise_for_status()
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def measure_drain(warehouse: Warehouse, database: str, items: int) -> dict[str, Any]:
    vacuum("imei_data_queue")
    with workers(database, LANES) as host:
        post(warehouse, "start")
        early, late = watch(warehouse, host)
    counts = count_items(warehouse)
    check(warehouse, counts, items)
    growth = max((late[pid] - mib for pid, mib in early.items() if pid in late), default=0.0)
    facts = read_drain(warehouse)
    return facts | {
        "worker_memory_mib": max(late.values()),
        "worker_growth_mib": growth,
        "items_per_second": sum(counts.values()) / facts["drain_seconds"],
        "counts": counts,
    }


def watch(warehouse: Warehouse, host: psutil.Process) -> tuple[dict[int, float], dict[int, float]]:
    """The workers' memory after the first items and at the end of all of them."""
    early: dict[int, float] = {}
    warm = min(WARM_ITEMS, sum(count_items(warehouse).values()) // 2)
    late: dict[int, float] = {}
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        counts = count_items(warehouse)
        late = memory_of(host) or late
        if not early and counts["completed"] + counts["failed"] >= warm:
            early = late
        if not counts["pending"] and not counts["processing"]:
            return early, late
        if time.monotonic() > deadline:
            raise SystemExit(f"not drained: {counts}")
        time.sleep(0.25)


def check(warehouse: Warehouse, counts: dict[str, int], items: int) -> None:
    """The numbers of section 8 of the contract; one more phone was posted to warm the server."""
    from inventory.models import Device

    bad = items // BAD_ONE_IN
    wanted = {"failed": bad, "completed": items - bad + 1, "pending": 0, "processing": 0}
    devices = items - bad - items // REPEATED_ONE_IN + 1
    found = Device.objects.filter(organization_id=warehouse.organization.pk).count()
    if counts != wanted or found != devices:
        raise SystemExit(f"{counts}, {found} devices; expected {wanted}, {devices}")


def read_drain(warehouse: Warehouse) -> dict[str, Any]:
    """From the first claim to the end of the last slice, on the database's clock."""
    from django.db.models import Avg, Count, Max, Min

    from inventory.models import QueueItem, QueueSlice

    mine = {"organization_id": warehouse.organization.pk}
    first = QueueItem.objects.filter(**mine).aggregate(at=Min("started_at"))["at"]
    slices = QueueSlice.objects.filter(**mine).aggregate(
        at=Max("finished_at"), number=Count("*"), ms=Avg("run_ms")
    )
    return {
        "drain_seconds": (slices["at"] - first).total_seconds(),
        "slices": slices["number"],
        "slice_ms": float(slices["ms"]),
    }
