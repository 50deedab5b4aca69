"""What the live part of a job's page shows."""

from typing import Any

from django.db.models import IntegerField

from jobs.admin_base import wording
from jobs.models import Job, PausedJobType
from jobs.selectors import list_log_tail
from jobs.states import State

LOG_LINES = 100
KERNEL_FIELDS = frozenset(field.name for field in Job._meta.get_fields())


def own_fields(model: type[Job]) -> list[str]:
    """The columns that the app added to the kernel's."""
    return [field.name for field in model._meta.fields if field.name not in KERNEL_FIELDS]


def default_counters(model: type[Job]) -> list[str]:
    return [
        name
        for name in own_fields(model)
        if isinstance(model._meta.get_field(name), IntegerField)
        and not model._meta.get_field(name).is_relation
    ]


def panel_context(model_admin, request, job: Job) -> dict[str, Any]:
    is_live = job.state in {State.WAITING, State.ACTIVE}
    is_paused = is_live and PausedJobType.objects.filter(name=job.handler_name).exists()
    colour, badge = wording.state_badge(job)
    return {
        "job": job,
        "opts": model_admin.opts,
        "badge": badge,
        "badge_colour": colour,
        "is_live": is_live,
        "live_url": model_admin.page_url("live", job),
        "facts": _facts(job),
        "counters": model_admin.get_counters(job),
        "next_step": model_admin.get_next_step(job, is_paused=is_paused),
        "summary": _summary(job),
        "buttons": model_admin.get_verb_buttons(request, job),
        "log": list_log_tail(job, limit=LOG_LINES)[::-1],
        "log_limit": LOG_LINES,
    }


def _facts(job: Job) -> list[tuple[str, Any]]:
    return [
        ("Organization", job.organization),
        ("Started by", job.created_by or "the system"),
        ("Type", job.handler_name),
        ("Priority", job.priority),
        ("Attempts", f"{job.attempts} of {job.max_attempts}"),
        ("Waited", wording.format_duration(wording.wait_time(job))),
        ("Ran", wording.format_duration(wording.run_time(job))),
        ("Created", wording.format_moment(job.created_at)),
        ("Ended", wording.format_moment(job.completed_at)),
        ("Correlation id", job.correlation_id),
    ]


def _summary(job: Job) -> list[tuple[str, Any]]:
    summary = job.result_summary
    if not isinstance(summary, dict):
        return [] if summary is None else [("Result", summary)]
    return [
        (str(key).replace("_", " ").capitalize(), _text(value)) for key, value in summary.items()
    ]


def _text(value: Any) -> str:
    """A value of a summary as people write it."""
    if value in (None, [], {}, ""):
        return "none"
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list():
            return ", ".join(map(_text, value))
        case dict():
            return " ".join(f"{key.replace('_', ' ')} {_text(each)}" for key, each in value.items())
        case _:
            return str(value)
