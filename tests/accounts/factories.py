from datetime import timedelta

import factory
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission

from accounts.models import ApiToken, Membership, Organization, OrganizationKind, Role, User
from accounts.services import create_token

PASSWORD = "correct horse battery"


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    class Params:
        operator = factory.Trait(kind=OrganizationKind.OPERATOR)

    kind = OrganizationKind.MANUFACTURER
    name = factory.Sequence(lambda number: f"Organization {number}")
    slug = factory.Sequence(lambda number: f"organization-{number}")


class UserFactory(factory.django.DjangoModelFactory):
    """A user without a membership; the password is PASSWORD."""

    class Meta:
        model = User

    class Params:
        staff = factory.Trait(is_staff=True)
        superuser = factory.Trait(is_staff=True, is_superuser=True)
        inactive = factory.Trait(is_active=False)

    username = factory.Sequence(lambda number: f"user-{number}")
    password = factory.LazyFunction(lambda: make_password(PASSWORD))


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.OPERATOR


def make_member(
    role: Role | str = Role.OPERATOR, *, organization: Organization | None = None, **user_fields
) -> User:
    """A user with one membership, in a new organization unless one is given."""
    user = UserFactory(**user_fields)
    MembershipFactory(user=user, role=role, organization=organization or OrganizationFactory())
    return user


def make_token(
    user: User,
    organization: Organization | None = None,
    *,
    name: str = "test",
    expires_in: timedelta = timedelta(days=1),
) -> tuple[ApiToken, str]:
    """A token and its secret, for the user's only organization unless one is given."""
    organization = organization or user.organization
    return create_token(user=user, organization=organization, name=name, expires_in=expires_in)


def bearer(user: User, organization: Organization | None = None) -> dict[str, str]:
    """Headers for a client: `client.get(url, headers=bearer(user))`."""
    _, secret = make_token(user, organization)
    return {"Authorization": f"Bearer {secret}"}


def grant(user: User, *codenames: str) -> User:
    """Give Django permissions by codename, as the admin would."""
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user
