from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView as DjangoLoginView
from django.contrib.auth.views import RedirectURLMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accounts.errors import DomainError
from accounts.forms import ChooseOrganizationForm, TokenForm
from accounts.middleware import choose_organization
from accounts.models import Organization, User
from accounts.selectors import get_membership, list_memberships, list_tokens
from accounts.services import create_token, revoke_token


class LoginView(DjangoLoginView):
    redirect_authenticated_user = True


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """What axes answers after too many wrong passwords."""
    return render(request, "registration/locked_out.html", status=429)


@method_decorator(never_cache, name="dispatch")
class OrganizationView(LoginRequiredMixin, RedirectURLMixin, View):
    """The organizations of the user; a POST chooses the one to act for."""

    next_page = "accounts:organization"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "memberships": list_memberships(user=_user(request)),
            "next": self.get_redirect_url(),
        }
        return render(request, "accounts/organization.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChooseOrganizationForm(request.POST)
        if not form.is_valid():
            raise Http404
        membership = get_membership(
            user=_user(request), organization_id=form.cleaned_data["organization"]
        )
        if membership is None:
            raise Http404
        choose_organization(request, membership)
        messages.success(request, f"You now act for {membership.organization}.")
        return HttpResponseRedirect(self.get_success_url())


@method_decorator(never_cache, name="dispatch")
class TokensView(LoginRequiredMixin, View):
    """The user's own tokens; the answer to the POST is the only page that shows the secret."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, TokenForm(user=_user(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        user = _user(request)
        form = TokenForm(request.POST, user=user)
        if not form.is_valid():
            return self._page(request, form, status=400)
        try:
            token, secret = create_token(
                user=user,
                organization=Organization.objects.get(pk=form.cleaned_data["organization"]),
                name=form.cleaned_data["name"],
                expires_in=timedelta(days=form.cleaned_data["days"]),
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return self._page(request, form, status=400)
        return self._page(request, TokenForm(user=user), new_token=token, secret=secret)

    def _page(
        self, request: HttpRequest, form: TokenForm, *, status: int = 200, **extra: Any
    ) -> HttpResponse:
        context = {
            "form": form,
            "tokens": list_tokens(user=_user(request)),
            "now": timezone.now(),
            "new_token": None,
            "secret": "",
            **extra,
        }
        return render(request, "accounts/tokens.html", context, status=status)


class RevokeTokenView(LoginRequiredMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        user = _user(request)
        token = get_object_or_404(list_tokens(user=user), pk=token_id)
        revoke_token(token=token, actor=user)
        messages.success(request, f"The token “{token.name}” works no more.")
        return redirect("accounts:tokens")


def _user(request: HttpRequest) -> User:
    """The user that LoginRequiredMixin has let in."""
    return cast(User, request.user)
