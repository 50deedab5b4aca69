"""What all scan pages share: the signed-in person, and pages that are never stale."""

from typing import Any, ClassVar, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.access import OrganizationRequiredMixin
from accounts.models import Role, User


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


class StationView(OrganizationRequiredMixin):
    request: HtmxRequest
    # The folder of the system's templates.
    templates: ClassVar[str]

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
        return render(self.request, f"{self.templates}/{template}", context, status=status)


class PostMixin(StationView):
    """A view that writes. Opened as a page, after a login for instance, it leads to its page."""

    required_role: ClassVar[Role] = Role.OPERATOR

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.page_url)


def say(request: HttpRequest, text: str, *, level: int = messages.SUCCESS) -> None:
    messages.add_message(request, level, text)
