"""What people do to a device by hand: move it, take it out of stock, bring it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from inventory.errors import (
    DeviceAlreadyActive,
    DeviceAlreadyRemoved,
    DeviceAlreadyThere,
    DeviceNotFound,
    LocationInvalid,
    LocationUnknown,
    ReasonRequired,
)
from inventory.models import (
    Device,
    DeviceStatus,
    Movement,
    MovementReason,
    StockEntry,
    StockStatus,
)
from inventory.rules.merge import PLACE
from inventory.rules.refusals import ItemRefused
from inventory.selectors.devices import find_device
from inventory.services.places import Place, find_places

LONGEST_PLACE, LONGEST_NOTE = 100, 500


@transaction.atomic
def move_device(
    *,
    organization_id: UUID,
    actor: User | None,
    imei: str,
    location: Any,
    warehouse: Any = None,
    note: Any = None,
    now: datetime,
) -> Movement:
    """Put a device of the stock to another place. Raises DeviceNotFound, DeviceAlreadyRemoved,
    DeviceAlreadyThere, LocationInvalid, LocationUnknown.
    """
    place = Place(read_place(warehouse) if warehouse else None, read_place(location))
    try:
        # Places are locked before devices, as everywhere.
        to_id = find_places(organization_id=organization_id, wanted=[place]).id_of(place)
    except ItemRefused as refusal:
        raise LocationUnknown(refusal.message) from None
    device, stock = _lock(organization_id, imei)
    if device.status == DeviceStatus.REMOVED:
        raise DeviceAlreadyRemoved
    if stock.location_id == to_id:
        raise DeviceAlreadyThere
    device.assumed = [name for name in device.assumed if name != PLACE]
    return _write(device, stock, actor, now, MovementReason.MOVE, to_id=to_id, note=read_note(note))


@transaction.atomic
def remove_device(
    *, organization_id: UUID, actor: User | None, imei: str, reason: Any, now: datetime
) -> Movement:
    """Take a device out of stock: sold, lost, scrapped. Raises DeviceNotFound,
    DeviceAlreadyRemoved, ReasonRequired.
    """
    text = read_note(reason)
    if not text:
        raise ReasonRequired
    device, stock = _lock(organization_id, imei)
    if device.status == DeviceStatus.REMOVED:
        raise DeviceAlreadyRemoved
    device.status = DeviceStatus.REMOVED
    return _write(device, stock, actor, now, MovementReason.REMOVE, to_id=None, note=text)


@transaction.atomic
def restore_device(
    *, organization_id: UUID, actor: User | None, imei: str, note: Any = None, now: datetime
) -> Movement:
    """Bring a removed device back to the place where it was. Raises DeviceNotFound,
    DeviceAlreadyActive.
    """
    device, stock = _lock(organization_id, imei)
    if device.status == DeviceStatus.ACTIVE:
        raise DeviceAlreadyActive
    device.status = DeviceStatus.ACTIVE
    reason = MovementReason.RETURN
    return _write(device, stock, actor, now, reason, to_id=stock.location_id, note=read_note(note))


def _lock(organization_id: UUID, imei: Any) -> tuple[Device, StockEntry]:
    found = find_device(organization_id, imei)
    device = Device.objects.select_for_update().filter(pk=found.pk).first()
    stock = StockEntry.objects.filter(item_id=found.pk).first()
    if device is None or stock is None:
        raise DeviceNotFound
    return device, stock


def _write(
    device: Device,
    stock: StockEntry,
    actor: User | None,
    now: datetime,
    reason: MovementReason,
    *,
    to_id: int | None,
    note: str,
) -> Movement:
    Device.objects.filter(pk=device.pk).update(
        status=device.status, assumed=device.assumed, manual_changed_at=now, updated_at=now
    )
    is_removed = device.status == DeviceStatus.REMOVED
    StockEntry.objects.filter(pk=stock.pk).update(
        location_id=to_id or stock.location_id,
        status=StockStatus.REMOVED if is_removed else StockStatus.IN_STOCK,
        updated_at=now,
    )
    movement: Movement = Movement.objects.create(
        organization_id=device.organization_id,
        item_id=device.pk,
        imei=device.imei,
        from_location_id=None if reason is MovementReason.RETURN else stock.location_id,
        to_location_id=to_id,
        reason=reason,
        moved_by=actor,
        note=note,
    )
    return movement


def read_place(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not _is_plain(value):
        raise LocationInvalid
    text = value.strip()
    if len(text) > LONGEST_PLACE:
        raise LocationInvalid
    return text


def read_note(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_NOTE or not _is_plain(value):
        raise ReasonRequired
    return value.strip()


def _is_plain(text: str) -> bool:
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)
