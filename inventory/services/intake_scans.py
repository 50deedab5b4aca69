"""The intake page: a scanned phone is added and worked off while the person waits."""

import time
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from inventory.errors import (
    LastScanChanged,
    LocationInvalid,
    LocationUnknown,
    NothingToUndo,
    ScanChangedSince,
    ScanRefReused,
    ScanUnfinished,
)
from inventory.models import ItemStatus, Location, QueueItem
from inventory.rules.places import place_name
from inventory.rules.refusals import ItemRefused
from inventory.rules.scan_words import IntakeScan, ScanOutcome
from inventory.selectors.intake_places import may_be_place
from inventory.selectors.intake_scans import (
    SOURCE,
    ScansOf,
    find_item,
    find_last_taken,
    get_scan,
)
from inventory.services.adding import NewItem, add_items
from inventory.services.claims import tend
from inventory.services.next_item import process_item
from inventory.services.places import Place, find_places
from inventory.services.undoing import undo_batch

PRIORITY = 1
LONGEST_PLACE = 100
# A drain that was faster has the phone for some milliseconds.
LOOKS = 10
PAUSE_SECONDS = 0.02
TENDED = 100
_ENDED = {ItemStatus.COMPLETED, ItemStatus.FAILED}


def take_in(
    *,
    organization_id: UUID,
    actor: User,
    place: Location,
    text: str,
    client_ref: UUID,
    now: datetime,
) -> IntakeScan:
    """Add a scanned phone as a batch of its own and work it off, also while the queue is stopped.

    The same `client_ref` again has no effect and gives the same answer.
    Raises ItemNotStorable, ScanRefReused, and ScanUnfinished when the phone is stored but not
    worked off: the same call again goes on with it.
    """
    data = {"imei": text, "location": place.name, "warehouse": place.warehouse.name}
    item = find_item(organization_id=organization_id, client_ref=client_ref)
    if item is None:
        item = _add(organization_id, actor, data, client_ref, now)
    else:
        # It may wait for a time that has come.
        tend(organization_id=organization_id, limit=TENDED)
    if item.source != SOURCE or item.raw_data.get("imei") != text or item.batch_id is None:
        raise ScanRefReused
    _work_off(item)
    scan = get_scan(organization_id=organization_id, batch_id=item.batch_id)
    if scan is None or scan.outcome is ScanOutcome.WAITING:
        raise ScanUnfinished
    return scan


def _add(
    organization_id: UUID, actor: User, data: dict[str, str], client_ref: UUID, now: datetime
) -> QueueItem:
    # The same scan may come twice at once, and the other one be faster.
    with suppress(IntegrityError):
        add_items(
            organization_id=organization_id,
            actor=actor,
            items=[NewItem(data, client_ref=client_ref)],
            source=SOURCE,
            priority=PRIORITY,
            undoable=True,
            now=now,
        )
    item = find_item(organization_id=organization_id, client_ref=client_ref)
    if item is None:
        raise ScanUnfinished
    return item


def _work_off(item: QueueItem) -> None:
    """Work it off, or wait for the worker that was faster."""
    if item.status in _ENDED:
        return
    mine = QueueItem.objects.filter(pk=item.pk, status__in=_ENDED)
    for look in range(LOOKS):
        attempt = process_item(organization_id=item.organization_id, item_id=item.pk)
        if attempt.item is not None or mine.exists():
            return
        time.sleep(PAUSE_SECONDS * look)


@transaction.atomic
def undo_last(
    *, organization_id: UUID, actor: User, since: datetime, expected: str, now: datetime
) -> IntakeScan:
    """Take back the person's last scan; `expected` is the batch that the person has seen as that.

    Raises NothingToUndo, LastScanChanged, ScanChangedSince and the errors of `undo_batch`.
    """
    last = find_last_taken(ScansOf(organization_id, actor.pk, since))
    if last is None:
        raise NothingToUndo
    if last.batch_id != expected:
        raise LastScanChanged
    undone = undo_batch(
        organization_id=organization_id, batch_id=last.batch_id, actor=actor, now=now
    )
    if undone.left:
        raise ScanChangedSince
    scan = get_scan(organization_id=organization_id, batch_id=last.batch_id)
    if scan is None:
        raise NothingToUndo
    return scan


@transaction.atomic
def make_place(*, organization_id: UUID, name: Any, warehouse: Any = None) -> Location:
    """The place of this name, made when there is none.

    Raises LocationInvalid, and LocationUnknown where places are not made on the way.
    """
    wanted = Place(_name_of(warehouse) if warehouse else None, _name_of(name))
    try:
        found = find_places(organization_id=organization_id, wanted=[wanted])
        place: Location = Location.objects.select_related("warehouse").get(pk=found.id_of(wanted))
    except ItemRefused as refusal:
        raise LocationUnknown(refusal.message) from None
    return place


def may_make_places() -> bool:
    return bool(settings.QUEUE_AUTO_CREATE_LOCATIONS)


def _name_of(value: Any) -> str:
    name = place_name(value) if isinstance(value, str) and value.isprintable() else ""
    if not name or len(name) > LONGEST_PLACE or not may_be_place(name):
        raise LocationInvalid
    return name
