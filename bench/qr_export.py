"""How fast files leave the system, and that their length costs no memory.

    script/bench qr_export [--units 1000000] [--plans]     writes bench/results/qr_export.json

Every file is fetched as a client fetches it, through the whole stack of a request, by a process of
its own. It makes a database of its own beside the configured one and removes it at the end.
"""

import argparse
import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

import django

from bench.database import execute, own_database, use_database, vacuum
from bench.qr_link import make_people, make_queue
from bench.recording import record

DATABASE = "bench_qr_export"
SMALL = 10_000
MIB = 1024 * 1024
FILES = {
    "xlsx": "/api/v1/qr/reverse-jobs/{job}/prepared.xlsx",
    "csv": "/api/v1/qr/reverse-jobs/{job}/prepared.csv",
    "summary": "/api/manufacturer/scan-summary-excel?batch_id={batch}",
    "epcis": "/api/v1/qr/batches/{batch}/epcis",
}
FIRST_BYTE_MS = 1_000
MEMORY_MIB = 20
# Deep in the file, where paging by offset would have become slow.
PLANS = {
    "export_prepared": {"after_id": "00000000-0000-0000-0000-000000000000", "limit": 5_000},
    "export_packed_units": {"limit": 5_000},
    "export_epcis_cases": {"case": None, "units": 5_000, "limit": 500},
}

PACK = """
    WITH cases AS (
        UPDATE qr_master_codes
        SET actual_unit_count = expected_unit_count, status = 'packed',
            manufacturer_scanned_at = now()
        WHERE batch_id = %(batch)s
        RETURNING id, case_number
    )
    UPDATE qr_codes unit
    SET master_code_id = cases.id, status = 'packed', last_scanned_at = now()
    FROM cases
    WHERE unit.batch_id = %(batch)s AND unit.planned_case_number = cases.case_number
"""


def make_token(actor: Any) -> str:
    from accounts.models import Organization
    from accounts.services import create_token

    organization = Organization.objects.get(slug="bench")
    _, secret = create_token(
        user=actor, organization=organization, name="bench", expires_in=timedelta(days=1)
    )
    return str(secret)


def fetch(path: str, token: str) -> dict[str, float]:
    """Fetch one file and throw it away."""
    from django.test import Client

    use_database(DATABASE)
    client = Client(headers={"Authorization": f"Bearer {token}", "Host": "127.0.0.1"})
    # A web process that serves has read its addresses and settings long ago.
    client.get("/livez")
    started, size, first = time.perf_counter(), 0, 0.0
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content!r}")
    for piece in answer.streaming_content:
        first = first or time.perf_counter() - started
        size += len(piece)
    return {
        "first_byte_ms": first * 1000,
        "seconds": time.perf_counter() - started,
        "mib": size / MIB,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def fetch_apart(path: str, token: str) -> dict[str, float]:
    from django.db import connections

    connections.close_all()
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
        return process.submit(fetch, path, token).result()


def measure_file(kind: str, queues: dict[str, Any], token: str, units: int) -> dict[str, float]:
    taken = {}
    for size, (batch, job) in queues.items():
        path = FILES[kind].format(batch=batch.pk, job=job)
        taken[size] = fetch_apart(path, token)
    large, small = taken["large"], taken["small"]
    return {
        "first_byte_ms": large["first_byte_ms"],
        "rows_per_second": units / large["seconds"],
        "mib": large["mib"],
        "memory_growth_mib": large["peak_mib"] - small["peak_mib"],
    }


def print_plans(batch: Any, job: Any, units: int) -> None:
    from django.db import connection

    from qrtracking.statements import load

    deep = {"after_sequence": units // 2, "after_case": units // 200}
    for name, parameters in PLANS.items():
        keys = {"batch": batch.pk, "job": job} | deep | parameters
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {load(name)}", keys)
            print(f"-- {name}", *(line for (line,) in cursor.fetchall()), sep="\n", end="\n\n")


def run(*, units: int, plans: bool) -> dict[str, Any]:
    actor, variant = make_people()
    queues = {}
    for number, (size, count) in enumerate({"small": SMALL, "large": units}.items()):
        batch = make_queue(variant, number, count)
        execute(PACK, {"batch": batch.pk})
        queues[size] = (batch, batch.reverse_jobs.values_list("pk", flat=True).get())
    vacuum("qr_codes", "qr_prepared_codes", "qr_master_codes")
    if plans:
        print_plans(*queues["large"], units)
    token = make_token(actor)
    return {kind: measure_file(kind, queues, token, units) for kind in FILES} | {"units": units}


def verdict(facts: dict[str, Any]) -> dict[str, bool]:
    return {
        kind: facts[kind]["first_byte_ms"] <= FIRST_BYTE_MS
        and facts[kind]["memory_growth_mib"] <= MEMORY_MIB
        for kind in FILES
    }


def table(facts: dict[str, Any]) -> Iterator[str]:
    yield (
        f"| {facts['units']:,} units as | first byte, ms (≤ {FIRST_BYTE_MS:,}) | rows/s "
        f"| memory against {SMALL:,}, MiB (≤ {MEMORY_MIB}) | size, MiB |"
    )
    yield "|---|---|---|---|---|"
    names = {
        "xlsx": "prepared.xlsx",
        "csv": "prepared.csv",
        "summary": "scan summary",
        "epcis": "EPCIS",
    }
    for kind, name in names.items():
        file = facts[kind]
        yield (
            f"| {name} | {file['first_byte_ms']:,.0f} | {file['rows_per_second']:,.0f} "
            f"| {max(file['memory_growth_mib'], 0):,.0f} | {file['mib']:,.0f} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the files that leave the system.")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--plans", action="store_true", help="print EXPLAIN ANALYZE of the pages")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    with own_database(DATABASE):
        facts = run(units=arguments.units, plans=arguments.plans)
    facts["passed"] = verdict(facts)
    record("qr_export", facts, table(facts))
    return 0 if all(facts["passed"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
