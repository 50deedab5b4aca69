"""Import packing plan: a dry run of a file or of pasted rows, then its cases are packed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.api.errors import STATUS_OF_KIND
from accounts.errors import DomainError, IdempotencyRequestRunning
from accounts.idempotency import Answer as StoredAnswer
from accounts.idempotency import IdempotentRequest, answer_once
from accounts.models import Role
from jobs.services import cancel_job, retry_job
from jobs.states import State
from qrtracking.forms.plans import PlanForm
from qrtracking.models import PackingPlan, PlanOutcome, PlanPhase, PlanReason
from qrtracking.selectors.plans import (
    find_applied_twin,
    list_lines,
    list_plan_cases,
    list_plans,
    list_plans_of_batch,
    list_reasons,
    list_row_counts,
)
from qrtracking.services.packing_plans import (
    apply_packing_plan,
    check_plan_again,
    submit_plan_file,
    submit_plan_text,
)
from qrtracking.views.base import BatchMixin, FragmentMixin, JobVerbView, may
from scanning.views import PostMixin, say

SHOWN = 50
PARTS = {"refused": "Refused units", "rows": "Rows", "cases": "Cases"}


@dataclass(frozen=True)
class ResultPage:
    """A part of what the check found. `following` is what to ask for to see more."""

    part: str
    lines: list[Any]
    following: str
    is_first: bool


class PlanMixin(BatchMixin):
    """The page of a batch, with one of its plans: the newest unless the address names one."""

    @property
    def page_url(self) -> str:
        return reverse("scan:plan", args=[self.kwargs["batch_id"]])

    def page(self, form: PlanForm | None = None, *, status: int = 200) -> HttpResponse:
        plans = list_plans_of_batch(user=self.user, batch=self.overview.batch)
        plan = self.find_plan(plans)
        context = {
            **self.batch_context(),
            "may_import": self.may_import,
            "form": form or PlanForm(initial={"key": uuid4()}),
            "plans": [other for other in plans if plan is None or other.pk != plan.pk],
            "plan": plan,
            **(self.plan_context(plan) if plan else {}),
        }
        return self.render("plan.html", context, status=status)

    @property
    def may_import(self) -> bool:
        return self.overview.is_open and self.user.has_role(Role.MANAGER)

    def find_plan(self, plans: list[PackingPlan]) -> PackingPlan | None:
        asked = _key(self.request.GET.get("plan"))
        if asked is None:
            return plans[0] if plans else None
        plan = self.get_plan(asked)
        if plan is None:
            raise Http404
        return plan

    def get_plan(self, plan_id: UUID) -> PackingPlan | None:
        plans = list_plans(user=self.user).filter(batch=self.overview.batch, pk=plan_id)
        plan: PackingPlan | None = plans.first()
        return plan

    def plan_context(self, plan: PackingPlan) -> dict[str, Any]:
        is_polled = plan.state in {State.WAITING, State.ACTIVE}
        return {
            "plan": plan,
            "is_polled": is_polled,
            "poll_seconds": settings.QR_POLL_SECONDS,
            "may_apply": self.may_import and plan.can_apply,
            "may_check_again": self.may_import and _is_planned_elsewhere(plan),
            "may_cancel": may(self.user, "cancel", plan),
            "may_retry": may(self.user, "retry", plan),
            "units": plan.ready_count + plan.packed_count,
            "reasons": list_reasons(plan=plan),
            "twin": find_applied_twin(plan=plan) if plan.can_apply else None,
            "parts": PARTS,
            "result": result_page(plan, self.request) if _has_result(plan) else None,
            "result_url": reverse("qrtracking:packing-plan-result", kwargs={"plan_id": plan.pk}),
        }


class OnePlanMixin(PlanMixin):
    """What belongs to one plan of the batch."""

    @cached_property
    def plan(self) -> PackingPlan:
        plan = self.get_plan(self.kwargs["plan_id"])
        if plan is None:
            raise Http404
        return plan

    @property
    def page_url(self) -> str:
        return f"{super().page_url}?{urlencode({'plan': self.kwargs['plan_id']})}"


class PlanView(PlanMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self.page()


class PlanFragmentView(FragmentMixin, OnePlanMixin):
    def get(self, request: HttpRequest, batch_id: UUID, plan_id: UUID) -> HttpResponse:
        plan = self.plan
        context = {**self.batch_context(), **self.plan_context(plan), "is_fragment": True}
        return self.render("plan_fragment.html", context)


class PlanSubmitView(PostMixin, PlanMixin):
    required_role = Role.MANAGER

    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        batch = self.overview.batch
        form = PlanForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=400)
        try:
            answer = answer_once(
                request=self._identify(form.cleaned_data),
                produce=self._produce(batch.pk, form.cleaned_data),
            )
        except IdempotencyRequestRunning:
            say(request, "This plan is being read already.", level=messages.INFO)
            return redirect(self.page_url)
        except DomainError as error:
            form.add_error(None, f"{error.message.rstrip('.')}.")
            return self.page(form, status=STATUS_OF_KIND[error.kind])
        return redirect(f"{self.page_url}?{urlencode({'plan': answer.body})}")

    def _identify(self, fields: dict[str, Any]) -> IdempotentRequest:
        content = f"{_digest(fields)}|{fields['skip_case_validation']}"
        return IdempotentRequest(
            organization=self.overview.batch.organization,
            user=self.user,
            path=self.request.path,
            key=str(uuid5(fields["key"], content)),
            digest="",
        )

    def _produce(self, batch_id: UUID, fields: dict[str, Any]) -> Callable[[], StoredAnswer]:
        def submit() -> StoredAnswer:
            options: dict[str, Any] = {
                "actor": self.user,
                "batch_id": batch_id,
                "skip_case_validation": fields["skip_case_validation"],
            }
            file = fields["file"]
            if file is None:
                plan = submit_plan_text(text=fields["text"], **options)
            else:
                plan = submit_plan_file(file=file, file_name=file.name or "", **options)
            return StoredAnswer(status=303, body=str(plan.pk))

        return submit


class PlanVerbView(JobVerbView, OnePlanMixin):
    @property
    def target(self) -> PackingPlan:
        return self.plan


class PlanApplyView(PlanVerbView):
    verb, done = "apply", "Packing has begun."

    def act(self, job: PackingPlan) -> None:
        apply_packing_plan(plan=job, actor=self.user)


class PlanCancelView(PlanVerbView):
    verb, done = "cancel", "Stopped. What is packed stays packed."

    def act(self, job: PackingPlan) -> None:
        cancel_job(job, actor=self.user)


class PlanRetryView(PlanVerbView):
    verb, done = "retry", "The plan goes on where it stopped."

    def act(self, job: PackingPlan) -> None:
        retry_job(job, actor=self.user)


class PlanAgainView(PostMixin, OnePlanMixin):
    """The same content as a new plan that takes units planned for other cases."""

    required_role = Role.MANAGER

    def post(self, request: HttpRequest, batch_id: UUID, plan_id: UUID) -> HttpResponse:
        try:
            again = check_plan_again(plan=self.plan, actor=self.user, skip_case_validation=True)
        except DomainError as error:
            say(request, f"{error.message.rstrip('.')}.", level=messages.WARNING)
            return redirect(self.page_url)
        base = reverse("scan:plan", args=[batch_id])
        return redirect(f"{base}?{urlencode({'plan': again.pk})}")


def result_page(plan: PackingPlan, request: HttpRequest) -> ResultPage:
    """The part that was asked for; what nobody can read in the address is the first page."""
    part, after = request.GET.get("show", ""), request.GET.get("after", "")
    if part not in PARTS:
        part = "refused" if plan.refused_count else "cases"
    lines, following = _READERS[part](plan, after)
    return ResultPage(part, lines[:SHOWN], following if len(lines) > SHOWN else "", not after)


def _read_refused(plan: PackingPlan, after: str) -> tuple[list[Any], str]:
    row_no, _, position = after.partition("-")
    start = (_number(row_no), _number(position))
    lines = list_lines(plan=plan, outcome=PlanOutcome.REFUSED, after=start, limit=SHOWN + 1)
    last = lines[:SHOWN][-1] if lines else None
    return lines, f"{last.row_no}-{last.position}" if last else ""


def _read_rows(plan: PackingPlan, after: str) -> tuple[list[Any], str]:
    rows = list_row_counts(plan=plan, after=_number(after), limit=SHOWN + 1)
    return rows, str(rows[:SHOWN][-1].row_no) if rows else ""


def _read_cases(plan: PackingPlan, after: str) -> tuple[list[Any], str]:
    cases = list_plan_cases(plan=plan, after=_key(after), limit=SHOWN + 1)
    return cases, str(cases[:SHOWN][-1].case_id) if cases else ""


_READERS = {"refused": _read_refused, "rows": _read_rows, "cases": _read_cases}


def _has_result(plan: PackingPlan) -> bool:
    """A check that is running, or did not come to its end, has rows of which nothing is known."""
    if plan.state in {State.WAITING, State.ACTIVE}:
        return False
    return plan.row_count > 0 and (plan.phase == PlanPhase.APPLY or plan.state is State.DONE)


def _is_planned_elsewhere(plan: PackingPlan) -> bool:
    """Whether the check refused units only because the label plan has them in other cases."""
    if plan.phase != PlanPhase.CHECK or plan.skip_case_validation:
        return False
    reasons = (plan.result_summary or {}).get("reasons", {})
    return PlanReason.WRONG_SEQUENCE.value in reasons


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _digest(fields: dict[str, Any]) -> str:
    file: UploadedFile[bytes] | None = fields["file"]
    if file is None:
        return sha256(fields["text"].encode(errors="replace")).hexdigest()
    digest = sha256((file.name or "").encode(errors="replace"))
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
