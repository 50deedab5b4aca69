"""What all scan pages share: the signed-in person, their batch, and pages that are never stale."""

from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.access import OrganizationRequiredMixin
from accounts.errors import DomainError
from accounts.models import Role, User
from jobs.api.permissions import require_verb
from jobs.errors import VerbNotAllowed
from jobs.models import Job
from qrtracking.models import MasterCode, ReverseJob
from qrtracking.selectors.scan import BatchOverview, get_case, get_job, get_overview


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


class ScanView(OrganizationRequiredMixin):
    request: HtmxRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # A page that the browser kept would show an old queue and send an old key.
        add_never_cache_headers(response)
        if self.request.htmx and response.status_code in (302, 403):
            # Signed out or shut out meanwhile: the whole page goes there, not a part of it.
            return HttpResponseClientRedirect(self.page_url)
        return response

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    @property
    def page_url(self) -> str:
        """The page that this view belongs to."""
        return self.request.get_full_path()

    def render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return render(self.request, f"qrtracking/{template}", context, status=status)


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


class PostMixin(ScanView):
    """A view that writes. Opened as a page, after a login for instance, it leads to its page."""

    required_role: ClassVar[Role] = Role.OPERATOR

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.page_url)


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


def say(request: HttpRequest, text: str, *, level: int = messages.SUCCESS) -> None:
    messages.add_message(request, level, text)
