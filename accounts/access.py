"""Who may open a server-rendered page of an organization."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from accounts.models import Role, User

PageView = Callable[..., HttpResponseBase]


def organization_required(*, role: Role = Role.VIEWER) -> Callable[[PageView], PageView]:
    """Only members of an organization with at least this role; the others are told what to do."""

    def decorate(view: PageView) -> PageView:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return refuse(request, role=role) or view(request, *args, **kwargs)

        return guarded

    return decorate


class OrganizationRequiredMixin(View):
    required_role: ClassVar[Role] = Role.VIEWER

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refusal = refuse(request, role=self.required_role)
        return refusal or super().dispatch(request, *args, **kwargs)


def refuse(request: HttpRequest, *, role: Role) -> HttpResponse | None:
    """The answer for somebody who may not go on: login, choice of organization, or a clear 403."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(_return_path(request))
    if user.membership is None:
        if user.memberships.exists():
            query = urlencode({"next": _return_path(request)})
            return HttpResponseRedirect(f"{reverse('accounts:organization')}?{query}")
        return render(request, "accounts/no_membership.html", status=403)
    if not user.has_role(role):
        return render(request, "accounts/wrong_role.html", {"needed": role.label}, status=403)
    return None


def _return_path(request: HttpRequest) -> str:
    """A form that was posted cannot be repeated after the login; its page can."""
    return request.get_full_path() if request.method == "GET" else request.path
