"""What the scan pages share: the batch, case or job that they are about."""

from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.errors import DomainError
from accounts.models import Role, User
from jobs.api.permissions import require_verb
from jobs.errors import VerbNotAllowed
from jobs.models import Job
from qrtracking.models import MasterCode, ReverseJob
from qrtracking.selectors.scan import BatchOverview, get_case, get_job, get_overview
from scanning.views import HtmxRequest, PostMixin, StationView, say


class ScanView(StationView):
    templates = "qrtracking"


class BatchMixin(ScanView):
    @cached_property
    def overview(self) -> BatchOverview:
        overview = get_overview(user=self.user, batch_id=self.kwargs["batch_id"])
        if overview is None:
            raise Http404
        return overview

    @property
    def page_url(self) -> str:
        return reverse("scan:rest", args=[self.kwargs["batch_id"]])

    def batch_context(self) -> dict[str, Any]:
        return {
            "overview": self.overview,
            "batch": self.overview.batch,
            "order": self.overview.batch.order,
            "may_pack": self.user.has_role(Role.OPERATOR),
        }


class JobMixin(ScanView):
    @cached_property
    def job(self) -> ReverseJob:
        job = get_job(user=self.user, job_id=self.kwargs["job_id"])
        if job is None:
            raise Http404
        return job

    @property
    def page_url(self) -> str:
        return reverse("scan:job", args=[self.kwargs["job_id"]])


class CaseMixin(BatchMixin):
    """A page about one case; its batch is that of the case."""

    @cached_property
    def case(self) -> MasterCode:
        case = get_case(user=self.user, case_id=self.kwargs["case_id"])
        if case is None:
            raise Http404
        return case

    @cached_property
    def overview(self) -> BatchOverview:
        overview = get_overview(user=self.user, batch_id=self.case.batch_id)
        if overview is None:
            raise Http404
        return overview

    @property
    def page_url(self) -> str:
        return reverse("scan:case", args=[self.kwargs["case_id"]])


class JobVerbView(PostMixin):
    """A form that does one of the kernel's verbs to a job and leads back to its page."""

    verb: ClassVar[str]
    done: ClassVar[str]

    @property
    def target(self) -> Job:
        """The job that is meant; 404 where this person sees none."""
        raise NotImplementedError

    def act(self, job: Any) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.target
        try:
            require_verb(user=self.user, verb=self.verb, job=job)
            self.act(job)
        except VerbNotAllowed:
            return render(request, "accounts/wrong_role.html", {"needed": "Manager"}, status=403)
        except DomainError as error:
            # Somebody was faster, or the button was pressed twice.
            say(request, f"{error.message.rstrip('.')}.", level=messages.WARNING)
        else:
            say(request, self.done)
        return redirect(self.page_url)


class FragmentMixin(ScanView):
    """A part of a page, for the browser that polls it. Opened as a page it leads to the whole."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cast(HtmxRequest, request).htmx:
            return redirect(self.page_url)
        return super().dispatch(request, *args, **kwargs)


def may(user: User, verb: str, job: Job) -> bool:
    """Whether the job can be cancelled or retried, and by this person."""
    if not (job.can_cancel if verb == "cancel" else job.can_retry):
        return False
    try:
        require_verb(user=user, verb=verb, job=job)
    except VerbNotAllowed:
        return False
    return True
