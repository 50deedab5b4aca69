"""The queue of an organization: its switch, its drains, its numbers, and how it is."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.admin_base import permission_view
from accounts.models import Organization
from inventory.admin.analytics import failure_row
from inventory.admin.base import ORGANIZATION, STYLE, find_organization, list_url, page_url
from inventory.admin.item_verbs import ReasonForm
from inventory.admin.one_queue import OneQueueAdmin
from inventory.admin.staff_log import list_presses, log_press
from inventory.models import QueueControl, QueueSlice
from inventory.selectors.failures import list_failures
from inventory.selectors.pace import Minute, get_pace, list_minutes
from inventory.selectors.queue import QueueStatus, get_status
from inventory.services.control import start_queue, stop_queue
from jobs.admin_base import ask_first, format_duration
from jobs.admin_base.bar_chart import BarChart, Column, draw_bars
from jobs.admin_base.wording import state_badge

SWITCHES = {
    "start": (
        start_queue,
        "Start",
        "Queue processing started",
        "Due items are handled from now on, also after restarts.",
    ),
    "stop": (
        stop_queue,
        "Stop",
        "Queue processing stopped",
        "What a worker has in hand is finished in about a second; then nothing is taken. New phones "
        "are still taken in and wait. Scans and Process now work all the same.",
    ),
}


@admin.register(QueueControl)
class QueueControlAdmin(OneQueueAdmin):
    ordering = ["organization"]
    page_title = "Queue"
    page_template = "inventory/admin/queue.html"

    class Media:
        css = {"all": ["jobs/admin.css", STYLE]}
        js = ["jobs/live.js"]

    def has_control_permission(self, request, obj=None):
        may_control = request.user.has_perm("inventory.control_queue")
        return may_control and self.has_view_permission(request)

    def get_page_context(self, request, organization):
        return queue_context(self, request, organization)

    def get_urls(self):
        pages = [
            ("live", self.live_view, "view"),
            *((name, partial(self.switch_view, name=name), "control") for name in SWITCHES),
        ]
        own = [
            path(
                f"{name}/",
                permission_view(self, view, permission=permission),
                name=f"inventory_queuecontrol_{name}",
            )
            for name, view, permission in pages
        ]
        return [*own, *super().get_urls()]

    def live_view(self, request):
        context = queue_context(self, request, _the_organization(request))
        return TemplateResponse(request, "inventory/admin/queue_panel.html", context)

    def switch_view(self, request, *, name):
        organization = _the_organization(request)
        switch, label, done, effect = SWITCHES[name]
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            switch(organization_id=organization.pk, actor=request.user)
            log_press(request.user, organization.pk, done, form.cleaned_data["reason"])
            self.message_user(request, f"{done}.", messages.SUCCESS)
            return HttpResponseRedirect(_queue_url(organization))
        return ask_first(
            self,
            request,
            title=f"{label} the queue of {organization}",
            effect=effect,
            label=label,
            form=form,
            back_url=_queue_url(organization),
        )


def _the_organization(request) -> Organization:
    organization = find_organization(request)
    if organization is None:
        raise Http404
    return organization


def _queue_url(organization, page: str = "changelist") -> str:
    query = {ORGANIZATION: organization.pk}
    return reverse(f"admin:inventory_queuecontrol_{page}", query=query)


def queue_context(model_admin, request, organization) -> dict[str, Any]:
    status = get_status(organization.pk)
    is_stopped = status.stats.desired_state == "stopped"
    switch = "start" if is_stopped else "stop"
    pace = get_pace(organization.pk)
    may_retry = admin.site.get_model_admin(QueueSlice).has_retry_permission(request)
    found = list_failures(organization.pk)
    now = timezone.now()
    oldest = status.stats.oldest_pending_at
    average = status.stats.average_seconds
    return {
        "organization": organization,
        "status": status,
        "is_stopped": is_stopped,
        "switch": SWITCHES[switch][1],
        "switch_url": _queue_url(organization, switch)
        if model_admin.has_control_permission(request)
        else "",
        "live_url": _queue_url(organization, "live"),
        "can_choose": request.user.sees_all_organizations,
        "counts": _counts(organization, status),
        "per_minute": pace.per_minute,
        "time_left": pace.time_for(status.stats.due),
        "time_left_text": format_duration(pace.time_for(status.stats.due)),
        "oldest_wait": format_duration(now - oldest) if oldest else "",
        "average_time": format_duration(None if average is None else timedelta(seconds=average)),
        "drains": [_drain(drain) for drain in status.drains],
        "chart": _chart(list_minutes(organization.pk)),
        "failures": [failure_row(organization, one, may_retry=may_retry) for one in found],
        "presses": list_presses(organization),
        "links": _links(request.user, organization),
    }


def _counts(organization, status: QueueStatus) -> list[dict[str, Any]]:
    stats = status.stats
    rows = [
        ("Due", stats.due, {"status": "pending", "delayed": "no"}, False),
        ("Delayed", stats.delayed, {"status": "pending", "delayed": "yes"}, False),
        ("In hand", stats.processing, {"status": "processing"}, False),
        ("Stuck", stats.stuck, {"status": "processing"}, stats.stuck > 0),
        ("Completed", stats.completed, {"status": "completed"}, False),
        ("Failed", stats.failed, {"status": "failed"}, stats.failed > 0),
    ]
    return [
        {
            "name": name,
            "number": number,
            "url": list_url("queueitem", **query, **{ORGANIZATION: organization.pk}),
            "is_bad": is_bad,
        }
        for name, number, query, is_bad in rows
    ]


def _drain(drain) -> dict[str, Any]:
    return {
        "drain": drain,
        "badge": state_badge(drain),
        "url": page_url("queuedrain", drain.pk),
    }


def _chart(minutes: list[Minute]) -> BarChart:
    columns = []
    for minute in minutes:
        ago = "now" if minute.ago == 0 else f"-{minute.ago} min"
        title = f"{ago}: {minute.completed:,} completed, {minute.failed:,} failed"
        columns.append(Column({"done": minute.completed, "failed": minute.failed}, title, ago))
    return draw_bars(columns)


def _links(user, organization) -> list[tuple[str, str]]:
    of_it = {ORGANIZATION: organization.pk}
    pages = [
        ("Items", "queueitem", {**of_it, "status": "all"}),
        ("Batches", "queuebatch", of_it),
        ("Imports", "queueimport", of_it),
        ("Devices", "device", of_it),
        ("Stock", "stockentry", of_it),
        ("Analytics", "queueslice", of_it),
        ("Drains", "queuedrain", of_it),
        ("Archive", "queuearchive", of_it),
    ]
    return [
        (name, list_url(model, **query))
        for name, model, query in pages
        if user.has_perm(f"inventory.view_{model}")
    ]
