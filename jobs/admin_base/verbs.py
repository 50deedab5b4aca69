"""What staff may do to rows: how each verb asks, whom it concerns and which service carries it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.unfold import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget
from jobs import services
from jobs.models import Job, JobQuerySet
from jobs.models.job import HIGH, LOW, NORMAL
from jobs.states import State


class PlainForm(forms.Form):
    """Nothing to ask but whether one is sure."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        required=False,
        help_text="Optional. Goes into the job's log with your name.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


class PriorityForm(forms.Form):
    priority = forms.IntegerField(
        min_value=HIGH,
        max_value=LOW,
        initial=NORMAL,
        help_text="1 is served first, 10 last.",
        widget=UnfoldAdminIntegerFieldWidget,
    )


@dataclass(frozen=True, kw_only=True)
class Verb:
    """The kernel's verbs are about jobs; an app's own may be about any row that its admin shows."""

    name: str
    label: str
    icon: str
    # What happens, in a sentence that ends the question "Are you sure?"
    effect: str
    # "12 jobs <done>"
    done: str
    # Why a job is left out: "only a failed job can be retried".
    condition: str
    form: type[forms.Form]
    is_possible: Callable[[Any], bool]
    candidates: Callable[[Any], QuerySet[Any]]
    act: Callable[[Any, User, dict[str, Any]], Any]
    # What one press came to, from what `act` returned: such verbs report row by row.
    tell: Callable[[Any], str] | None = None
    # For rows by the thousand: given their keys, acts on them in few statements and returns how
    # many it changed. `act` is then only for the page of one row.
    act_together: Callable[[Sequence[Any], User, dict[str, Any]], int] | None = None
    is_dangerous: bool = False
    # What one request does, where the usual number would take too long.
    limit: int | None = None


def is_stuck(job: Job) -> bool:
    """Whether the worker that holds the job has given no sign of life for longer than its lease."""
    expires = job.lease_expires_at
    return job.state is State.ACTIVE and (expires is None or expires < timezone.now())


def _is_waiting(job: Job) -> bool:
    return job.state is State.WAITING


def _waiting(jobs: JobQuerySet) -> JobQuerySet:
    return jobs.in_state(State.WAITING)


RETRY = Verb(
    name="retry",
    label="Retry",
    icon="replay",
    effect="The job goes on where its last finished step ended, with its attempts counted anew.",
    done="sent to work again",
    condition="only a failed job can be retried",
    form=ReasonForm,
    is_possible=lambda job: job.can_retry,
    candidates=lambda jobs: jobs.in_state(State.FAILED),
    act=lambda job, actor, data: services.retry_job(job, actor=actor, reason=data["reason"]),
)
CANCEL = Verb(
    name="cancel",
    label="Cancel",
    icon="cancel",
    effect="A waiting job ends at once, a running one before its next step. Finished steps stay.",
    done="cancelled, or will be before the next step",
    condition="only a waiting or running job can be cancelled",
    form=ReasonForm,
    is_possible=lambda job: job.can_cancel,
    candidates=lambda jobs: jobs.in_state(State.WAITING, State.ACTIVE),
    act=lambda job, actor, data: services.cancel_job(job, actor=actor, reason=data["reason"]),
    is_dangerous=True,
)
REQUEUE = Verb(
    name="requeue",
    label="Requeue",
    icon="move_up",
    effect="The job is taken from a worker that is gone and waits for the next one.",
    done="taken from a lost worker and queued again",
    condition="only a running job whose worker is gone can be requeued",
    form=ReasonForm,
    is_possible=is_stuck,
    candidates=lambda jobs: jobs.lease_expired(),
    act=lambda job, actor, data: services.requeue_job(job, actor=actor, reason=data["reason"]),
)
PRIORITISE = Verb(
    name="prioritise",
    label="Change priority",
    icon="swap_vert",
    effect="The job changes its place in the queue.",
    done="moved to another place in the queue",
    condition="only a waiting job has a place in the queue",
    form=PriorityForm,
    is_possible=_is_waiting,
    candidates=_waiting,
    act=lambda job, actor, data: services.set_priority(job, priority=data["priority"], actor=actor),
)
RUN = Verb(
    name="run",
    label="Run now",
    icon="play_arrow",
    effect="The job becomes due now and is the first that a free worker takes.",
    done="brought forward",
    condition="only a waiting job can be brought forward",
    form=PlainForm,
    is_possible=_is_waiting,
    candidates=_waiting,
    act=lambda job, actor, data: services.bring_forward(job, actor=actor),
)
VERBS = {verb.name: verb for verb in (RETRY, CANCEL, REQUEUE, PRIORITISE, RUN)}
