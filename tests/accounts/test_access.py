import pytest

from accounts.models import Role
from tests.accounts.factories import MembershipFactory, UserFactory, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]


class TestOrganizationRequired:
    """The decorator; it asks for any role."""

    def test_sends_anonymous_to_the_login_and_back(self, client):
        response = client.get("/pages/members/7?tab=2")

        assert response.status_code == 302
        assert response["Location"] == "/login?next=/pages/members/7%3Ftab%3D2"

    @pytest.mark.parametrize("role", Role)
    def test_lets_members_in(self, client, role):
        client.force_login(make_member(role))

        assert client.get("/pages/members/7").content == b"member 7"

    def test_tells_a_user_without_a_membership_what_to_do(self, client):
        client.force_login(UserFactory())

        response = client.get("/pages/members/7")

        assert response.status_code == 403
        assert "You belong to no organization yet" in response.text

    def test_asks_for_a_choice_among_several(self, client):
        user = make_member()
        MembershipFactory(user=user)
        client.force_login(user)

        response = client.get("/pages/members/7?tab=2")

        assert response.status_code == 302
        assert response["Location"] == "/account/organization?next=%2Fpages%2Fmembers%2F7%3Ftab%3D2"


class TestOrganizationRequiredMixin:
    """The mixin; its page asks for a manager."""

    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize(
        ("role", "status"),
        [
            (Role.VIEWER, 403),
            (Role.OPERATOR, 403),
            (Role.MANAGER, 200),
            (Role.OWNER, 200),
        ],
    )
    def test_lets_the_role_and_those_above_it_in(self, client, role, status, method):
        client.force_login(make_member(role))

        assert getattr(client, method)("/pages/managers").status_code == status

    def test_tells_which_role_is_needed(self, client):
        client.force_login(make_member(Role.VIEWER, organization=None))

        text = client.get("/pages/managers").text

        assert "Your role does not allow this" in text
        assert "<strong>Manager</strong>" in text
        assert "<strong>Viewer</strong>" in text

    def test_returns_to_the_page_of_a_form_after_the_login(self, client):
        response = client.post("/pages/managers?step=2", {"x": 1})

        assert response["Location"] == "/login?next=/pages/managers"
