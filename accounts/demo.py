"""Demo data: organizations and people. `manage.py demo` runs this part before those of the systems."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from accounts.models import ApiToken, Membership, Organization, OrganizationKind, Role, User
from accounts.services import create_token
from accounts.tokens import digest_of

# Without letters and digits that look alike.
PASSWORD_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105 (an alphabet)
PASSWORD_LENGTH = 14
STAFF_GROUP = "Staff"
TOKEN_NAME = "demo"  # noqa: S105 (a name)
TOKEN_LIFE = timedelta(days=365)
# A token that ends within a day is of no use to somebody who starts to work with it.
SHORTEST_REST = timedelta(days=1)
# Whoever may change people could make himself a superuser.
VIEWED_ONLY = ("accounts",)
NOT_FOR_STAFF = ("admin", "auth", "axes", "contenttypes", "django_q", "knox", "sessions")


class Person(NamedTuple):
    username: str
    organization: str
    role: Role
    is_staff: bool = False
    is_superuser: bool = False


ORGANIZATIONS = {
    "operations": (OrganizationKind.OPERATOR, "Batchworks Operations"),
    "harbor-tea-works": (OrganizationKind.MANUFACTURER, "Harbor Tea Works"),
    "silverpine-herbs": (OrganizationKind.MANUFACTURER, "Silverpine Herbs"),
    "corner-tea-shops": (OrganizationKind.BUYER, "Corner Tea Shops"),
    "quayside-warehouse": (OrganizationKind.WAREHOUSE, "Quayside Warehouse"),
    "demo-warehouse": (OrganizationKind.WAREHOUSE, "Demo Warehouse"),
}
PEOPLE = (
    Person("admin", "operations", Role.OWNER, is_staff=True, is_superuser=True),
    Person("staff", "operations", Role.MANAGER, is_staff=True),
    Person("harbor-owner", "harbor-tea-works", Role.OWNER),
    Person("harbor-manager", "harbor-tea-works", Role.MANAGER),
    Person("harbor-operator", "harbor-tea-works", Role.OPERATOR),
    Person("harbor-viewer", "harbor-tea-works", Role.VIEWER),
    Person("silverpine-manager", "silverpine-herbs", Role.MANAGER),
    Person("buyer", "corner-tea-shops", Role.VIEWER),
    Person("warehouse", "quayside-warehouse", Role.OPERATOR),
    Person("demo-manager", "demo-warehouse", Role.MANAGER),
    Person("demo-operator", "demo-warehouse", Role.OPERATOR),
    Person("demo-viewer", "demo-warehouse", Role.VIEWER),
)


@dataclass
class Demo:
    """What the parts of the demo share: the clock, and who and what the parts before have made."""

    scale: str
    now: datetime
    organizations: dict[str, Organization] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    @property
    def is_large(self) -> bool:
        return self.scale == "large"


class KeptSecrets:
    """Passwords and tokens of demo users: made once, readable by the owner of DATA_DIR only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        kept = json.loads(path.read_text()) if path.exists() else {}
        self.by_user: dict[str, dict[str, str]] = kept

    def of(self, username: str) -> dict[str, str]:
        return self.by_user.setdefault(username, {"password": _make_password()})

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self.by_user, indent=1))
        draft.replace(self.path)


def secrets_file() -> Path:
    """Where passwords and tokens are kept; written before the people that they are for."""
    folder: Path = settings.DATA_DIR
    return folder / "secrets" / "demo.json"


@transaction.atomic
def load(demo: Demo) -> dict[str, Any]:
    """Make what is missing; everybody's kept password and token work afterwards."""
    kept = KeptSecrets(secrets_file())
    for slug, (kind, name) in ORGANIZATIONS.items():
        demo.organizations[slug] = _organization(slug, kind, name)
    group = _staff_group()
    for person in PEOPLE:
        secret = kept.of(person.username)
        user = demo.users[person.username] = _user(person, secret["password"])
        organization = demo.organizations[person.organization]
        Membership.objects.get_or_create(
            user=user, organization=organization, defaults={"role": person.role}
        )
        if person.is_staff:
            user.groups.add(group)
        secret["token"] = _token(user, organization, kept=secret.get("token"), now=demo.now)
    kept.save()
    return describe(demo, kept)


def describe(demo: Demo, kept: KeptSecrets) -> dict[str, Any]:
    return {
        "organizations": {
            slug: {"id": str(organization.pk), "kind": organization.kind, "name": organization.name}
            for slug, organization in demo.organizations.items()
        },
        "users": {
            person.username: {
                "id": str(demo.users[person.username].pk),
                **kept.of(person.username),
                "organization": person.organization,
                "role": str(person.role),
                "staff": person.is_staff,
            }
            for person in PEOPLE
        },
    }


def _make_password() -> str:
    return "".join(secrets.choice(PASSWORD_CHARACTERS) for _ in range(PASSWORD_LENGTH))


def _organization(slug: str, kind: OrganizationKind, name: str) -> Organization:
    made, _ = Organization.objects.get_or_create(
        slug=slug, defaults={"kind": kind, "name": name, "email": f"office@{slug}.example"}
    )
    return made


def _user(person: Person, password: str) -> User:
    user = User.objects.filter(username=person.username).first()
    if user is not None and user.is_active and user.check_password(password):
        return user
    if user is None:
        user = User(
            username=person.username,
            email=f"{person.username}@{person.organization}.example",
            is_staff=person.is_staff,
            is_superuser=person.is_superuser,
        )
    user.is_active = True
    user.set_password(password)
    user.save()
    return user


def _staff_group() -> Group:
    """What operating needs: see everything, use every named right, neither add nor delete."""
    group, _ = Group.objects.get_or_create(name=STAFF_GROUP)
    rights = Permission.objects.exclude(content_type__app_label__in=NOT_FOR_STAFF)
    writing = Q(codename__startswith="add_") | Q(codename__startswith="delete_")
    people = Q(content_type__app_label__in=VIEWED_ONLY) & ~Q(codename__startswith="view_")
    group.permissions.set(rights.exclude(writing | people))
    return group


def _token(user: User, organization: Organization, *, kept: str | None, now: datetime) -> str:
    """The kept token while it works, else a new one."""
    if kept is not None:
        lasting = ApiToken.objects.filter(user=user, organization=organization)
        if lasting.filter(digest=digest_of(kept), expiry__gt=now + SHORTEST_REST).exists():
            return kept
    _, plain = create_token(
        user=user, organization=organization, name=TOKEN_NAME, expires_in=TOKEN_LIFE, now=now
    )
    return plain
