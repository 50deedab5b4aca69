"""For whom a call of the queue's contract acts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from rest_framework.request import Request

from accounts.api.authentication import BearerTokenAuthentication
from accounts.api.schema import BearerTokenScheme
from accounts.errors import OrganizationRequired
from accounts.models import ApiToken, Organization, User


@dataclass(frozen=True)
class OpenAccess:
    """A call without a token, for the organization that lets everybody in."""

    organization_id: UUID


@dataclass(frozen=True)
class Caller:
    organization_id: UUID
    actor: User | None


class QueueTokenAuthentication(BearerTokenAuthentication):
    """A token; or none at all, while QUEUE_API_ANONYMOUS_ORG names an organization."""

    def authenticate(  # type: ignore[override]
        self, request: Request
    ) -> tuple[User, ApiToken] | tuple[AnonymousUser, OpenAccess] | None:
        by_token = super().authenticate(request)
        if by_token is not None or "HTTP_AUTHORIZATION" in request.META:
            return by_token
        organization_id = find_open_organization()
        return (AnonymousUser(), OpenAccess(organization_id)) if organization_id else None


def find_open_organization() -> UUID | None:
    """The organization that QUEUE_API_ANONYMOUS_ORG names, if there is such a one."""
    if not settings.QUEUE_API_ANONYMOUS_ORG:
        return None
    try:
        wanted = UUID(settings.QUEUE_API_ANONYMOUS_ORG)
    except ValueError:
        return None
    return Organization.objects.filter(pk=wanted).values_list("pk", flat=True).first()


def caller_of(request: Request) -> Caller:
    """Raises OrganizationRequired."""
    access: Any = request.auth
    if isinstance(access, OpenAccess):
        return Caller(access.organization_id, None)
    user = request.user
    if not isinstance(user, User) or user.organization is None:
        raise OrganizationRequired
    return Caller(user.organization.pk, user)


class QueueTokenScheme(BearerTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "inventory.api.authentication.QueueTokenAuthentication"
    name = "queueBearerAuth"
