"""How fast labels are drawn, read back and joined into a file.

    script/bench qr_labels [--labels 1000] [--large 20000]   writes bench/results/qr_labels.json

It makes a database of its own beside the configured one and removes it at the end. The labels run
as jobs in a process of their own, as a worker would; the memory is the growth of that process.
"""

import argparse
import os
import resource
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import django

from bench.database import own_database, use_database, vacuum
from bench.recording import record

DATABASE = "bench_qr_labels"
RUNS = 3
MIB = 1024 * 1024

# name: (what, goal at most)
GOALS = {
    "seconds": ("1,000 verified labels, A4 5 x 13, s", 10),
    "memory_mib": ("memory of the large sheet, MiB beyond the small one", 50),
}


def make_batch(units: int) -> UUID:
    """A batch whose codes are made by the product itself."""
    from accounts.models import Membership, Organization, User
    from jobs.runner import run_due_jobs
    from qrtracking.models import Product, ProductVariant
    from qrtracking.services.generation import create_batch
    from qrtracking.services.orders import NewItem, NewOrder, create_order

    organization = Organization.objects.create(kind="manufacturer", name="Bench", slug="bench")
    actor = User.objects.create(username="bench")
    Membership.objects.create(user=actor, organization=organization, role="manager")
    owner = {"organization": organization}
    product = Product.objects.create(**owner, product_code="TEA100", product_name="Tea")
    variant = ProductVariant.objects.create(
        **owner, product=product, variant_code="MINT", variant_name="Mint"
    )
    order = create_order(
        organization=organization,
        order=NewOrder(items=[NewItem(variant, units, None)]),
        now=actor.date_joined,
    )
    batch = create_batch(order=order, actor=actor)
    run_due_jobs()
    return UUID(str(batch.pk))


def draw(database: str, batch_id: UUID, labels: int, layout: str) -> dict[str, float]:
    """In a process of its own: one sheet from its submission to its file."""
    django.setup()
    use_database(database)

    from accounts.models import User
    from jobs.runner import run_job
    from qrtracking.services.label_sheets import create_label_sheet

    actor = User.objects.get(username="bench")
    before = _peak_kib()
    began = time.perf_counter()
    sheet = create_label_sheet(
        actor=actor, batch_id=batch_id, kind="unit", from_number=1, to_number=labels, layout=layout
    )
    while sheet.status in ("queued", "running"):
        sheet = run_job(sheet) or sheet
    seconds = time.perf_counter() - began
    if sheet.status != "completed":
        raise SystemExit(f"the sheet is {sheet.status}: {sheet.error_message}")
    peak = _peak_kib()
    sheet.file.delete(save=False)
    return {
        "seconds": seconds,
        "pages": sheet.page_count,
        "memory_mib": (peak - before) / 1024,
        "file_mib": (sheet.file_size or 0) / MIB,
    }


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def in_own_process(*arguments: Any) -> dict[str, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(draw, DATABASE, *arguments).result()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    batch = make_batch(options.large)
    vacuum("qr_codes", "qr_master_codes")
    small = [in_own_process(batch, options.labels, "a4_65") for _ in range(RUNS)]
    large = in_own_process(batch, options.large, "a4_65")
    one_up = in_own_process(batch, options.labels, "one_up")
    seconds = statistics.median(run["seconds"] for run in small)
    memory = statistics.median(run["memory_mib"] for run in small)
    return {
        "labels": options.labels,
        "seconds": round(seconds, 2),
        "labels_per_second": round(options.labels / seconds),
        "runs": [round(run["seconds"], 2) for run in small],
        "large_labels": options.large,
        "large_seconds": round(large["seconds"], 1),
        "large_file_mib": round(large["file_mib"], 1),
        "memory_mib": round(max(0.0, large["memory_mib"] - memory), 1),
        "one_up_seconds": round(one_up["seconds"], 2),
    }


def table(facts: dict[str, Any]) -> Iterator[str]:
    yield "| measure | goal | measured |"
    yield "|---|---|---|"
    for name, (what, goal) in GOALS.items():
        yield f"| {what} | ≤ {goal} | {facts[name]:,.2f} |"
    yield f"| labels a second | | {facts['labels_per_second']:,} |"
    yield f"| {facts['large_labels']:,} labels, s | | {facts['large_seconds']:,.1f} |"
    yield f"| their file, MiB | | {facts['large_file_mib']:,.1f} |"
    yield f"| 1,000 labels, one a page, s | | {facts['one_up_seconds']:,.2f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure label sheets.")
    parser.add_argument("--labels", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=20_000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    with own_database(DATABASE):
        facts = measure(options)
    facts["passed"] = {name: facts[name] <= goal for name, (_, goal) in GOALS.items()}
    record("qr_labels", facts, table(facts))
    return 0 if all(facts["passed"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
