"""How the queue of an organization has done: throughput, waiting, failures, sources, drains."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import Http404
from django.template.defaultfilters import date
from django.urls import path, reverse
from django.utils import timezone

from accounts.admin_base import permission_view
from inventory.admin.advice import advise
from inventory.admin.base import (
    ORGANIZATION,
    STYLE,
    find_organization,
    list_url,
    page_url,
)
from inventory.admin.item_verbs import PERMISSIONS
from inventory.admin.one_queue import OneQueueAdmin
from inventory.admin.retry_page import answer_retry
from inventory.admin.staff_log import log_press
from inventory.models import QueueSlice
from inventory.selectors.analytics import DEFAULT_HOURS, Analytics, Part, Sums, get_analytics
from inventory.selectors.failures import Failure, list_failures
from inventory.services.retrying import retry_failed
from jobs.admin_base import format_duration
from jobs.admin_base.bar_chart import BarChart, Column, draw_bars
from jobs.admin_base.wording import state_badge

PERIODS = {1: "1 hour", 24: "24 hours", 168: "7 days", 720: "30 days"}
PART_NAMES = {1: "minute", 60: "hour", 360: "6 hours", 1_440: "day"}
CANCELLED = "cancelled"


@admin.register(QueueSlice)
class QueueSliceAdmin(OneQueueAdmin):
    ordering = ["-id"]
    page_title = "Analytics"
    page_template = "inventory/admin/analytics.html"

    class Media:
        css = {"all": ["jobs/admin.css", STYLE, "inventory/analytics.css"]}

    def has_retry_permission(self, request, obj=None):
        may_retry = request.user.has_perm(PERMISSIONS["retry"])
        return may_retry and self.has_view_permission(request)

    def get_page_context(self, request, organization):
        return _context(self, request, organization)

    def get_urls(self):
        retry = permission_view(self, self.retry_view, permission="retry")
        return [path("retry/", retry, name="inventory_queueslice_retry"), *super().get_urls()]

    def retry_view(self, request):
        """All failed items that have one cause in common: says how many, asks, acts by POST."""
        organization, code = find_organization(request), request.GET.get("code", "")
        known = {} if organization is None else _known_failures(organization)
        if code not in known or not _is_retryable(code):
            raise Http404
        return answer_retry(
            self,
            request,
            known[code],
            retry=partial(_retry, organization, code, request.user),
            back_url=_url(organization),
        )


def _known_failures(organization) -> dict[str, Failure]:
    return {one.code: one for one in list_failures(organization.pk)}


def _is_retryable(code: str) -> bool:
    """What somebody gave up comes back only when it is chosen one by one."""
    return code not in {"", CANCELLED}


def _retry(organization, code: str, actor, data) -> str:
    retried = retry_failed(organization_id=organization.pk, error_code=code)
    text = f"Retried {retried.processed:,} items with {code}"
    log_press(actor, organization.pk, text, data["reason"])
    more = f" {retried.remaining:,} more can be retried." if retried.remaining else ""
    stopped = " Processing is stopped: they wait." if retried.is_stopped else ""
    return f"{text}.{more}{stopped}"


def _url(organization, page: str = "changelist", **query) -> str:
    return reverse(
        f"admin:inventory_queueslice_{page}", query={ORGANIZATION: organization.pk, **query}
    )


def _context(model_admin, request, organization) -> dict[str, Any]:
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked in map(str, PERIODS) else DEFAULT_HOURS
    found = get_analytics(organization.pk, hours=hours, now=timezone.now())
    may_retry = model_admin.has_retry_permission(request)
    return {
        "organization": organization,
        "found": found,
        "period": PERIODS[hours],
        "part_name": PART_NAMES[found.part_minutes],
        "presets": _presets(organization, hours),
        "totals": _totals(found),
        "throughput": _throughput(found),
        "waiting": _waiting(found),
        "failures": [failure_row(organization, one, may_retry=may_retry) for one in found.failures],
        "sources": [_source(one.source, one.sums) for one in found.sources],
        "tacs": [_tac(organization, one) for one in found.tac_mismatches],
        "tac_url": _devices_url(organization, tac_mismatch="yes"),
        "drains": [_drain(drain) for drain in found.drains],
        "drains_url": list_url("queuedrain", **{ORGANIZATION: organization.pk}),
        "queue_url": list_url("queuecontrol", **{ORGANIZATION: organization.pk}),
        "can_choose": request.user.sees_all_organizations,
    }


def _presets(organization, chosen: int) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "query": _url(organization, hours=hours),
            "count": "",
            "is_bad": False,
            "is_chosen": hours == chosen,
        }
        for hours, label in PERIODS.items()
    ]


def _totals(found: Analytics) -> dict[str, str]:
    sums = found.totals
    return {
        "share_failed": "-" if sums.share_failed is None else f"{sums.share_failed} %",
        "wait_average": _milliseconds(sums.wait_ms_average),
        "wait_max": _milliseconds(sums.wait_ms_max if sums.claimed else None),
        "slice": "-" if sums.slice_ms is None else f"{sums.slice_ms:,} ms",
        "item": "-" if sums.item_ms is None else f"{sums.item_ms:,} ms",
    }


def _milliseconds(value: int | None) -> str:
    return format_duration(None if value is None else timedelta(milliseconds=value))


def _throughput(found: Analytics) -> BarChart:
    columns = []
    for part in found.parts:
        rates = part.per_minute
        title = (
            f"{_when(part, found)}: {part.sums.completed:,} completed, {part.sums.failed:,} failed, "
            f"{part.sums.retried:,} to be retried; a minute {rates.completed:,}, {rates.failed:,}, "
            f"{rates.retried:,}"
        )
        counts = {
            "done": part.sums.completed,
            "failed": part.sums.failed,
            "retried": part.sums.retried,
        }
        columns.append(Column(counts, title, _label(part, found)))
    return draw_bars(columns)


def _waiting(found: Analytics) -> BarChart:
    columns = []
    for part in found.parts:
        average = part.sums.wait_ms_average or 0
        title = (
            f"{_when(part, found)}: {_milliseconds(part.sums.wait_ms_average)} on average, "
            f"{_milliseconds(part.sums.wait_ms_max)} at most"
        )
        columns.append(Column({"waited": average}, title, _label(part, found)))
    chart = draw_bars(columns)
    return replace(chart, highest_text=_milliseconds(chart.highest))


def _when(part: Part, found: Analytics) -> str:
    return date(timezone.localtime(part.start), "j M H:i" if found.hours < 720 else "j M Y")


def _label(part: Part, found: Analytics) -> str:
    return date(timezone.localtime(part.start), "H:i" if found.hours <= 24 else "j M")


def failure_row(organization, failure: Failure, *, may_retry: bool) -> dict[str, Any]:
    """For failures.html, also of other pages of this queue."""
    query = {ORGANIZATION: organization.pk, "status": "failed", "error_code": failure.code}
    can_retry = may_retry and _is_retryable(failure.code)
    return {
        "failure": failure,
        "advice": advise(failure.code),
        "example_url": page_url("queueitem", failure.example_id),
        "list_url": list_url("queueitem", **query),
        "retry_url": _url(organization, "retry", code=failure.code) if can_retry else "",
    }


def _source(name: str, sums: Sums) -> dict[str, Any]:
    share = "-" if sums.share_failed is None else f"{sums.share_failed} %"
    return {
        "name": name or "without a source",
        "sums": sums,
        "share_failed": share,
        "wait_average": _milliseconds(sums.wait_ms_average),
    }


def _tac(organization, mismatch) -> dict[str, Any]:
    return {
        "mismatch": mismatch,
        "example_url": _devices_url(organization, q=mismatch.imei),
    }


def _devices_url(organization, **query) -> str:
    return list_url("device", **{ORGANIZATION: organization.pk}, **query)


def _drain(drain) -> dict[str, Any]:
    return {
        "drain": drain,
        "badge": state_badge(drain),
        "url": page_url("queuedrain", drain.pk),
    }
