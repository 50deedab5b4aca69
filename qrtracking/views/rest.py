"""Pack the rest, in background: submit a job, see it progress, scan cases when units are ready."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import DomainError, IdempotencyRequestRunning
from accounts.idempotency import Answer as StoredAnswer
from accounts.idempotency import IdempotentRequest, answer_once
from jobs.states import State
from qrtracking import errors
from qrtracking.forms.scan import ExcludesForm, LinkForm
from qrtracking.models import ReverseJob
from qrtracking.rules.scan_words import Command, command_of
from qrtracking.rules.text import parse_case_entry
from qrtracking.selectors.counts import QueueCounts, count_queue
from qrtracking.selectors.excludes import ExcludeOutcome, Preview, preview_excludes
from qrtracking.selectors.scan import (
    find_case,
    find_label,
    get_overview,
    has_ready_units,
    list_batch_jobs,
    list_linked_sequences,
    list_variants_of_batch,
)
from qrtracking.services.linking import link_from_queue
from qrtracking.services.reverse_jobs import check_excludes, submit_reverse_job
from qrtracking.services.undoing import undo_last
from qrtracking.views import answers
from qrtracking.views.base import BatchMixin, FragmentMixin, may
from qrtracking.views.scanned import PARAMETER as SCAN
from qrtracking.views.scanned import SAME_CASE, answer_for
from scanning.answers import Answer, keep_answer
from scanning.views import PostMixin, say

SAME_CASE_KEY = "scan_same_case"
# So many batches are remembered in which only the planned units go into a case.
REMEMBERED = 20
LISTED = 50


@dataclass(frozen=True)
class JobLine:
    job: ReverseJob
    may_cancel: bool
    may_retry: bool

    @property
    def is_unfinished(self) -> bool:
        return self.job.state in {State.WAITING, State.ACTIVE}


class RestMixin(BatchMixin):
    @property
    def link_url(self) -> str:
        """Where the form of a scanned case goes."""
        return reverse("scan:rest-link", args=[self.kwargs["batch_id"]])

    def page(
        self, form: ExcludesForm | None = None, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        ready = count_queue(batch=self.overview.batch)
        context = {
            **self.batch_context(),
            **self.jobs_context(),
            "is_link_shown": ready.ready > 0,
            **self.link_context(ready),
            "form": form or self.excludes_form(),
            "answer": answer_for(self.request, self.user),
            "preview": None,
            "missing": [],
            **more,
        }
        if not context["lines"] and not ready.ready:
            context["form"].fields["excludes"].widget.attrs["autofocus"] = True
        return self.render("rest.html", context, status=status)

    def excludes_form(self, data: Any = None) -> ExcludesForm:
        variants = list_variants_of_batch(batch=self.overview.batch)
        form = ExcludesForm(data, variants=variants, initial={"key": uuid4()})
        if not self.user.email:
            del form.fields["notify_email"]
        return form

    def identify(self, form: ExcludesForm) -> IdempotentRequest:
        """The same form sent twice is one job; the key is new with every page."""
        fields = {**form.cleaned_data, "key": ""}
        key = uuid5(form.cleaned_data["key"], repr(sorted(fields.items())))
        return IdempotentRequest(
            organization=self.overview.batch.organization,
            user=self.user,
            path=self.request.path,
            key=str(key),
            digest="",
        )

    def jobs_context(self) -> dict[str, Any]:
        jobs = list_batch_jobs(user=self.user, batch=self.overview.batch)
        lines = [
            JobLine(job, may(self.user, "cancel", job), may(self.user, "retry", job))
            for job in jobs
        ]
        return {
            "lines": lines,
            "is_polled": any(line.is_unfinished for line in lines),
            "poll_seconds": settings.QR_POLL_SECONDS,
        }

    def link_context(self, ready: QueueCounts) -> dict[str, Any]:
        remembered = self.request.session.get(SAME_CASE_KEY, [])
        return {
            "ready": ready,
            "link_url": self.link_url,
            "page_url": self.page_url,
            "scan_key": uuid4(),
            # A station that sends its scans itself keeps the tick in the address.
            "same_case": SAME_CASE in self.request.GET
            if SCAN in self.request.GET
            else str(self.overview.batch.pk) in remembered,
        }


class RestView(RestMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self.page()


class JobsFragmentView(FragmentMixin, RestMixin):
    """The job list, polled while a job has not ended. It counts no units."""

    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        shown = request.GET.get("link") == "1"
        # The jobs first: once the last of them is seen as ended, nobody asks for units again.
        jobs = self.jobs_context()
        has_ready = shown or has_ready_units(batch=self.overview.batch)
        context = {
            **self.batch_context(),
            **jobs,
            "is_link_shown": has_ready,
            "link_appears": has_ready and not shown,
        }
        return self.render("jobs_fragment.html", context)


class LinkFragmentView(FragmentMixin, RestMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        ready = count_queue(batch=self.overview.batch)
        return self.render("link.html", {**self.batch_context(), **self.link_context(ready)})


class PreviewView(PostMixin, RestMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        form = self.excludes_form(request.POST)
        if not form.is_valid():
            return self.page(form, status=400)
        try:
            entries = check_excludes([form.cleaned_data["excludes"]])
        except DomainError as error:
            form.add_error("excludes", error.message)
            return self.page(form, status=400)
        preview = preview_excludes(
            batch=self.overview.batch,
            entries=entries,
            variant_id=form.cleaned_data.get("variant"),
            case_numbers=form.cleaned_data["cases"],
        )
        return self.page(form, preview=preview, missing=missing_in(preview))


class SubmitView(PostMixin, RestMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        form = self.excludes_form(request.POST)
        if not form.is_valid():
            return self.page(form, status=400)
        try:
            answer = answer_once(
                request=self.identify(form), produce=self._produce(form.cleaned_data)
            )
        except IdempotencyRequestRunning:
            say(request, "This job is being submitted already.", level=messages.INFO)
        except DomainError as error:
            return self.page(form, status=add_refusal(form, error))
        else:
            say(self.request, answer.body)
        return redirect(self.page_url)

    def _produce(self, fields: dict[str, Any]) -> Callable[[], StoredAnswer]:
        def submit() -> StoredAnswer:
            job = submit_reverse_job(
                actor=self.user,
                batch_id=self.overview.batch.pk,
                order_id=self.overview.batch.order_id,
                exclude_codes=[fields["excludes"]],
                filter_variant_id=fields.get("variant"),
                filter_case_numbers=fields["cases"],
                priority=fields["priority"],
                notify_email=fields.get("notify_email", False),
            )
            count = len(job.exclude_codes)
            words = f"Excluding {count:,} {'code' if count == 1 else 'codes'}."
            return StoredAnswer(status=303, body=f"Job submitted. {words}")

        return submit


class LinkView(PostMixin, RestMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        form = LinkForm(request.POST)
        answer = self._link(form.cleaned_data) if form.is_valid() else _unreadable(form)
        self._remember_same_case(is_on=form.cleaned_data.get("same_case", False))
        return redirect(self.page_url + keep_answer(request, answer))

    def _link(self, fields: dict[str, Any]) -> Answer:
        text, batch = fields["case"], self.overview.batch
        if command_of(text) is Command.UNDO:
            return self._undo()
        entry = parse_case_entry(text, bare_numbers=True)
        # After Back the browser may send an old key with another case: that is another scan.
        content = f"{text}|{fields['units']}|{fields['same_case']}"
        try:
            result = link_from_queue(
                actor=self.user,
                batch_id=batch.pk,
                order_id=batch.order_id,
                master_code=f"CASE:{entry.number}" if entry and entry.number else text,
                target_units=fields["units"],
                same_case=fields["same_case"],
                client_uuid=uuid5(fields["key"], content),
            )
        except errors.MasterCodeNotFound:
            return self._not_a_case(text)
        except DomainError as error:
            case = find_case(user=self.user, batch=batch, text=text)
            return answers.refused(error, scanned=text, case=case)
        sequences = list_linked_sequences(case=result.case, event_id=result.event_id)
        return answers.linked(result, scanned=text, sequences=sequences)

    def _undo(self) -> Answer:
        try:
            undone = undo_last(actor=self.user, batch_id=self.overview.batch.pk)
        except DomainError as error:
            return Answer("wrong", error.message)
        return Answer("ok", undone.message)

    def _not_a_case(self, text: str) -> Answer:
        label = find_label(user=self.user, text=text)
        other = None
        if label is not None and label.batch_id != self.overview.batch.pk:
            other = get_overview(user=self.user, batch_id=label.batch_id)
        return answers.not_a_case(
            label,
            scanned=text,
            order_no=self.overview.batch.order.order_no,
            other_order=other.batch.order.order_no if other else "",
        )

    def _remember_same_case(self, *, is_on: bool) -> None:
        batch_id = str(self.overview.batch.pk)
        others = [one for one in self.request.session.get(SAME_CASE_KEY, []) if one != batch_id]
        self.request.session[SAME_CASE_KEY] = [*others, batch_id][-REMEMBERED:] if is_on else others


def add_refusal(form: ExcludesForm, error: DomainError) -> int:
    """Put the words of a refused submission where they belong; returns the status of the page."""
    field = _FIELDS.get(error.code)
    form.add_error(field if field in form.fields else None, error.message)
    return 409 if error.kind == "conflict" else 400


def missing_in(preview: Preview) -> list[str]:
    """The entries of a preview that name no unit of the batch, as they were typed."""
    lines = (one for one in preview.lines if one.judgement.outcome is ExcludeOutcome.NOT_FOUND)
    return [one.entry for one in islice(lines, LISTED)]


_FIELDS = {
    "exclude_codes_invalid": "excludes",
    "exclude_codes_too_many": "excludes",
    "exclude_codes_too_long": "excludes",
    "filter_variant_invalid": "variant",
    "filter_cases_invalid": "cases",
    "priority_invalid": "priority",
}


def _unreadable(form: LinkForm) -> Answer:
    text = next(iter(form.errors.values()))[0]
    return Answer(kind="wrong", title=str(text), advice="Nothing was changed. Scan a case label.")
