"""Lists of queue items: each page is read from an index, whatever it filters."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from inventory.errors import AfterInvalid, ItemNotFound, LimitInvalid, OffsetInvalid
from inventory.models import (
    Device,
    Inspection,
    ItemStatus,
    ProcessingLog,
    QueueArchive,
    QueueItem,
    SkuInfo,
    StockEntry,
)
from inventory.rules.imei import read_imei
from inventory.rules.refusals import ItemRefused
from inventory.selectors.queue import get_counts

DEFAULT_LIMIT, MOST = 100, 1_000
FURTHEST = 10_000
COUNTED = 10_000
LOG_SHOWN = 200
BIGGEST_ID = 2**63 - 1
_SORT = ("priority", "created_at", "id")
_LONGEST_AFTER = 200


@dataclass(frozen=True)
class ItemFilter:
    """Texts as they were asked for; None or empty: not asked."""

    status: str | None = None
    batch_id: str | None = None
    source: str | None = None
    imei: str | None = None
    # Of failed items, unless another status is asked for.
    error_code: str | None = None

    @property
    def is_only_status(self) -> bool:
        return not (self.batch_id or self.source or self.imei or self.error_code)


@dataclass(frozen=True)
class ItemPage:
    items: list[QueueItem]
    total: int
    # There are more than `total`.
    is_capped: bool
    # For `after`, when more rows follow.
    next_after: str | None


@dataclass(frozen=True)
class DeviceSummary:
    imei: str
    name: str
    brand: str
    model: str
    sku: str | None
    location: str
    working_status: str


@dataclass(frozen=True)
class ItemDetail:
    """Either `item` or `archived` is there."""

    item: QueueItem | None
    archived: QueueArchive | None
    device: DeviceSummary | None
    # Ascending, the newest 200.
    log: list[ProcessingLog]


def read_limit(value: Any) -> int:
    """From 1; above 1,000 it means 1,000. Raises LimitInvalid."""
    if value is None or value == "":
        return DEFAULT_LIMIT
    number = _whole(value)
    if number is None or number < 1:
        raise LimitInvalid
    return min(number, MOST)


def read_offset(value: Any) -> int:
    """From 0 to 10,000. Raises OffsetInvalid."""
    if value is None or value == "":
        return 0
    number = _whole(value)
    if number is None or number > FURTHEST:
        raise OffsetInvalid
    return number


def _whole(value: Any) -> int | None:
    text = str(value)
    return int(text[:12]) if text.isascii() and text.isdigit() else None


def list_items(
    organization_id: UUID,
    wanted: ItemFilter,
    *,
    limit: int = DEFAULT_LIMIT,
    offset: int = 0,
    after: str | None = None,
) -> ItemPage:
    """A page in queue order: priority, time, id. `limit` and `offset` come from the readers above.

    Raises AfterInvalid.
    """
    position = read_after(after) if after else None
    if wanted.error_code and not wanted.status:
        wanted = replace(wanted, status=ItemStatus.FAILED.value)
    rows = _filter(organization_id, wanted)
    if rows is None:
        return ItemPage([], 0, is_capped=False, next_after=None)
    keys = _read_keys(rows, wanted.status, position, limit + 1, offset)
    shown = [pk for pk, *_ in keys[:limit]]
    has_more = len(keys) > limit
    is_whole = not has_more and position is None and (bool(keys) or not offset)
    seen = offset + len(keys) if is_whole else None
    total, is_capped = _count(organization_id, wanted, rows, seen)
    return ItemPage(
        items=_read_rows(shown),
        total=total,
        is_capped=is_capped,
        next_after=_as_after(keys[limit - 1]) if has_more else None,
    )


def _filter(organization_id: UUID, wanted: ItemFilter) -> "QuerySet[QueueItem] | None":
    """None when nothing can fit."""
    asked = (wanted.status, wanted.batch_id, wanted.source, wanted.imei, wanted.error_code)
    if any(text is not None and not _is_plain(text) for text in asked):
        return None
    if wanted.status and wanted.status not in ItemStatus.values:
        return None
    rows: QuerySet[QueueItem] = QueueItem.objects.filter(organization_id=organization_id)
    if wanted.batch_id:
        rows = rows.filter(batch_id=wanted.batch_id)
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.error_code:
        rows = rows.filter(error_code=wanted.error_code)
    if wanted.imei:
        try:
            rows = rows.filter(imei_norm=read_imei(wanted.imei).imei)
        except ItemRefused:
            return None
    return rows


def _is_plain(text: str) -> bool:
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def _read_keys(
    rows: "QuerySet[QueueItem]",
    status: str | None,
    position: tuple[int, datetime, int] | None,
    limit: int,
    offset: int,
) -> list[tuple[int, int, datetime]]:
    """(id, priority, created_at). Each status is read from its part of the index, then merged."""
    if position is not None:
        columns = (F("priority"), F("created_at"), F("id"))
        rows = rows.filter(TupleGreaterThan(columns, position))
    most = limit + offset
    parts = [
        rows.filter(status=one).order_by(*_SORT).values_list("id", "priority", "created_at")[:most]
        for one in ([status] if status else ItemStatus.values)
    ]
    if len(parts) == 1:
        return list(parts[0][offset:most])
    merged = reduce(lambda left, right: left.union(right, all=True), parts)
    return list(merged.order_by(*_SORT)[offset:most])


def _read_rows(ids: Sequence[int]) -> list[QueueItem]:
    by_id = QueueItem.objects.in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]


def _count(
    organization_id: UUID,
    wanted: ItemFilter,
    rows: "QuerySet[QueueItem]",
    seen: int | None,
) -> tuple[int, bool]:
    """How many rows fit; `seen` of them where the page has shown the last one."""
    if wanted.is_only_status:
        counts = get_counts(organization_id)
        return (counts[wanted.status] if wanted.status else sum(counts.values())), False
    if seen is None:
        if wanted.status:
            rows = rows.filter(status=wanted.status)
        seen = rows.values("pk")[: COUNTED + 1].count()
    return min(seen, COUNTED), seen > COUNTED


def _as_after(key: tuple[int, int, datetime]) -> str:
    pk, priority, created_at = key
    text = f"{priority} {created_at.isoformat()} {pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_after(text: str) -> tuple[int, datetime, int]:
    """(priority, created_at, id) of the last row of a page. Raises AfterInvalid."""
    try:
        padded = text[:_LONGEST_AFTER] + "=" * (-len(text) % 4)
        priority, moment, pk = base64.b64decode(padded, altchars=b"-_", validate=True).split(b" ")
        created_at = datetime.fromisoformat(moment.decode())
        position = int(priority), created_at, int(pk)
    except (ValueError, binascii.Error):
        raise AfterInvalid from None
    if created_at.tzinfo is None or not 0 <= position[0] <= 99 or not 0 <= position[2] < BIGGEST_ID:
        raise AfterInvalid
    return position


def get_item(organization_id: UUID, item_id: int) -> ItemDetail:
    """An item with its log, from the queue or the archive. Raises ItemNotFound."""
    if not 0 < item_id <= BIGGEST_ID:
        raise ItemNotFound
    item = QueueItem.objects.filter(organization_id=organization_id, pk=item_id).first()
    archived = None
    if item is None:
        past = QueueArchive.objects.filter(organization_id=organization_id, queue_id=item_id)
        archived = past.order_by("-id").first()
        if archived is None:
            raise ItemNotFound
    imei = item.imei_norm if item is not None else archived.imei if archived is not None else None
    return ItemDetail(
        item, archived, _summarise(organization_id, imei), list_log(organization_id, item_id)
    )


def list_log(organization_id: UUID, item_id: int) -> list[ProcessingLog]:
    """Ascending, the newest 200; an archived item keeps its log."""
    lines = ProcessingLog.objects.filter(organization_id=organization_id, queue_item_id=item_id)
    return list(reversed(lines.order_by("-id")[:LOG_SHOWN]))


def _summarise(organization_id: UUID, imei: str | None) -> DeviceSummary | None:
    device = Device.objects.filter(organization_id=organization_id, imei=imei).first()
    if imei is None or device is None:
        return None
    what = SkuInfo.objects.filter(pk=device.pk).first()
    inspected = Inspection.objects.filter(pk=device.pk).first()
    stock = StockEntry.objects.filter(item_id=device.pk).select_related("location").first()
    return DeviceSummary(
        imei=device.imei,
        name=device.name,
        brand=what.brand if what else "",
        model=what.model if what else "",
        sku=device.sku,
        location=stock.location.name if stock else "",
        working_status=inspected.working_status if inspected else "",
    )
