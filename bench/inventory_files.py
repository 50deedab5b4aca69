"""A file of phones: read into rows and judged by its job, then queued as one batch."""

import csv
import io
import time
from typing import Any

from bench.inventory_site import BAD_ONE_IN, Warehouse, empty_queue, mixed_phones


def measure_file(warehouse: Warehouse, rows: int) -> dict[str, Any]:
    """Half of its phones are in stock already."""
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from inventory.services.importing import create_import, queue_import
    from jobs.runner import run_job

    content = ContentFile(as_csv(rows))
    started = time.perf_counter()
    found: Any = create_import(
        organization_id=warehouse.organization.pk,
        actor=warehouse.actor,
        file=content,
        file_name="phones.csv",
        now=timezone.now(),
    )
    while found.status in {"uploaded", "reading"}:
        found = run_job(found)
    staged = time.perf_counter() - started
    if found.status != "ready" or found.counts["invalid"] != rows // BAD_ONE_IN:
        raise SystemExit(f"{found.status}: {found.counts} {found.error_message}")
    started = time.perf_counter()
    added = queue_import(queue_import=found, actor=warehouse.actor, now=timezone.now())
    queued = time.perf_counter() - started
    empty_queue()
    found.file.delete(save=False)
    return {
        "file_mb": content.size / 1e6,
        "file_dry_run_seconds": staged,
        "file_queue_seconds": queued,
        "file_queued": added.added,
    }


def as_csv(rows: int) -> bytes:
    text = io.StringIO()
    phones = mixed_phones(rows)
    first = next(phones)
    writer = csv.DictWriter(text, list(first))
    writer.writeheader()
    writer.writerow(first)
    writer.writerows(phones)
    return text.getvalue().encode()
