from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import ApiToken, Membership, User
from accounts.tokens import digest_of


def get_membership(*, user: User, organization_id: UUID | str) -> Membership | None:
    return (
        Membership.objects.filter(user=user, organization_id=organization_id)
        .select_related("organization")
        .first()
    )


def list_memberships(*, user: User) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(user=user)
        .select_related("organization")
        .order_by("organization__name", "id")
    )


def get_acting_membership(*, user: User, chosen: str | None) -> Membership | None:
    """The membership in the organization `chosen` (an id), else the user's only one, else None."""
    memberships = list(list_memberships(user=user))
    for membership in memberships:
        if str(membership.organization_id) == chosen:
            return membership
    return memberships[0] if len(memberships) == 1 else None


def get_live_token(*, plain: str, now: datetime) -> ApiToken | None:
    """The token of this secret with its user acting for its organization.

    None when it is unknown or has expired, when the user is inactive, and when the user has left
    the organization.
    """
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(plain), expiry__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    token.user.membership = get_membership(user=token.user, organization_id=token.organization_id)
    return token if token.user.membership else None


def list_tokens(*, user: User) -> QuerySet[ApiToken]:
    return (
        ApiToken.objects.filter(user=user)
        .select_related("organization", "created_by")
        .order_by("-created_at", "-id")
    )
