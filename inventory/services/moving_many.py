"""Many devices moved, removed or restored in few statements; each leaves the trace of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from inventory import statements
from inventory.errors import LocationUnknown, ReasonRequired
from inventory.models import DeviceStatus, MovementReason
from inventory.rules.refusals import ItemRefused
from inventory.services.moving import read_note, read_place
from inventory.services.places import Place, find_places

CHUNK = 5_000


def move_devices(
    *,
    organization_id: UUID,
    actor: User | None,
    ids: Sequence[int],
    location: Any,
    warehouse: Any = None,
    note: Any = None,
    now: datetime,
) -> int:
    """Those in stock and elsewhere; returns how many. Raises LocationInvalid, LocationUnknown."""
    place = Place(read_place(warehouse) if warehouse else None, read_place(location))
    try:
        with transaction.atomic():
            place_id = find_places(organization_id=organization_id, wanted=[place]).id_of(place)
    except ItemRefused as refusal:
        raise LocationUnknown(refusal.message) from None
    change = {
        "was": DeviceStatus.ACTIVE.value,
        "becomes": DeviceStatus.ACTIVE.value,
        "reason": MovementReason.MOVE.value,
        "place": place_id,
        "note": read_note(note),
    }
    return _change(organization_id, ids, actor, now, change)


def remove_devices(
    *,
    organization_id: UUID,
    actor: User | None,
    ids: Sequence[int],
    reason: Any,
    now: datetime,
) -> int:
    """Those in stock; returns how many. Raises ReasonRequired."""
    text = read_note(reason)
    if not text:
        raise ReasonRequired
    change = {
        "was": DeviceStatus.ACTIVE.value,
        "becomes": DeviceStatus.REMOVED.value,
        "reason": MovementReason.REMOVE.value,
        "place": None,
        "note": text,
    }
    return _change(organization_id, ids, actor, now, change)


def restore_devices(
    *,
    organization_id: UUID,
    actor: User | None,
    ids: Sequence[int],
    note: Any = None,
    now: datetime,
) -> int:
    """Those that were removed; returns how many."""
    change = {
        "was": DeviceStatus.REMOVED.value,
        "becomes": DeviceStatus.ACTIVE.value,
        "reason": MovementReason.RETURN.value,
        "place": None,
        "note": read_note(note),
    }
    return _change(organization_id, ids, actor, now, change)


def _change(
    organization_id: UUID,
    ids: Sequence[int],
    actor: User | None,
    now: datetime,
    change: dict[str, Any],
) -> int:
    """Piece by piece, each in a transaction: nobody waits for all of them."""
    common = {"organization": organization_id, "actor": actor and actor.pk, "now": now, **change}
    changed = 0
    for start in range(0, len(ids), CHUNK):
        part = list(ids[start : start + CHUNK])
        with transaction.atomic():
            changed += statements.execute("change_stock", {**common, "ids": part})
    return changed
