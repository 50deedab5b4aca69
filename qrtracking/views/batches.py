"""The list of open batches, and the overview of one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Role
from qrtracking.forms import ScanForm
from qrtracking.scan_selectors import (
    find_label,
    get_case_ranges,
    get_overview,
    list_batch_jobs,
    list_events,
    list_open_batches,
)
from qrtracking.views.answers import Answer, keep_answer, read_answer, shorten
from qrtracking.views.base import BatchMixin, PostMixin, ScanView

ACTIONS_SHOWN = 5


class HomeView(ScanView):
    def get(self, request: HttpRequest) -> HttpResponse:
        overviews, older = list_open_batches(user=self.user, before=_key(request.GET.get("before")))
        context = {"overviews": overviews, "older": older, "answer": read_answer(request)}
        return self.render("home.html", context)


class FindView(PostMixin):
    """Any label opens the page of its batch. It only reads, so viewers may as well."""

    required_role = Role.VIEWER

    @property
    def page_url(self) -> str:
        return reverse("scan:home")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ScanForm(request.POST)
        if not form.is_valid():
            return self._say(Answer("wrong", str(form.errors["code"][0])))
        text = form.cleaned_data["code"]
        label = find_label(user=self.user, text=text)
        if label is None or get_overview(user=self.user, batch_id=label.batch_id) is None:
            return self._say(
                Answer(
                    kind="wrong",
                    title="This code is not known in your organization.",
                    scanned=shorten(text),
                    expected="a unit or case label of one of your orders",
                    advice="Scan it again, or choose the order below.",
                )
            )
        return redirect("scan:batch", label.batch_id)

    def _say(self, answer: Answer) -> HttpResponse:
        return redirect(self.page_url + keep_answer(self.request, answer))


class BatchView(BatchMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        batch = self.overview.batch
        jobs = list_batch_jobs(user=self.user, batch=batch)
        context = {
            **self.batch_context(),
            "events": list_events(batch=batch, limit=ACTIONS_SHOWN),
            "ranges": get_case_ranges(batch=batch),
            "running_jobs": [job for job in jobs if job.can_cancel or job.status == "running"],
        }
        return self.render("batch.html", context)


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
