from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership, User
from accounts.selectors import get_acting_membership

SESSION_KEY = "organization_id"


class MembershipMiddleware:
    """Gives the session's user the membership that this request acts for.

    Nothing is read until somebody asks for the user: pages without one cost no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        acting: Any = SimpleLazyObject(partial(_acting_user, request, request.user))
        request.user = acting
        return self.get_response(request)


def choose_organization(request: HttpRequest, membership: Membership) -> None:
    """Act for this membership's organization from the next request on."""
    request.session[SESSION_KEY] = str(membership.organization_id)


def _acting_user(request: HttpRequest, user: User | AnonymousUser) -> User | AnonymousUser:
    if user.is_authenticated:
        chosen = request.session.get(SESSION_KEY)
        user.membership = get_acting_membership(user=user, chosen=chosen)
    return user
