"""The page of one item: what was posted, how it was read, what became of it; and its correction."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch
from django.utils import timezone

from accounts.errors import DomainError
from inventory.admin.advice import advise
from inventory.admin.base import halt_text, page_url
from inventory.admin.item_states import item_badge, wait_of
from inventory.forms.corrections import CorrectionForm
from inventory.forms.imports import field_words
from inventory.models import Device, ItemStatus, QueueBatch
from inventory.selectors.item_reading import How, read_fields
from inventory.selectors.items import LOG_SHOWN, get_item
from inventory.services.correcting import correct_item
from jobs.admin_base import format_duration, format_moment

IS_SECOND = "imei_is_second_of"
HOW_COLOURS = {
    How.READ: "success",
    How.ODD: "warning",
    How.REFUSED: "danger",
    How.FALLBACK: "plain",
    How.ABSENT: "plain",
}
LOG_COLOURS = {
    "completed": "success",
    "failed": "danger",
    "retry": "warning",
    "processing": "info",
}


def item_context(model_admin, request, item) -> dict[str, Any]:
    detail = get_item(item.organization_id, item.pk)
    can_correct = item.status == ItemStatus.FAILED and model_admin.has_correct_permission(request)
    return {
        "item": item,
        "badge": item_badge(item),
        "advice": advise(item.error_code),
        "warnings": list(_warnings(item)),
        "halt": halt_text(item.organization_id) if item.status == ItemStatus.PENDING else "",
        "facts": _facts(item),
        "batch": find_batch(item.organization_id, item.batch_id),
        "device": detail.device,
        "device_url": _device_url(item, detail.device),
        "buttons": model_admin.get_verb_buttons(request, item),
        "correct_url": page_url("queueitem", item.pk, "correct") if can_correct else "",
        "log": log_lines(detail.log),
        "log_limit": LOG_SHOWN,
        **posted_context(item.raw_data),
    }


def posted_context(data) -> dict[str, Any]:
    reading = read_fields(data)
    return {
        "raw": json.dumps(data, ensure_ascii=False, indent=2),
        "readings": [
            (one, field_words(one.field.name), HOW_COLOURS[one.how]) for one in reading.given
        ],
        "missing": [(field_words(one.field.name), one.value) for one in reading.missing],
        "unread": reading.unread,
    }


def log_lines(log):
    """The newest first, each with the colour of what happened."""
    return [(line, LOG_COLOURS.get(line.action, "plain")) for line in reversed(log)]


def find_batch(organization_id, batch_id) -> QueueBatch | None:
    if not batch_id:
        return None
    return QueueBatch.objects.filter(organization_id=organization_id, batch_id=batch_id).first()


def _warnings(item):
    """Each with where it leads: the device that has this phone's IMEI as its second one."""
    mine = Device.objects.filter(organization_id=item.organization_id)
    for warning in item.warnings:
        other = None
        if warning["code"] == IS_SECOND:
            other = mine.filter(unitinfo__imei2=item.imei_norm).exclude(imei=item.imei_norm).first()
        yield warning, page_url("device", other.pk) if other else ""


def _device_url(item, device) -> str:
    if device is None:
        return ""
    found = Device.objects.filter(organization_id=item.organization_id, imei=device.imei)
    try:
        return page_url("device", found.values_list("pk", flat=True).first())
    except NoReverseMatch:
        return ""


def _facts(item) -> list[tuple[str, Any]]:
    return [
        ("Organization", item.organization),
        ("IMEI", item.imei_norm),
        ("Source", item.source),
        ("Line of the file", item.line_no),
        ("Priority", item.priority),
        ("Retries used", f"{item.retry_count} of {item.max_retries}"),
        ("Check digit", {"warn": "warned of", "strict": "must be right"}.get(item.validation)),
        ("Added", format_moment(item.created_at)),
        ("Not before", format_moment(item.run_after)),
        ("Last taken", format_moment(item.started_at)),
        ("Ended", format_moment(item.processed_at)),
        ("Took" if item.processed_at else "Waits for", format_duration(wait_of(item))),
        ("In the hands of", item.locked_by),
    ]


def answer_correction(model_admin, request, item):
    """Asks by GET, queues the corrected item by POST; the failed one stays."""
    form = CorrectionForm(request.POST or None, posted=item.raw_data)
    is_possible = item.status == ItemStatus.FAILED
    if request.method == "POST" and form.is_valid() and is_possible:
        try:
            corrected = correct_item(
                organization_id=item.organization_id,
                item_id=item.pk,
                data=form.corrected_data(),
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            text = f"Queued as item {corrected.item.pk}. Item {item.pk} stays failed."
            if corrected.added.is_stopped:
                text += " Processing is stopped."
            model_admin.message_user(request, text, messages.SUCCESS)
            return HttpResponseRedirect(page_url("queueitem", corrected.item.pk))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Correct and queue again",
        "opts": model_admin.opts,
        "item": item,
        "badge": item_badge(item),
        "advice": advise(item.error_code),
        "form": form,
        "is_possible": is_possible,
        "back_url": page_url("queueitem", item.pk),
        "media": model_admin.media,
    }
    return TemplateResponse(request, "inventory/admin/correct.html", context)
