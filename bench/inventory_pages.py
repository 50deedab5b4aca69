"""What programs and people look at, by groups of one bound; and how long each takes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.inventory_fill import LARGE_BATCH, RARE_SOURCE
from bench.inventory_site import Spread, Warehouse, time_runs

READS = 15
QUEUE, V1, ADMIN = "/api/hybrid-queue", "/api/v1/inventory", "/admin/inventory"


class Page(NamedTuple):
    group: str
    path: str

    @property
    def is_admin(self) -> bool:
        return self.path.startswith("/admin/")


def list_pages(warehouse: Warehouse) -> Iterator[Page]:
    for path in queue_paths():
        yield Page("queue", f"{QUEUE}/{path}")
    for source in ("bulk-add", RARE_SOURCE, "nobody"):
        yield Page("source", f"{QUEUE}/items?source={source}")
    yield Page("source", f"{QUEUE}/items?batchId={LARGE_BATCH}&status=pending&source=scan")
    for path in v1_paths(warehouse):
        yield Page("v1", f"{V1}/{path}")
    for path in admin_paths(warehouse):
        yield Page("admin", f"{ADMIN}/{path}")
    for path in (f"{V1}/stock", f"{V1}/stock?by=location", f"{ADMIN}/stockentry/"):
        yield Page("sums", path)


def queue_paths() -> Iterator[str]:
    yield from ("stats", "status", f"batch/{LARGE_BATCH}", "items", "items?offset=10000")
    for status in ("pending", "processing", "completed", "failed"):
        yield f"items?status={status}"
    yield f"items?batchId={LARGE_BATCH}"
    yield f"items?imei={imei_in_stock()}"


def imei_in_stock() -> str:
    """Of a device in the middle of a type; its item has been completed."""
    from inventory.models import Device

    imei: str = Device.objects.order_by("id").values_list("imei", flat=True)[5_000]
    return imei


def v1_paths(warehouse: Warehouse) -> Iterator[str]:
    imei = imei_in_stock()
    yield from ("devices", f"devices/{imei}", f"devices?search={imei}")
    yield f"devices?search={imei[-6:]}"
    yield from ("devices?search=SN00000", "devices?search=IPHONE7", "devices?sku=IPHONE7-128-BLU")
    yield from ("devices?location=Shelf 7", "devices?brand=Apple&model=iPhone 7")
    yield from ("devices?result=FAILED", "devices?status=removed", "devices?result=PENDING")
    yield from ("batches", "batches?source=scan", "batches?status=active", "movements")
    yield f"movements?imei={imei}"
    yield from ("locations", "items", "items?status=failed", "analytics?hours=24")


def admin_paths(warehouse: Warehouse) -> Iterator[str]:
    from inventory.models import Device, QueueBatch, QueueItem

    item = QueueItem.objects.filter(status="failed").order_by("id")[0]
    batch = QueueBatch.objects.get(batch_id=LARGE_BATCH)
    device = Device.objects.order_by("id")[5_000]
    place = device.stock.location_id
    items = (
        "status=all", "status=pending", "status=completed", "status=failed",
        "status=failed&error_code=imei_length", "status=pending&source=scan", "source=nobody",
        f"batch={LARGE_BATCH}", "delayed=yes", f"q={item.imei_norm}", f"q={item.pk}",
    )  # fmt: skip
    devices = (
        "", "working=NO", "status=removed", "luhn_invalid=yes", "assumed=yes", "tac_mismatch=yes",
        "suggested=yes", f"stock__location__id__exact={place}", f"q={device.imei}",
        f"q={device.imei[-6:]}", "q=IPHONE7", "q=SN00000",
    )  # fmt: skip
    mine = f"organization__id__exact={warehouse.organization.pk}"
    yield from (f"queueitem/?{mine}&{query}" for query in items)
    yield f"queueitem/{item.pk}/change/"
    yield from (f"queuebatch/?{query}" for query in ("", "source=scan", "status=active"))
    yield f"queuebatch/{batch.pk}/change/"
    yield from (f"device/?{mine}&{query}" for query in devices)
    yield f"device/{device.pk}/change/"
    yield from (f"queuearchive/?{mine}", f"queuearchive/?{mine}&q=370000010000001")
    yield f"queuecontrol/?{mine}"


def measure_pages(warehouse: Warehouse) -> dict[str, Any]:
    """Whole requests in this process, without the network."""
    found = {page: time_page(warehouse, page) for page in list_pages(warehouse)}
    facts: dict[str, Any] = {
        f"{group}_slowest_ms": max(
            spread.median for page, spread in found.items() if page.group == group
        )
        for group in dict.fromkeys(page.group for page in found)
    }
    return facts | {
        "pages": [
            {"path": shortened(warehouse, page.path), "group": page.group, **spread._asdict()}
            for page, spread in found.items()
        ]
    }


def shortened(warehouse: Warehouse, path: str) -> str:
    """Without the organization, that the admin wants to be told."""
    return (
        path.replace(f"organization__id__exact={warehouse.organization.pk}", "")
        .replace("?&", "?")
        .removesuffix("?")
    )


def time_page(warehouse: Warehouse, page: Page) -> Spread:
    client = warehouse.admin if page.is_admin else warehouse.client

    def read() -> None:
        answer = client.get(page.path)
        if answer.status_code != 200:
            raise SystemExit(
                f"{page.path}: HTTP {answer.status_code} {answer.headers.get('Location', '')} {answer.content[:300]!r}"
            )

    return time_runs(read, READS)
