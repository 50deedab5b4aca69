"""What staff may do to devices. The services decide; a refused device costs no other."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from inventory.errors import LocationUnknown
from inventory.forms.devices import AcceptForm, ExportForm, MoveForm, RemoveForm, RestoreForm
from inventory.models import Device, DeviceStatus
from inventory.selectors.places import is_known_place
from inventory.services.learning import accept_suggestion
from inventory.services.moving import move_device, remove_device, restore_device
from inventory.services.moving_many import move_devices, remove_devices, restore_devices
from jobs.admin_base import Verb

# One press: some seconds of statements over many devices; models are accepted one by one.
TOGETHER, ONE_BY_ONE = 50_000, 500


def _who_and_what(device, actor) -> dict:
    return {
        "organization_id": device.organization_id,
        "actor": actor,
        "imei": device.imei,
        "now": timezone.now(),
    }


def _where(organization_id, data) -> dict:
    location, warehouse = data["location"], data["warehouse"]
    if not (data["is_new"] or is_known_place(organization_id, location, warehouse)):
        raise LocationUnknown(f"There is no place '{location}'. Choose another, or make it.")
    return {"location": location, "warehouse": warehouse or None, "note": data["reason"]}


def _move(device, actor, data):
    where = _where(device.organization_id, data)
    return move_device(**_who_and_what(device, actor), **where)


def _remove(device, actor, data):
    return remove_device(**_who_and_what(device, actor), reason=data["reason"])


def _restore(device, actor, data):
    return restore_device(**_who_and_what(device, actor), note=data["reason"])


def _together(change):
    """`change` gets who, when and which devices of one organization; returns how many it changed."""

    def act_together(ids, actor, data) -> int:
        rows = Device.objects.filter(pk__in=ids).order_by("pk")
        of_organization: dict = {}
        for pk, organization_id in rows.values_list("pk", "organization_id"):
            of_organization.setdefault(organization_id, []).append(pk)
        now = timezone.now()
        return sum(
            change(data, organization_id=organization_id, actor=actor, ids=own, now=now)
            for organization_id, own in of_organization.items()
        )

    return act_together


def _move_many(data, *, organization_id, **rest) -> int:
    where = _where(organization_id, data)
    return move_devices(organization_id=organization_id, **where, **rest)


def _remove_many(data, **rest) -> int:
    return remove_devices(reason=data["reason"], **rest)


def _restore_many(data, **rest) -> int:
    return restore_devices(note=data["reason"], **rest)


def _accept(device, actor, data):
    accepted = accept_suggestion(**_who_and_what(device, actor))
    text = f"Accepted the suggested model: {accepted.skuinfo.brand} {accepted.skuinfo.model}."
    LogEntry.objects.create(
        user=actor,
        content_type=ContentType.objects.get_for_model(Device),
        object_id=str(device.pk),
        object_repr=device.imei,
        action_flag=CHANGE,
        change_message=f"{text} Reason: {data['reason']}" if data["reason"] else text,
    )
    return accepted


def is_active(device) -> bool:
    return device.status == DeviceStatus.ACTIVE


MOVE = Verb(
    name="move",
    label="Move",
    icon="move_item",
    effect="The device is at another place from now on.",
    done="moved",
    condition="only a device in stock can be moved",
    form=MoveForm,
    is_possible=is_active,
    candidates=lambda devices: devices.filter(status=DeviceStatus.ACTIVE),
    act=_move,
    act_together=_together(_move_many),
    limit=TOGETHER,
)
REMOVE = Verb(
    name="remove",
    label="Remove",
    icon="logout",
    effect="The device is no longer in stock. What is known of it stays; it can be restored.",
    done="removed from stock",
    condition="only a device in stock can be removed",
    form=RemoveForm,
    is_possible=is_active,
    candidates=lambda devices: devices.filter(status=DeviceStatus.ACTIVE),
    act=_remove,
    act_together=_together(_remove_many),
    is_dangerous=True,
    limit=TOGETHER,
)
RESTORE = Verb(
    name="restore",
    label="Restore",
    icon="undo",
    effect="The device is in stock again, at the place where it was.",
    done="restored to stock",
    condition="only a removed device can be restored",
    form=RestoreForm,
    is_possible=lambda device: not is_active(device),
    candidates=lambda devices: devices.filter(status=DeviceStatus.REMOVED),
    act=_restore,
    act_together=_together(_restore_many),
    limit=TOGETHER,
)
ACCEPT = Verb(
    name="accept",
    label="Accept suggestion",
    icon="check",
    effect="The model that other devices of the same type have is written into the device.",
    done="given the suggested model",
    condition="only a device with a suggested model has something to accept",
    form=AcceptForm,
    is_possible=lambda device: bool(device.suggested),
    candidates=lambda devices: devices.filter(suggested__isnull=False),
    act=_accept,
    limit=ONE_BY_ONE,
)
DEVICE_VERBS = {verb.name: verb for verb in (MOVE, REMOVE, RESTORE, ACCEPT)}
EXPORT = Verb(
    name="export",
    label="Export",
    icon="download",
    effect="They are written into a file in the background. It is kept for seven days.",
    done="exported",
    condition="there is nothing to export",
    form=ExportForm,
    is_possible=lambda device: True,
    candidates=lambda devices: devices,
    act=lambda device, actor, data: device,
    # A job does it: any number.
    limit=1_000_000_000,
)
