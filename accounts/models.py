from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Self, TypeVar

from django.contrib.auth.models import AbstractUser, AnonymousUser, UserManager
from django.db import models
from django.db.models.functions import Now

from accounts.ids import UUID7
from accounts.tokens import AbstractAuthToken

M = TypeVar("M", bound=models.Model, covariant=True)


class Role(models.TextChoices):
    """What a member may do in an organization; each role includes the ones before it."""

    VIEWER = "viewer", "Viewer"
    OPERATOR = "operator", "Operator"
    MANAGER = "manager", "Manager"
    OWNER = "owner", "Owner"

    def at_least(self, other: Role) -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class OrganizationKind(models.TextChoices):
    OPERATOR = "operator", "Operator"
    MANUFACTURER = "manufacturer", "Manufacturer"
    BUYER = "buyer", "Buyer"
    SUPPLIER = "supplier", "Supplier"
    DEALER = "dealer", "Dealer"
    WAREHOUSE = "warehouse", "Warehouse"


class TenantQuerySet(models.QuerySet[M]):
    """Rows that belong to an organization; `tenant_path` leads to it."""

    tenant_path: ClassVar[str] = "organization"

    def visible_to(self, user: User | AnonymousUser) -> Self:
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.sees_all_organizations:
            return self
        if user.organization is None:
            return self.none()
        return self._of_organization(user.organization)

    def _of_organization(self, organization: Organization) -> Self:
        return self.filter(**{self.tenant_path: organization})


class OrganizationQuerySet(TenantQuerySet["Organization"]):
    tenant_path = "pk"

    def _of_organization(self, organization: Organization) -> Self:
        return self.filter(pk=organization.pk)


class UserQuerySet(TenantQuerySet["User"]):
    def _of_organization(self, organization: Organization) -> Self:
        members = Membership.objects.filter(organization=organization)
        return self.filter(pk__in=members.values("user"))


class AccountManager(UserManager["User"]):
    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: User | AnonymousUser) -> UserQuerySet:
        return self.get_queryset().visible_to(user)


class Organization(models.Model):
    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    kind = models.CharField(max_length=20, choices=OrganizationKind)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=OrganizationKind.values),
                name="organization_kind_known",
            )
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person or a machine that signs in.

    `membership` says for which organization the user acts: token authentication and
    MembershipMiddleware set it; elsewhere it is the user's only membership, or None.
    """

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)

    objects: ClassVar[AccountManager] = AccountManager()

    _membership: Membership | None

    @property
    def membership(self) -> Membership | None:
        if "_membership" in self.__dict__:
            return self._membership
        only = self._only_membership()
        if only is not None:
            self._membership = only
        return only

    @membership.setter
    def membership(self, membership: Membership | None) -> None:
        self._membership = membership

    def _only_membership(self) -> Membership | None:
        found = list(self.memberships.select_related("organization").order_by("id")[:2])
        return found[0] if len(found) == 1 else None

    @property
    def organization(self) -> Organization | None:
        return self.membership.organization if self.membership else None

    @property
    def role(self) -> Role | None:
        return Role(self.membership.role) if self.membership else None

    def has_role(self, role: Role) -> bool:
        return self.role is not None and self.role.at_least(role)

    @property
    def sees_all_organizations(self) -> bool:
        """Superusers, and staff who act for an operator organization or belong to none.

        Staff who act for another organization (by its token, or chosen in the session) see that
        one only.
        """
        if not self.is_active:
            return False
        if self.is_superuser or not self.is_staff:
            return self.is_superuser
        if self.membership is not None:
            return self.membership.organization.kind == OrganizationKind.OPERATOR
        kinds = self._kinds_of_organizations
        return not kinds or OrganizationKind.OPERATOR in kinds

    @cached_property
    def _kinds_of_organizations(self) -> frozenset[str]:
        """Asked for every table of a page; read once a request."""
        return frozenset(self.memberships.values_list("organization__kind", flat=True))


class TenantModel(models.Model):
    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


class Membership(TenantModel):
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="membership_unique_per_organization"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.organization} ({self.get_role_display()})"


class ApiToken(TenantModel, AbstractAuthToken):  # type: ignore[misc]
    """A bearer secret of a user for one organization. Only its hash is kept."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="api_tokens"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=128, unique=True, editable=False)
    token_key = models.CharField(max_length=25, editable=False)
    name = models.CharField(max_length=100)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created = None
    expiry = models.DateTimeField("expires at", editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["user", "expiry"], name="apitoken_user_expiry"),
            models.Index(fields=["expiry"], name="apitoken_expiry"),
        ]
        permissions = [("revoke_apitoken", "Can revoke API tokens")]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"


class IdempotencyRecord(TenantModel):
    """The answer to a request that carried an Idempotency-Key; no status while it still runs."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "path", "key"],
                name="idempotencyrecord_unique_request",
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created_at")]

    def __str__(self) -> str:
        return f"{self.path} {self.key}"
