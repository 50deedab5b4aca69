"""Labels of a batch: asked for here, drawn in the background, downloaded or sent to a printer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.contrib import messages
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
from qrtracking.forms.labels import LabelForm
from qrtracking.models import LabelKind, LabelSheet
from qrtracking.selectors.labels import count_codes, list_batch_sheets, list_printers, list_sheets
from qrtracking.services.label_sheets import WITH_CODES, create_label_sheet, may_make_all_labels
from qrtracking.views.base import BatchMixin, FragmentMixin, JobVerbView, may
from scanning.views import PostMixin, say

# Errors of the service that belong to a field of the form.
_FIELDS = {
    "label_range_invalid": "from",
    "too_many_labels": "to",
    "label_copies_invalid": "copies",
    "label_printer_not_found": "printer",
    "label_printer_needs_zpl": "layout",
}


@dataclass(frozen=True)
class SheetLine:
    sheet: LabelSheet
    may_cancel: bool
    may_retry: bool

    @property
    def is_unfinished(self) -> bool:
        return self.sheet.state in {State.WAITING, State.ACTIVE}


class LabelsMixin(BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:labels", args=[self.kwargs["batch_id"]])

    @cached_property
    def may_all(self) -> bool:
        return may_make_all_labels(actor=self.user, batch=self.overview.batch)

    def page(self, form: LabelForm | None = None, *, status: int = 200) -> HttpResponse:
        batch = self.overview.batch
        may_ask = self.may_all or self.user.has_role(Role.OPERATOR)
        context = {
            **self.batch_context(),
            **self.sheets_context(),
            "form": form or self.label_form(),
            "may_all": self.may_all,
            "may_ask": may_ask and batch.status in WITH_CODES,
        }
        return self.render("labels.html", context, status=status)

    def label_form(self, data: Any = None) -> LabelForm:
        batch = self.overview.batch
        return LabelForm(
            data,
            counts={kind: count_codes(batch=batch, kind=kind) for kind in LabelKind.values},
            printers=list_printers(batch=batch),
            may_all=self.may_all,
            initial={"key": uuid4(), **self._wanted()},
        )

    def _wanted(self) -> dict[str, Any]:
        """What the address asks for, for example one case's label; else all units."""
        asked = self.request.GET
        kind = asked.get("kind")
        kind = kind if kind in LabelKind.values else LabelKind.UNIT.value
        first = _number(asked.get("from")) or (1 if self.may_all else None)
        return {"kind": kind, "from": first, "to": _number(asked.get("to"))}

    def sheets_context(self) -> dict[str, Any]:
        sheets = list_batch_sheets(user=self.user, batch=self.overview.batch)
        lines = [
            SheetLine(sheet, may(self.user, "cancel", sheet), may(self.user, "retry", sheet))
            for sheet in sheets
        ]
        return {
            "lines": lines,
            "is_polled": any(line.is_unfinished for line in lines),
            "poll_seconds": settings.QR_POLL_SECONDS,
        }


class LabelsView(LabelsMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self.page()


class SheetsFragmentView(FragmentMixin, LabelsMixin):
    """The list of sheets, polled while one of them is drawn."""

    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self.render("label_sheets.html", {**self.batch_context(), **self.sheets_context()})


class LabelsSubmitView(PostMixin, LabelsMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        form = self.label_form(request.POST)
        if not form.is_valid():
            return self.page(form, status=400)
        try:
            answer = answer_once(request=self._identify(form), produce=self._produce(form))
        except IdempotencyRequestRunning:
            say(request, "These labels are asked for already.", level=messages.INFO)
        except DomainError as error:
            field = _FIELDS.get(error.code)
            form.add_error(field if field in form.fields else None, f"{error.message.rstrip('.')}.")
            return self.page(form, status=STATUS_OF_KIND[error.kind])
        else:
            say(request, answer.body)
        return redirect(self.page_url)

    def _identify(self, form: LabelForm) -> IdempotentRequest:
        return IdempotentRequest(
            organization=self.overview.batch.organization,
            user=self.user,
            path=self.request.path,
            key=str(uuid5(form.cleaned_data["key"], repr(sorted(form.wishes().items())))),
            digest="",
        )

    def _produce(self, form: LabelForm) -> Callable[[], StoredAnswer]:
        def submit() -> StoredAnswer:
            batch_id = self.overview.batch.pk
            sheet = create_label_sheet(actor=self.user, batch_id=batch_id, **form.wishes())
            noun = "label is" if sheet.label_count == 1 else "labels are"
            return StoredAnswer(status=303, body=f"{sheet.label_count:,} {noun} being drawn.")

        return submit


class SheetVerbView(JobVerbView, LabelsMixin):
    @property
    def target(self) -> LabelSheet:
        sheets = list_sheets(user=self.user).filter(batch=self.overview.batch)
        sheet: LabelSheet | None = sheets.filter(pk=self.kwargs["sheet_id"]).first()
        if sheet is None:
            raise Http404
        return sheet


class SheetCancelView(SheetVerbView):
    verb, done = "cancel", "Stopped. No label of this sheet was released."

    def act(self, job: LabelSheet) -> None:
        cancel_job(job, actor=self.user)


class SheetRetryView(SheetVerbView):
    verb, done = "retry", "The sheet goes on where it stopped."

    def act(self, job: LabelSheet) -> None:
        retry_job(job, actor=self.user)


def _number(text: str | None) -> int | None:
    """What nobody can read in the address is left out."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
