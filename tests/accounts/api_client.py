"""Members with a token at the APIs of the systems."""

from typing import Any

from django.test import Client

from accounts.models import Organization, Role
from tests.accounts.factories import OrganizationFactory, bearer, make_member


class MemberClient:
    """A member of an organization with a token; without a role nobody."""

    root = ""

    def __init__(
        self, organization: Organization | None = None, role: Role | None = Role.OPERATOR
    ) -> None:
        self.organization = organization or OrganizationFactory()
        self.user = make_member(role, organization=self.organization) if role else None
        headers = bearer(self.user) if self.user else {}
        self.http = Client(headers=headers, raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(f"{self.root}{path}", query)
