"""The hot statements of the queue: what runs them, and the word by which the statement is known."""

from collections.abc import Callable, Iterator
from typing import Any

from bench.explaining import Question
from bench.inventory_pages import list_pages, shortened
from bench.inventory_site import Warehouse, body_of, phones, post
from bench.site import require

SLICE = 200
# Of each page the slowest statement that reads a table.
READS = "FROM"
# 10,000 rows of the pending.
SMALL_BATCH = "batch_3"


def list_questions(warehouse: Warehouse) -> Iterator[Question]:
    # What is written and taken back leaves pages that index-only scans must look into.
    yield from pages(warehouse)
    yield from slices(warehouse)
    yield from tending(warehouse)


def slices(warehouse: Warehouse) -> Iterator[Question]:
    words = {
        "claim of 200": "WITH due AS",
        "slice: lock": "that are still ours",
        "slice: new devices": "INSERT INTO item",
        "slice: write devices": "INSERT INTO imei_sku_info",
        "slice: tests and movements": "INSERT INTO device_test",
        "slice: states and log": "run_after = CASE",
        "slice: count in batches": "completion_no",
        "slice: second IMEIs": "Of these IMEIs, those that are the second",
    }
    for name, word in words.items():
        yield Question(name, lambda: work(warehouse), word)
    yield Question("slice: read devices", lambda: work_again(warehouse), "FOR UPDATE OF item")
    yield Question("claim of the next one", lambda: post(warehouse, "process-next"), "clean AS")
    yield Question("add: open a drain", lambda: add(warehouse), "INSERT INTO queue_drain")


def work(warehouse: Warehouse, limit: int = SLICE) -> None:
    from inventory.services.claims import ClaimKind
    from inventory.services.processing import process_slice

    process_slice(
        organization_id=warehouse.organization.pk,
        kind=ClaimKind.CLEAN,
        limit=limit,
        worker="bench",
    )


def add(warehouse: Warehouse, priority: int = 5) -> None:
    post(warehouse, "add", body_of(phones(1, SLICE), priority=priority))


def work_again(warehouse: Warehouse) -> None:
    """The same phones twice: the second time they are in stock."""
    for _ in range(2):
        step_back(warehouse)
        add(warehouse, priority=1)
        work(warehouse)


def step_back(warehouse: Warehouse) -> None:
    """What waits with this priority already steps back; it is taken back afterwards."""
    from inventory.models import QueueItem

    before = QueueItem.objects.due().filter(organization_id=warehouse.organization.pk, priority=1)
    before.update(priority=2)


def tending(warehouse: Warehouse) -> Iterator[Question]:
    from inventory.models import ItemStatus
    from inventory.services.cancelling import cancel_batch
    from inventory.services.claims import tend
    from inventory.services.clearing import archive
    from inventory.services.control import count_due
    from inventory.services.retrying import retry_failed

    mine = {"organization_id": warehouse.organization.pk}
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "drain: delayed rows": (lambda: tend(**mine), "enter the due index"),
        "drain: ended leases": (lambda: tend(**mine), "WITH lost AS"),
        "drain: whether more is due": (
            lambda: count_due(warehouse.organization.pk),
            "imei_data_queue",
        ),
        "retry of failed rows of a code": (
            lambda: retry_failed(**mine, error_code="imei_length"),
            "WITH chosen AS",
        ),
        "clear of 10,000 completed rows": (
            lambda: archive(
                warehouse.organization.pk, ItemStatus.COMPLETED, days=None, most=10_000
            ),
            "WITH chosen AS",
        ),
        "cancel of a batch": (
            lambda: cancel_batch(**mine, batch_id=SMALL_BATCH, actor=warehouse.actor),
            "WITH chosen AS",
        ),
    }
    for name, (act, word) in acts.items():
        yield Question(name, act, word)


def pages(warehouse: Warehouse) -> Iterator[Question]:
    for page in list_pages(warehouse):
        client = warehouse.admin if page.is_admin else warehouse.client

        def look(client: Any = client, path: str = page.path) -> None:
            require(client.get(path))

        name = (
            shortened(warehouse, page.path)
            .removeprefix("/api/hybrid-queue")
            .removeprefix("/api/v1/inventory")
        )
        name = f"v1 {name}" if page.group == "v1" else name
        yield Question(name.replace("/admin/inventory/", "admin /"), look, READS)
