import pytest
from rest_framework.test import APIClient

from accounts.models import Role
from tests.accounts.factories import (
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    bearer,
    make_member,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]

RANKS = [Role.VIEWER, Role.OPERATOR, Role.MANAGER, Role.OWNER]
# path, method, the least role
RULES = [
    ("default", "get", Role.VIEWER),
    ("default", "post", Role.OPERATOR),
    ("manager-writes", "get", Role.VIEWER),
    ("manager-writes", "post", Role.MANAGER),
    ("owner-writes", "get", Role.VIEWER),
    ("owner-writes", "delete", Role.OWNER),
    ("operator-only", "get", Role.OPERATOR),
    ("operator-only", "post", Role.OPERATOR),
    ("manager-only", "get", Role.MANAGER),
    ("manager-only", "post", Role.MANAGER),
    ("owner-only", "get", Role.OWNER),
    ("owner-only", "post", Role.OWNER),
    ("by-method", "get", Role.VIEWER),
    ("by-method", "post", Role.MANAGER),
    ("by-method", "delete", Role.OWNER),
    ("by-action", "get", Role.OWNER),
    ("by-action", "post", Role.OWNER),
]


class TestOrganizationPermission:
    @pytest.mark.parametrize("role", RANKS)
    @pytest.mark.parametrize(("path", "method", "least"), RULES)
    def test_lets_the_role_and_those_above_it_in(self, path, method, least, role):
        call = getattr(APIClient(), method)

        response = call(f"/roles/{path}", headers=bearer(make_member(role)))

        is_allowed = RANKS.index(role) >= RANKS.index(least)
        assert response.status_code == (200 if is_allowed else 403)
        if not is_allowed:
            assert response.json() == {
                "error": "Your role does not allow this action",
                "code": "role_not_allowed",
            }

    @pytest.mark.parametrize(("path", "method", "least"), RULES)
    def test_asks_anonymous_for_a_token(self, path, method, least):
        assert getattr(APIClient(), method)(f"/roles/{path}").status_code == 401

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_refuses_a_user_without_an_organization(self, client, method):
        client.force_login(UserFactory())

        response = getattr(client, method)("/contract/who", content_type="application/json")

        assert response.status_code == 403
        assert response.json() == {
            "success": False,
            "error": "You act for no organization.",
            "code": "organization_required",
        }

    def test_refuses_a_user_who_has_not_chosen_an_organization(self, client):
        user = make_member()
        MembershipFactory(user=user)
        client.force_login(user)

        assert client.get("/contract/who").json()["code"] == "organization_required"

    def test_lets_staff_of_the_operator_read_without_a_membership(self, client):
        client.force_login(UserFactory(staff=True))

        response = client.options("/contract/who")

        assert response.status_code == 200

    def test_does_not_let_staff_write_without_a_membership(self, client):
        client.force_login(UserFactory(superuser=True))

        response = client.post("/contract/who", content_type="application/json")

        assert response.json()["code"] == "organization_required"

    def test_gives_staff_of_the_operator_the_rights_of_their_role(self):
        staff = make_member(
            Role.VIEWER, staff=True, organization=OrganizationFactory(operator=True)
        )

        assert APIClient().post("/who", headers=bearer(staff)).status_code == 403
