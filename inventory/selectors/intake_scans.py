"""The scans of a person at the intake page: the last ones, and how many phones they were."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from inventory import statements
from inventory.models import QueueBatch, QueueItem
from inventory.rules.scan_words import IntakeScan, Spot

SOURCE = "scan"
SHOWN = 20


@dataclass(frozen=True)
class ScansOf:
    """Whose scans, and since when."""

    organization_id: UUID
    user_id: UUID
    since: datetime


@dataclass(frozen=True)
class PlaceTotal:
    place: Spot
    phones: int
    new: int
    moved: int

    @property
    def updated(self) -> int:
        return self.phones - self.new - self.moved


@dataclass(frozen=True)
class IntakeCount:
    """The phones of one count, each at the place where it was scanned last."""

    places: tuple[PlaceTotal, ...]

    @property
    def phones(self) -> int:
        return sum(total.phones for total in self.places)

    @property
    def new(self) -> int:
        return sum(total.new for total in self.places)

    @property
    def moved(self) -> int:
        return sum(total.moved for total in self.places)

    @property
    def updated(self) -> int:
        return sum(total.updated for total in self.places)


def list_scans(whose: ScansOf, *, limit: int = SHOWN) -> list[IntakeScan]:
    """The newest first, with those that were refused or taken back."""
    batches = list(_list_batches(whose).values_list("batch_id", flat=True)[:limit])
    return _read(whose.organization_id, batches)


def get_scan(*, organization_id: UUID, batch_id: str) -> IntakeScan | None:
    return next(iter(_read(organization_id, [batch_id])), None)


def find_item(*, organization_id: UUID, client_ref: UUID) -> QueueItem | None:
    """The scan that a client has sent under this reference."""
    rows = QueueItem.objects.filter(organization_id=organization_id, client_ref=client_ref)
    item: QueueItem | None = rows.first()
    return item


def find_scan(*, organization_id: UUID, client_ref: UUID) -> IntakeScan | None:
    item = find_item(organization_id=organization_id, client_ref=client_ref)
    if item is None or item.batch_id is None or item.source != SOURCE:
        return None
    return get_scan(organization_id=organization_id, batch_id=item.batch_id)


def find_last_taken(whose: ScansOf) -> QueueBatch | None:
    """The batch of the last scan that took a phone in and was not taken back."""
    return _list_batches(whose).filter(undone_at=None, processed_items__gt=0).first()


def count_phones(whose: ScansOf) -> int:
    (phones,) = statements.fetch_one("intake_phones", _parameters(whose))
    return int(phones)


def get_totals(whose: ScansOf) -> IntakeCount:
    rows = statements.fetch_all("intake_totals", _parameters(whose))
    return IntakeCount(
        tuple(
            PlaceTotal(Spot(name or "", warehouse or ""), phones, new, moved)
            for name, warehouse, phones, new, moved in rows
        )
    )


def count_refused(whose: ScansOf) -> int:
    return int(_list_batches(whose).filter(failed_items__gt=0).count())


def _parameters(whose: ScansOf) -> dict[str, Any]:
    return {"organization": whose.organization_id, "user": whose.user_id, "since": whose.since}


def _list_batches(whose: ScansOf) -> "QuerySet[QueueBatch]":
    """Each scan is a batch of its own, so that it can be taken back alone."""
    batches: QuerySet[QueueBatch] = QueueBatch.objects.filter(
        organization_id=whose.organization_id,
        created_at__gte=whose.since,
        created_by_id=whose.user_id,
        source=SOURCE,
    )
    return batches.order_by("-created_at", "-id")


def _read(organization_id: UUID, batch_ids: Sequence[str]) -> list[IntakeScan]:
    if not batch_ids:
        return []
    rows = statements.fetch_all(
        "intake_scans", {"organization": organization_id, "batches": list(batch_ids)}
    )
    return [_scan(row) for row in rows]


def _scan(row: Sequence[Any]) -> IntakeScan:
    batch_id, at, is_undone, status, error, data, imei, warnings, is_new, reason = row[:10]
    is_moved = reason in {"move", "return"}
    return IntakeScan(
        batch_id=batch_id,
        at=at,
        status=status,
        error=error or "",
        data=json.loads(data),
        imei=imei,
        notes=tuple(warning["message"] for warning in json.loads(warnings)),
        is_new=bool(is_new),
        is_undone=is_undone,
        origin=Spot(row[10] or "", row[11] or "") if is_moved else None,
        target=Spot(row[12] or "", row[13] or "") if is_moved else None,
        earlier_at=row[14],
        device_name=row[15],
    )
