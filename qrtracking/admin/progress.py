"""What the page of a batch's packing shows. Units are never counted: cases and events know them."""

from typing import Any

from django.template.defaultfilters import date
from django.urls import reverse
from django.utils import timezone

from jobs.admin_base.bar_chart import BarChart, Column, draw_bars
from jobs.admin_base.wording import state_badge
from jobs.states import State
from qrtracking.models import LOCKED, CaseStatus, MasterCode
from qrtracking.rules.ranges import join_ranges
from qrtracking.selectors.labels import list_batch_sheets
from qrtracking.selectors.monitor import (
    PackedOverTime,
    count_cases_by_status,
    count_waiting,
    get_packed_over_time,
    get_queue_states,
)
from qrtracking.selectors.plans import list_plans_of_batch
from qrtracking.selectors.progress import BatchReport, get_batch_progress
from qrtracking.selectors.scan import list_batch_jobs, list_events

EVENTS_SHOWN = 10
# Every second case of ten thousand would fill pages with numbers.
RANGES_SHOWN = 30
LIVE = {State.WAITING, State.ACTIVE}


def progress_context(model_admin, request, batch) -> dict[str, Any]:
    report = get_batch_progress(user=request.user, batch_id=batch.pk)
    jobs = list_batch_jobs(user=request.user, batch=batch)
    sheets = list_batch_sheets(user=request.user, batch=batch)
    plans = list_plans_of_batch(user=request.user, batch=batch)
    running = [job for job in (batch, *jobs, *sheets, *plans) if job.state in LIVE]
    return {
        "batch": batch,
        "report": report,
        "badge": state_badge(batch),
        "buttons": model_admin.get_verb_buttons(request, batch),
        "is_live": bool(running),
        "live_url": model_admin.page_url("progress_live", batch),
        "generation_url": model_admin.page_url("change", batch),
        "parts": _parts(batch, report),
        "statuses": _statuses(batch, report.sums.cases),
        "packed": (packed := get_packed_over_time(batch=batch)),
        "chart": _chart(packed),
        "waiting": (waiting := count_waiting(batch=batch)),
        "waiting_units": sum(each.number for each in waiting),
        "is_waiting_capped": any(each.is_capped for each in waiting),
        "jobs": _jobs(jobs),
        "others": [_other(job) for job in (*plans, *sheets)],
        "events": list_events(batch=batch, limit=EVENTS_SHOWN),
        "links": _links(batch),
    }


def _parts(batch, report: BatchReport) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "count": len(numbers),
            "ranges": _ranges(numbers),
            "url": _list_url(MasterCode, batch, fill=fill),
        }
        for name, fill, numbers in (
            ("Packed", "full", report.packed_case_numbers),
            ("Partly filled", "partial", report.partial_case_numbers),
            ("Empty", "empty", report.empty_case_numbers),
        )
    ]


def _ranges(numbers: list[int]) -> str:
    """`#1-#5, #7`, cut after so many ranges."""
    ranges = join_ranges(numbers)
    texts = [f"#{first}" if first == last else f"#{first}-#{last}" for first, last in ranges]
    more = len(texts) - RANGES_SHOWN
    return ", ".join(texts[:RANGES_SHOWN]) + (f" and {more:,} more ranges" if more > 0 else "")


def _statuses(batch, cases: int) -> list[dict[str, Any]]:
    return [
        {
            "name": CaseStatus(status).label,
            "number": number,
            "width": round(100 * number / cases, 1),
            "is_locked": status in LOCKED,
            "url": _list_url(MasterCode, batch, status__exact=status),
        }
        for status, number in count_cases_by_status(batch=batch)
    ]


def _chart(packed: PackedOverTime) -> BarChart:
    form = "H:i" if packed.is_hourly else "j M"
    columns = []
    for period in packed.periods:
        start = timezone.localtime(period.start)
        when = date(start, "j M H:i" if packed.is_hourly else "j M Y")
        title = f"{when}: {period.units:,} units in {period.cases:,} cases"
        columns.append(Column({"done": period.units}, title, date(start, form)))
    return draw_bars(columns)


def _jobs(jobs) -> list[dict[str, Any]]:
    states = get_queue_states(jobs=jobs)
    return [
        {
            "job": job,
            "badge": state_badge(job),
            "url": reverse("admin:qrtracking_reversejob_change", args=[job.pk]),
            "queue": states[job.pk],
            "queue_url": _url("preparedcode", job__id__exact=job.pk),
        }
        for job in jobs
    ]


def _other(job) -> dict[str, Any]:
    page = f"admin:{job._meta.app_label}_{job._meta.model_name}_change"
    return {
        "job": job,
        "noun": job._meta.verbose_name,
        "badge": state_badge(job),
        "url": reverse(page, args=[job.pk]),
    }


def _links(batch) -> list[tuple[str, str]]:
    return [
        ("Order", reverse("admin:qrtracking_order_change", args=[batch.order_id])),
        ("Cases", _url("mastercode", batch__id__exact=batch.pk)),
        ("Units", _url("unitcode", batch__id__exact=batch.pk)),
        ("Spares", _url("unitcode", batch__id__exact=batch.pk, spare="yes")),
        ("Events", _url("scanevent", batch__id__exact=batch.pk)),
        ("Label sheets", _url("labelsheet", batch__id__exact=batch.pk)),
        ("Packing plans", _url("packingplan", batch__id__exact=batch.pk)),
        ("Scan summary (Excel)", f"/api/manufacturer/scan-summary-excel?batch_id={batch.pk}"),
    ]


def _list_url(model, batch, **query) -> str:
    return _url(model._meta.model_name, batch__id__exact=batch.pk, **query)


def _url(model_name: str, **query) -> str:
    return reverse(f"admin:qrtracking_{model_name}_changelist", query=query)
