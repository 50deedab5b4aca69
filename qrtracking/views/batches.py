"""The list of open batches, and the overview of one."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Role
from jobs.models import Job
from jobs.states import State
from qrtracking.rules.modes import Mode, recommend
from qrtracking.rules.ranges import case_ranges_text
from qrtracking.selectors.labels import list_batch_sheets
from qrtracking.selectors.plans import list_plans_of_batch
from qrtracking.selectors.progress import BatchReport, get_batch_progress
from qrtracking.selectors.scan import (
    CaseRanges,
    get_situation,
    list_batch_jobs,
    list_events,
    list_open_batches,
)
from qrtracking.views.base import BatchMixin, ScanView
from qrtracking.views.found import find
from scanning.answers import Answer, keep_answer, read_answer
from scanning.forms import ScanForm
from scanning.views import PostMixin

ACTIONS_SHOWN = 5


class ModeLink(NamedTuple):
    mode: Mode
    name: str
    help: str

    @property
    def view_name(self) -> str:
        return f"scan:{self.mode}"


class RunningJob(NamedTuple):
    name: str
    job: Job
    href: str


MODES = (
    ModeLink(Mode.PACK, "Scan & pack", "Scan every unit and the case that it goes into."),
    ModeLink(
        Mode.REST_NOW,
        "Pack the rest, now",
        "Name the few units that must not be packed. All others are prepared at once; "
        "each case that you scan then takes the next ones.",
    ),
    ModeLink(
        Mode.REST,
        "Pack the rest, in background",
        "The same for many units: they are prepared while you go on working.",
    ),
    ModeLink(
        Mode.PERFECT,
        "Perfect case",
        "Scan only the label of an undamaged case; all units planned for it are packed.",
    ),
    ModeLink(
        Mode.PLAN,
        "Import packing plan",
        "For cases that were packed elsewhere: upload or paste which units lie in which case.",
    ),
)


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
            answer = Answer("wrong", str(form.errors["code"][0]))
            return redirect(self.page_url + keep_answer(request, answer))
        return redirect(find(request, self.user, form.cleaned_data["code"]))


class BatchView(BatchMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        batch = self.overview.batch
        report = get_batch_progress(user=self.user, batch_id=batch_id)
        if report is None:
            raise Http404
        situation = get_situation(batch=batch, units_left=self.overview.units_left)
        context = {
            **self.batch_context(),
            "answer": read_answer(request),
            "report": report,
            "ranges": ranges_of(report),
            "modes": MODES,
            "recommended": recommend(situation, inline_limit=settings.QR_INLINE_LIMIT),
            "events": list_events(batch=batch, limit=ACTIONS_SHOWN),
            "running_jobs": self.running_jobs(),
        }
        return self.render("batch.html", context)

    def running_jobs(self) -> list[RunningJob]:
        """Whatever works on the batch or waits for it."""
        batch, user = self.overview.batch, self.user
        plan_url = reverse("scan:plan", args=[batch.pk])
        labels_url = reverse("scan:labels", args=[batch.pk])
        jobs = [
            *(
                RunningJob("Prepare the rest", job, reverse("scan:job", args=[job.pk]))
                for job in list_batch_jobs(user=user, batch=batch)
            ),
            *(
                RunningJob("Packing plan", plan, plan_url)
                for plan in list_plans_of_batch(user=user, batch=batch)
            ),
            *(
                RunningJob("Labels", sheet, labels_url)
                for sheet in list_batch_sheets(user=user, batch=batch)
            ),
        ]
        return [one for one in jobs if one.job.state in {State.WAITING, State.ACTIVE}]


def ranges_of(report: BatchReport) -> CaseRanges:
    return CaseRanges(
        packed=case_ranges_text(report.packed_case_numbers),
        partial=case_ranges_text(report.partial_case_numbers),
        empty=case_ranges_text(report.empty_case_numbers),
    )


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
