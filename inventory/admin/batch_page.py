"""The page of one batch: how far it is, how fast, what failed and why; retries by cause; undo."""

from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.api.files import file_answer
from accounts.errors import DomainError
from inventory.admin.advice import advise
from inventory.admin.base import ORGANIZATION, halt_text, list_url, page_url
from inventory.admin.batch_verbs import retry_in_batch
from inventory.admin.item_states import batch_badge, duration_of, is_scheduled
from inventory.admin.retry_page import answer_retry
from inventory.models import BatchStatus
from inventory.selectors.batch_errors import read_batch_errors
from inventory.selectors.batches import count_statuses, progress_of
from inventory.selectors.failures import Failure, list_batch_failures
from inventory.selectors.pace import get_pace
from inventory.services.exporting import stream_table
from inventory.services.undoing import preview_undo
from jobs.admin_base import format_duration, format_moment
from tables.streaming import CSV_CONTENT_TYPE, XLSX_CONTENT_TYPE

# htmx asks no more after this status.
STOP_POLLING = 286
EVERY, EVERY_WHILE_SCHEDULED = 2, 30
CONTENT_TYPES = {"csv": CSV_CONTENT_TYPE, "xlsx": XLSX_CONTENT_TYPE}
UNDO_SHOWN = 50


def batch_context(model_admin, request, batch) -> dict[str, Any]:
    counts = count_statuses(batch)
    is_live = batch.status == BatchStatus.ACTIVE
    failures = list_batch_failures(batch) if batch.failed_items else []
    is_waiting = is_scheduled(batch)
    return {
        "batch": batch,
        "badge": batch_badge(batch),
        "is_live": is_live,
        "every": EVERY_WHILE_SCHEDULED if is_waiting else EVERY,
        "live_url": model_admin.page_url("live", batch),
        "progress": progress_of(batch),
        "counts": _counts(batch, counts),
        "speed": [] if is_waiting else _speed(batch, counts) if is_live else _past_speed(batch),
        "halt": halt_text(batch.organization_id) if is_live else "",
        "facts": _facts(batch),
        "buttons": model_admin.get_verb_buttons(request, batch),
        "failures": [_failure(model_admin, request, batch, one) for one in failures],
        "links": _links(batch),
        "queue_url": list_url("queuecontrol", **{ORGANIZATION: batch.organization_id}),
    }


def answer_live(model_admin, request, batch):
    context = batch_context(model_admin, request, batch)
    status = 200 if context["is_live"] else STOP_POLLING
    return TemplateResponse(request, "inventory/admin/batch_panel.html", context, status=status)


def _counts(batch, counts) -> list[tuple[str, int, str]]:
    archived = batch.cleared_items + batch.discarded_items
    shown = [
        ("Pending", counts.get("pending", 0), _items_url(batch, status="pending")),
        ("In hand", counts.get("processing", 0), _items_url(batch, status="processing")),
        ("Completed", batch.processed_items, _items_url(batch, status="completed")),
        ("Failed", batch.failed_items, _items_url(batch, status="failed")),
    ]
    archive_url = list_url("queuearchive", **{ORGANIZATION: batch.organization_id})
    return [*shown, ("In the archive", archived, archive_url)] if archived else shown


def _items_url(batch, **query) -> str:
    which = {ORGANIZATION: batch.organization_id, "batch": batch.batch_id}
    return list_url("queueitem", **which, **query)


def _speed(batch, counts) -> list[tuple[str, str]]:
    """Of the whole queue: its slices do not ask which batch an item is of."""
    pace = get_pace(batch.organization_id)
    left = counts.get("pending", 0) + counts.get("processing", 0)
    rest = pace.time_for(left)
    return [
        ("Items a minute, whole queue", f"{pace.per_minute:,.0f}"),
        ("Time left", format_duration(rest) if rest is not None else "not known yet"),
    ]


def _past_speed(batch) -> list[tuple[str, str]]:
    """Of a batch that took no second there is no speed worth a number."""
    took = duration_of(batch)
    if took < timedelta(seconds=1):
        return []
    ended = batch.processed_items + batch.failed_items
    return [("Items a minute", f"{ended / (took / timedelta(minutes=1)):,.0f}")]


def _facts(batch) -> list[tuple[str, Any]]:
    limit = {"warn": "warned of", "strict": "must be right"}.get(batch.validation)
    is_waiting = is_scheduled(batch)
    lasted = "Took" if batch.completed_at else "Waits for" if is_waiting else "Runs for"
    return [
        ("Organization", batch.organization),
        ("Source", batch.source),
        ("By", batch.created_by or "a program"),
        ("Priority", batch.priority),
        ("Retries allowed", batch.max_retries),
        ("Check digit", limit),
        ("Scheduled for", f"{format_moment(batch.scheduled_at)} UTC" if batch.scheduled_at else ""),
        ("Added" if is_waiting else "Started", format_moment(batch.started_at)),
        ("Ended", format_moment(batch.completed_at)),
        (lasted, format_duration(duration_of(batch))),
        ("Undone", format_moment(batch.undone_at)),
    ]


def _failure(model_admin, request, batch, failure: Failure) -> dict[str, Any]:
    # Cancelled ones come back only when they are chosen one by one.
    may_retry = failure.code not in {"", "cancelled"} and model_admin.has_retry_permission(request)
    query = f"?code={failure.code}"
    return {
        "failure": failure,
        "advice": advise(failure.code),
        "example_url": page_url("queueitem", failure.example_id),
        "list_url": _items_url(batch, status="failed", error_code=failure.code),
        "retry_url": model_admin.page_url("retry_code", batch) + query if may_retry else "",
    }


def _links(batch) -> list[tuple[str, str]]:
    links = [("Items", _items_url(batch, status="all"))]
    if batch.import_id:
        links.append(("Import", page_url("queueimport", batch.import_id)))
    if batch.failed_items > batch.discarded_items:
        links += [
            ("Error file (Excel)", page_url("queuebatch", batch.pk, "error_file_xlsx")),
            ("Error file (CSV)", page_url("queuebatch", batch.pk, "error_file_csv")),
        ]
    return links


def answer_error_file(request, batch, *, format: str):
    """Original columns, then line, error_code and reason: to be corrected and sent again."""
    pieces = stream_table(read_batch_errors(batch), format, count())
    name = f"{batch.batch_id}-errors.{format}"
    return file_answer(pieces, name=name, content_type=CONTENT_TYPES[format])


def answer_retry_code(model_admin, request, batch):
    """Failed items of the batch that have one cause in common."""
    code = request.GET.get("code", "")
    known = {one.code: one for one in list_batch_failures(batch)}
    if code not in known:
        raise Http404
    return answer_retry(
        model_admin,
        request,
        known[code],
        retry=partial(retry_in_batch, batch, request.user, error_code=code),
        back_url=page_url("queuebatch", batch.pk),
    )


def undo_preview(batch) -> dict[str, Any]:
    """What an undo would do, or why it cannot be done."""
    which = {"organization_id": batch.organization_id, "batch_id": batch.batch_id}
    try:
        preview = preview_undo(**which, now=timezone.now())
    except DomainError as error:
        return {"refusal": error.message}
    return {"preview": preview, "changed_since": preview.changed_since[:UNDO_SHOWN]}
