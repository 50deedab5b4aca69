import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import (
    AlreadyAMember,
    NotAMember,
    OrganizationExists,
    TokenLifetimeInvalid,
    TooManyTokens,
)
from accounts.models import (
    ApiToken,
    IdempotencyRecord,
    Membership,
    Organization,
    OrganizationKind,
    Role,
    User,
)
from accounts.tokens import make_secret

logger = logging.getLogger(__name__)

SHORTEST_TOKEN_LIFE = timedelta(minutes=1)
LONGEST_TOKEN_LIFE = timedelta(days=366)
TOKENS_PER_USER = 50
# A write per request would make readers wait for writers; this is exact enough to find dead tokens.
TOKEN_USE_PRECISION = timedelta(minutes=10)
IDEMPOTENCY_KEPT_FOR = timedelta(hours=24)
DELETE_AT_ONCE = 5_000


def create_organization(
    *, kind: OrganizationKind, name: str, slug: str, email: str = ""
) -> Organization:
    try:
        with transaction.atomic():
            return Organization.objects.create(kind=kind, name=name, slug=slug, email=email)
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise OrganizationExists from error


def add_member(*, user: User, organization: Organization, role: Role) -> Membership:
    membership, is_new = Membership.objects.get_or_create(
        user=user, organization=organization, defaults={"role": role}
    )
    if not is_new:
        raise AlreadyAMember
    return membership


def change_role(*, membership: Membership, role: Role) -> Membership:
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    """Tokens go with the membership: a user who comes back starts without the old ones."""
    ApiToken.objects.filter(
        user_id=membership.user_id, organization_id=membership.organization_id
    ).delete()
    membership.delete()


@transaction.atomic
def create_token(
    *,
    user: User,
    organization: Organization,
    name: str,
    expires_in: timedelta,
    created_by: User | None = None,
    now: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Return the token and its secret, which nobody can read again later."""
    now = now or timezone.now()
    if not SHORTEST_TOKEN_LIFE <= expires_in <= LONGEST_TOKEN_LIFE:
        raise TokenLifetimeInvalid
    # Locked, so that two requests cannot pass the limit together.
    User.objects.get_queryset().select_for_update(of=("self",)).get(pk=user.pk)
    if not Membership.objects.filter(user=user, organization=organization).exists():
        raise NotAMember
    if ApiToken.objects.filter(user=user, expiry__gt=now).count() >= TOKENS_PER_USER:
        raise TooManyTokens
    secret = make_secret()
    token = ApiToken.objects.create(
        user=user,
        organization=organization,
        name=name,
        digest=secret.digest,
        token_key=secret.key,
        expiry=now + expires_in,
        created_by=created_by or user,
    )
    logger.info("api token created", extra={"token_id": token.pk, "user_id": user.pk})
    return token, secret.plain


def revoke_token(*, token: ApiToken, actor: User) -> None:
    facts = {"token_id": token.pk, "user_id": token.user_id, "actor_id": actor.pk}
    token.delete()
    logger.info("api token revoked", extra=facts)


def record_token_use(*, token: ApiToken, now: datetime) -> None:
    if token.last_used_at and now - token.last_used_at < TOKEN_USE_PRECISION:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - TOKEN_USE_PRECISION)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def delete_old_idempotency_records(
    *, now: datetime, kept_for: timedelta = IDEMPOTENCY_KEPT_FOR
) -> int:
    """Delete stored answers in chunks; return how many went."""
    total = 0
    while True:
        chunk = IdempotencyRecord.objects.filter(created_at__lt=now - kept_for).order_by(
            "created_at"
        )[:DELETE_AT_ONCE]
        deleted, _ = IdempotencyRecord.objects.filter(pk__in=chunk.values("pk")).delete()
        total += deleted
        if deleted < DELETE_AT_ONCE:
            return total


def delete_expired_tokens(*, now: datetime, kept_for: timedelta = timedelta(days=30)) -> int:
    """Delete tokens that expired long ago; until then their owners see when they ended."""
    deleted, _ = ApiToken.objects.filter(expiry__lt=now - kept_for).delete()
    return deleted
