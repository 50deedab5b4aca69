"""What the page of a device shows."""

import json

from inventory.admin.base import page_url
from inventory.admin.device_words import field_words, status_badge, working_badge
from inventory.models import QueueBatch, SkuSource
from inventory.selectors.device_detail import SHOWN, DeviceDetail, get_device_detail
from jobs.admin_base import format_moment

_SKU_SOURCES = {
    SkuSource.SUPPLIED: "as supplied",
    SkuSource.RULE: "by a rule",
    SkuSource.GENERATED: "made of what is known",
}


def device_context(model_admin, request, device) -> dict:
    detail = get_device_detail(device)
    device = detail.device
    return {
        "device": device,
        "detail": detail,
        "movements": _with_items(detail),
        "items": _with_batches(detail, detail.items),
        "archived": _with_batches(detail, detail.archived),
        "badge": status_badge(device),
        "working": working_badge(device.inspection.working_status),
        "buttons": model_admin.get_verb_buttons(request, device),
        "can_accept": model_admin.has_accept_permission(request),
        "accept_url": model_admin.page_url("accept", device),
        "warnings": list(_warnings(detail)),
        "what": _known(_what(device)),
        "inspection": _known(_inspection(device.inspection)),
        "test_results": _pretty(device.inspection.test_results),
        "assumed": field_words(device.assumed),
        "shown": SHOWN,
    }


def _with_items(detail: DeviceDetail) -> list:
    """Each movement, and the page of the item that made it while there is one."""
    urls = {item.pk: page_url("queueitem", item.pk) for item in detail.items}
    urls |= {row.queue_id: page_url("queuearchive", row.pk) for row in detail.archived}
    return [(move, urls.get(move.queue_item_id)) for move in detail.movements]


def _with_batches(detail: DeviceDetail, rows) -> list:
    """Each item, and the page of its batch."""
    asked = {row.batch_id for row in rows if row.batch_id}
    mine = QueueBatch.objects.filter(organization_id=detail.device.organization_id)
    found = mine.filter(batch_id__in=asked).values_list("batch_id", "pk") if asked else []
    urls = {batch_id: page_url("queuebatch", pk) for batch_id, pk in found}
    return [(row, urls.get(row.batch_id)) for row in rows]


def _warnings(detail: DeviceDetail):
    """Text, and the device that it leads to."""
    device = detail.device
    if detail.expected_digit is not None:
        yield (
            f"The check digit is wrong: {device.imei[-1]} instead of {detail.expected_digit}. "
            "Look at the phone: one digit was misread, or the label lies.",
            None,
            None,
        )
    for other in detail.second_of:
        yield "This IMEI is the second one of", other, page_url("device", other.pk)
    if detail.second is not None:
        other = detail.second
        yield "Its second IMEI is also a device of its own:", other, page_url("device", other.pk)
    if detail.differs_from_tac:
        text = f"Other devices of this type are {detail.tac.brand} {detail.tac.model}."
        yield text, None, None


def _what(device):
    what, unit = device.skuinfo, device.unitinfo
    return [
        ("Brand", what.brand),
        ("Model", what.model),
        ("Model number", what.model_number),
        ("Storage", what.storage),
        ("RAM", what.ram),
        ("Color", what.color),
        ("Carrier", what.carrier),
        ("SKU", what.sku and f"{what.sku} ({_SKU_SOURCES.get(what.sku_source, '')})"),
        ("Serial number", unit.serial_number),
        ("Second IMEI", unit.imei2),
        ("TAC", what.tac),
        ("Unit", unit.unit_type),
    ]


def _inspection(inspected):
    health, cycles = inspected.battery_health, inspected.battery_cycle
    return [
        ("Battery", f"{health} %" if health is not None else inspected.battery_health_raw),
        ("Battery cycles", "" if cycles is None else f"{cycles:,}"),
        ("Grade", inspected.grade),
        ("Screen", inspected.screen_condition),
        ("Body", inspected.body_condition),
        ("MDM", inspected.mdm),
        ("Tester", inspected.tester_name),
        ("Station", inspected.station),
        ("Checked", format_moment(inspected.check_date)),
        ("Defects", inspected.defects),
        ("Notes", inspected.notes),
        ("Repair notes", inspected.repair_notes),
    ]


def _known(facts):
    return [(label, value) for label, value in facts if value not in (None, "")]


def _pretty(value) -> str:
    return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
