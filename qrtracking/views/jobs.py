"""The page of one reverse job."""

from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from jobs.logs import list_log
from jobs.services import cancel_job, retry_job
from jobs.states import State
from qrtracking.models import ReverseJob
from qrtracking.rules.ranges import case_ranges_text
from qrtracking.selectors.excludes import Judgement, list_excludes
from qrtracking.selectors.scan import count_excludes, get_overview
from qrtracking.views.answers import shorten
from qrtracking.views.base import FragmentMixin, JobMixin, JobVerbView, may

EXCLUDES_SHOWN = 100
# A job has no more entries.
LAST_POSITION = 100_000


class EntryLine(NamedTuple):
    entry: str
    judgement: Judgement

    @property
    def code(self) -> str:
        """Of an address only the code: the rest of it says nothing."""
        return shorten(self.entry)


class JobPageMixin(JobMixin):
    def context(self) -> dict[str, Any]:
        job = self.job
        return {
            "job": job,
            "overview": get_overview(user=self.user, batch_id=job.batch_id),
            "summary": job.result_summary or {},
            "cases": case_ranges_text(job.filter_case_numbers or []),
            "log": list_log(job),
            "is_polled": job.state in {State.WAITING, State.ACTIVE},
            "may_cancel": may(self.user, "cancel", job),
            "may_retry": may(self.user, "retry", job),
            "poll_seconds": settings.QR_POLL_SECONDS,
        }


class JobView(JobPageMixin):
    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        # Judging excludes reads units: only here, never in the part that is polled.
        first = _position(request.GET.get("entry", ""))
        page = list_excludes(job=self.job, first=first, most=EXCLUDES_SHOWN)
        context = {
            **self.context(),
            "excludes": [EntryLine(line.entry, line.judgement) for line in page.lines],
            "exclude_count": count_excludes(job=self.job),
            "exclude_first": first,
            "exclude_following": page.following,
        }
        return self.render("job.html", context)


class JobFragmentView(FragmentMixin, JobPageMixin):
    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        return self.render("job_fragment.html", self.context())


class ReverseJobVerbView(JobVerbView, JobPageMixin):
    @property
    def target(self) -> ReverseJob:
        return self.job


class CancelView(ReverseJobVerbView):
    verb, done = "cancel", "Job cancelled. Its units that are in no case leave the queue."

    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        if not may(self.user, "cancel", self.job):
            return redirect(self.page_url)
        return self.render("cancel.html", self.context())

    def act(self, job: ReverseJob) -> None:
        cancel_job(job, actor=self.user)


class RetryView(ReverseJobVerbView):
    verb, done = "retry", "The job goes on where it stopped."

    def act(self, job: ReverseJob) -> None:
        retry_job(job, actor=self.user)


def _position(text: str) -> int:
    """The entry that a page begins at; the first one for anything that is no position."""
    position = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return position if position < LAST_POSITION else 0
