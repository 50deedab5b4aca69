"""The admin's index page: how the job tables and the workers are doing. Every app may add its part."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import User
from jobs.admin_base.bar_chart import BarChart, Column, draw_bars
from jobs.models import Job, WorkerHost
from jobs.registry import list_job_models
from jobs.selectors import ModelLoad, capped, list_hosts, list_loads
from jobs.selectors.statistics import COUNT_LIMIT

Viewer = User | AnonymousUser


def add_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add how the jobs are doing, and what each app's config adds by `add_to_dashboard`."""
    models = [model for model in list_job_models() if may_view(request.user, model)]
    loads = list_loads(user=request.user, models=models)
    context["loads"] = [_row(load) for load in loads]
    context["totals"] = _totals(loads)
    context["chart"] = _chart(loads)
    context["now"] = timezone.now()
    if may_view(request.user, WorkerHost):
        context["hosts"] = list_hosts()
    for app in apps.get_app_configs():
        add = getattr(app, "add_to_dashboard", None)
        if add is not None:
            add(request, context)
    return context


def may_view(user: Viewer, model: type[Job] | type[WorkerHost]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


def _row(load: ModelLoad) -> dict[str, Any]:
    rate = load.success_rate
    return {
        "name": str(load.model._meta.verbose_name_plural).capitalize(),
        "url": _list_url(load.model),
        "waiting": capped(load.waiting),
        "active": capped(load.active),
        "stuck": capped(load.stuck),
        "has_stuck": load.stuck > 0,
        "failed": capped(load.failed),
        "has_failed": load.failed > 0,
        "oldest_due": load.oldest_due,
        "success_rate": "-" if rate is None else f"{rate:.1f} %",
        "average": _seconds(load.average_seconds),
        "p95": _seconds(load.p95_seconds),
    }


def _totals(loads: list[ModelLoad]) -> dict[str, Any]:
    done = sum(sum(load.done_by_hour) for load in loads)
    failed = sum(sum(load.failed_by_hour) for load in loads)
    return {
        "waiting": _sum([load.waiting for load in loads]),
        "active": _sum([load.active for load in loads]),
        "stuck": _sum([load.stuck for load in loads]),
        "failed": _sum([load.failed for load in loads]),
        "has_stuck": any(load.stuck for load in loads),
        "has_failed": any(load.failed for load in loads),
        "done_today": f"{done:,}",
        "success_rate": f"{100 * done / (done + failed):.1f} %" if done + failed else "-",
        "oldest_due": min((load.oldest_due for load in loads if load.oldest_due), default=None),
    }


def _sum(counts: list[int]) -> str:
    """Each count stops at a limit, and then so does their sum."""
    is_cut = any(count > COUNT_LIMIT for count in counts)
    return f"{sum(min(count, COUNT_LIMIT) for count in counts):,}{'+' if is_cut else ''}"


def _chart(loads: list[ModelLoad]) -> BarChart:
    done = [sum(hour) for hour in zip(*(load.done_by_hour for load in loads), strict=True)]
    failed = [sum(hour) for hour in zip(*(load.failed_by_hour for load in loads), strict=True)]
    return draw_bars(list_hours(done=done, failed=failed, now=timezone.localtime()))


def list_hours(*, done: Sequence[int], failed: Sequence[int], now: datetime) -> list[Column]:
    """The oldest hour first; index 0 of the counts is the hour that ends now."""
    return [
        _hour(done[ago], failed[ago], end=now - timedelta(hours=ago))
        for ago in reversed(range(len(done)))
    ]


def _hour(done: int, failed: int, *, end: datetime) -> Column:
    start = end - timedelta(hours=1)
    title = f"{start:%H:%M} to {end:%H:%M}: {done} done, {failed} failed"
    return Column({"done": done, "failed": failed}, title, f"{start:%H:%M}")


def _list_url(model: type[Job]) -> str | None:
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    except NoReverseMatch:
        return None


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest} s"
    return f"{minutes // 60} h {minutes % 60} m"
