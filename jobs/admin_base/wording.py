"""How a job's facts read: durations, states, and what to do about an error."""

from datetime import datetime, timedelta

from django.utils import timezone

from jobs import retry
from jobs.admin_base.verbs import is_stuck
from jobs.models import Job
from jobs.states import State

# The theme's label variants.
STATE_COLOURS = {
    State.WAITING: "",
    State.ACTIVE: "info",
    State.DONE: "success",
    State.FAILED: "danger",
    State.CANCELLED: "warning",
}


def format_duration(duration: timedelta | None) -> str:
    """`0.4 s`, `12 s`, `3 m 4 s`, `1 h 2 m`, `4 d 3 h`; a dash when there is none."""
    if duration is None:
        return "-"
    seconds = max(0.0, duration.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for size, unit, below, small in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "m"),
        (60, "m", 1, "s"),
    ):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // below} {small}"
    return f"{whole} s"


def format_moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def wait_time(job: Job) -> timedelta | None:
    """From creation to the first start; of a job that never started, to its end or until now."""
    return (job.started_at or job.completed_at or timezone.now()) - job.created_at


def run_time(job: Job) -> timedelta | None:
    """From the first start to the end, waits between attempts included."""
    if job.started_at is None:
        return None
    return (job.completed_at or timezone.now()) - job.started_at


def state_badge(job: Job) -> tuple[str, str]:
    """The colour and the text that tell how the job is."""
    if is_stuck(job):
        return "danger", "stuck"
    if job.state is State.ACTIVE and job.cancel_requested_at is not None:
        return "warning", "cancelling"
    if job.state is State.WAITING and job.attempts:
        return "warning", "retrying"
    colour = STATE_COLOURS.get(job.state, "") if job.state else ""
    return colour, job.status.replace("_", " ")


def next_step(job: Job, *, is_paused: bool) -> str:
    """What happens next, or what a person can do about it; empty when there is nothing to say."""
    if is_stuck(job):
        return (
            "Its worker gave no sign of life since "
            f"{_clock(job.heartbeat_at)}. Another one takes over within a minute; Requeue does it now."
        )
    if job.state is State.FAILED:
        return _after_failure(job)
    if job.state is State.ACTIVE and job.cancel_requested_at is not None:
        return "It stops before its next step."
    if job.state is State.WAITING:
        return _while_waiting(job, is_paused=is_paused)
    return ""


def _while_waiting(job: Job, *, is_paused: bool) -> str:
    if is_paused:
        return "Jobs of this type are paused. It starts when somebody resumes them."
    if job.attempts:
        return f"It is tried again at {_clock(job.run_after)}, by itself."
    if job.run_after > timezone.now():
        return f"It is not due before {_clock(job.run_after)}."
    return ""


def _after_failure(job: Job) -> str:
    if job.error_code == retry.POISON:
        return "Its worker died several times over it. Look for memory or a crashing library first."
    if job.attempts >= job.max_attempts:
        return (
            f"It was tried {job.attempts} times. Look the traceback up in the server's log by the "
            "correlation id, remove the cause, then retry."
        )
    return "Trying again without a change ends the same way: correct the cause named above, then retry."


def _clock(moment: datetime | None) -> str:
    return "its start" if moment is None else f"{format_moment(moment)} UTC"
