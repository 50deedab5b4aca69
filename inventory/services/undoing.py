"""Undo of a batch: devices that it made go, devices that it changed are as they were before."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import User
from inventory import statements
from inventory.errors import BatchActive, BatchClosed, BatchNotFound, BatchNotUndoable
from inventory.models import Device, Movement, MovementReason, QueueBatch
from inventory.services.devices import device_of_image, read_devices, rewrite_devices

CHUNK = 1_000
LISTED = 1_000


@dataclass(frozen=True)
class Undone:
    """What an undo does, or would do. `changed_since` lists the first IMEIs of those left alone."""

    deleted: int
    restored: int
    left: int
    changed_since: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    imei: str
    is_created: bool
    before: dict[str, Any] | None
    device_id: int | None
    is_untouched: bool


def preview_undo(*, organization_id: UUID, batch_id: str, now: datetime) -> Undone:
    """What `undo_batch` would do. Raises the same errors."""
    batch = _find(organization_id, batch_id, now)
    parts = [part for chunk in _read(batch) for part in chunk]
    return _sum_up(parts)


@transaction.atomic
def undo_batch(
    *, organization_id: UUID, batch_id: str, actor: User | None, now: datetime
) -> Undone:
    """Undo a batch, all of it or nothing; devices that were changed since are left alone.

    Raises BatchNotFound, BatchNotUndoable, BatchClosed (undone already), BatchActive.
    """
    batch = _find(organization_id, batch_id, now)
    parts = list(_undo_all(batch, actor))
    # Guards against items that were added or queued again meanwhile.
    ended = QueueBatch.objects.filter(
        pk=batch.pk, undone_at=None, total_items=F("processed_items") + F("failed_items")
    )
    if not ended.update(undone_at=now, updated_at=now):
        raise BatchActive
    return _sum_up(parts)


def _find(organization_id: UUID, batch_id: str, now: datetime) -> QueueBatch:
    batch: QueueBatch | None = QueueBatch.objects.filter(
        organization_id=organization_id, batch_id=batch_id
    ).first()
    if batch is None:
        raise BatchNotFound
    if batch.undone_at is not None:
        raise BatchClosed
    if not batch.undoable:
        raise BatchNotUndoable
    if batch.created_at < now - timedelta(days=settings.QUEUE_UNDO_DAYS):
        raise BatchNotUndoable(f"A batch can be undone for {settings.QUEUE_UNDO_DAYS} days")
    if batch.processed_items + batch.failed_items < batch.total_items:
        raise BatchActive
    return batch


def _read(batch: QueueBatch) -> Iterator[list[_Part]]:
    after = ""
    while parts := _read_some(batch, after):
        yield parts
        after = parts[-1].imei


def _read_some(batch: QueueBatch, after: str) -> list[_Part]:
    rows = statements.fetch_all(
        "undo_states",
        {
            "organization": batch.organization_id,
            "batch": batch.batch_id,
            "after": after,
            "limit": CHUNK,
        },
    )
    return [
        _Part(imei, created, before and json.loads(before), device_id, untouched)
        for imei, created, before, device_id, untouched in rows
    ]


def _undo_all(batch: QueueBatch, actor: User | None) -> Iterator[_Part]:
    after = ""
    while seen := _read_some(batch, after):
        imeis = [part.imei for part in seen if part.is_untouched]
        locked = read_devices(imeis, organization_id=batch.organization_id)
        # Judged again: they may have changed between the look and the lock.
        parts = [part for part in _read_some(batch, after) if part.imei in locked]
        yield from _undo_some(batch, parts, locked, actor)
        yield from (part for part in seen if part.imei not in locked)
        after = seen[-1].imei


def _undo_some(
    batch: QueueBatch, parts: list[_Part], locked: Mapping[str, Any], actor: User | None
) -> list[_Part]:
    chosen = [part for part in parts if part.is_untouched]
    _restore(batch, [part for part in chosen if not part.is_created], locked, actor)
    statements.execute(
        "undo_traces",
        {
            "organization": batch.organization_id,
            "batch": batch.batch_id,
            "imeis": [part.imei for part in chosen],
        },
    )
    made = [part.device_id for part in chosen if part.is_created and part.device_id is not None]
    devices = Device.objects.filter(pk__in=made)
    # The database takes everything that hangs on them.
    devices._raw_delete(devices.db)
    return parts


def _restore(
    batch: QueueBatch, parts: list[_Part], locked: Mapping[str, Any], actor: User | None
) -> None:
    devices = {
        part.device_id: device_of_image(part.imei, part.before)
        for part in parts
        if part.device_id is not None and part.before is not None
    }
    if not devices:
        return
    Movement.objects.bulk_create(
        Movement(
            organization_id=batch.organization_id,
            item_id=pk,
            imei=stored.state.imei,
            from_location_id=locked[stored.state.imei][1].location_id,
            to_location_id=stored.location_id,
            reason=MovementReason.UNDO,
            moved_by=actor,
            note=f"Batch {batch.batch_id}",
        )
        for pk, stored in sorted(devices.items())
    )
    rewrite_devices(devices, organization_id=batch.organization_id)


def _sum_up(parts: list[_Part]) -> Undone:
    done = [part for part in parts if part.is_untouched]
    left = [part.imei for part in parts if not part.is_untouched]
    return Undone(
        deleted=sum(part.is_created for part in done),
        restored=sum(not part.is_created for part in done),
        left=len(left),
        changed_since=tuple(left[:LISTED]),
    )
