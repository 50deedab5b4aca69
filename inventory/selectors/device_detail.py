"""Everything that is known of one device."""

from dataclasses import dataclass

from inventory.models import Device, DeviceTest, Movement, QueueArchive, QueueItem, TacModel
from inventory.rules.imei import check_digit
from inventory.selectors.devices import TAC_DIGITS, with_parts

SHOWN = 50


@dataclass(frozen=True)
class DeviceDetail:
    """The newest first, at most SHOWN of each."""

    # With its parts.
    device: Device
    tests: list[DeviceTest]
    movements: list[Movement]
    items: list[QueueItem]
    archived: list[QueueArchive]
    # What other devices of its type are, and whether this one says otherwise.
    tac: TacModel | None
    differs_from_tac: bool
    # Devices that name this IMEI as their second one; the device whose IMEI is this one's second.
    second_of: list[Device]
    second: Device | None

    @property
    def expected_digit(self) -> str | None:
        """The right check digit, where the IMEI has another."""
        imei = self.device.imei
        return None if self.device.luhn_valid else check_digit(imei[:-1])


def get_device_detail(device: Device) -> DeviceDetail:
    """Of a device that the caller may see."""
    mine = {"organization_id": device.organization_id}
    device = with_parts(Device.objects.filter(**mine)).get(pk=device.pk)
    places = ("from_location", "to_location", "moved_by")
    tests = DeviceTest.objects.filter(item_id=device.pk).order_by("-tested_at", "-id")
    moves = Movement.objects.filter(item_id=device.pk).select_related(*places).order_by("-id")
    items = QueueItem.objects.filter(**mine, imei_norm=device.imei).defer("raw_data")
    archived = QueueArchive.objects.filter(**mine, imei=device.imei).defer("raw_data")
    tac = TacModel.objects.filter(**mine, tac=device.imei[:TAC_DIGITS]).first()
    return DeviceDetail(
        device=device,
        tests=list(tests[:SHOWN]),
        movements=list(moves[:SHOWN]),
        items=list(items.order_by("-id")[:SHOWN]),
        archived=list(archived.order_by("-id")[:SHOWN]),
        tac=tac,
        differs_from_tac=tac is not None and _differs(device, tac),
        second_of=_list_seconds(device),
        second=_find_second(device),
    )


def _differs(device: Device, tac: TacModel) -> bool:
    is_known = "model" not in device.assumed
    return is_known and device.skuinfo.model.casefold() != tac.model.casefold()


def _list_seconds(device: Device) -> list[Device]:
    others = Device.objects.filter(
        organization_id=device.organization_id, unitinfo__imei2=device.imei
    )
    return list(others.exclude(pk=device.pk).order_by("pk")[:SHOWN])


def _find_second(device: Device) -> Device | None:
    if device.unitinfo.imei2 is None:
        return None
    others = Device.objects.filter(
        organization_id=device.organization_id, imei=device.unitinfo.imei2
    )
    found: Device | None = others.exclude(pk=device.pk).first()
    return found
