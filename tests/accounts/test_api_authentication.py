from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiToken, Membership, Role
from tests.accounts.factories import MembershipFactory, bearer, make_member, make_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNAUTHORIZED = {"error": "Unauthorized", "code": "unauthenticated"}


@pytest.fixture
def user():
    return make_member()


class TestBearerTokenAuthentication:
    def get(self, authorization=None):
        headers = {} if authorization is None else {"Authorization": authorization}
        return APIClient().get("/who", headers=headers)

    def test_gives_identity_and_organization(self, user):
        response = APIClient().get("/who", headers=bearer(user))

        assert response.json() == {"user": user.username, "organization": user.organization.slug}

    @pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
    def test_takes_the_scheme_in_any_case(self, user, scheme):
        _, secret = make_token(user)

        assert self.get(f"{scheme} {secret}").status_code == 200

    def test_acts_for_the_organization_of_the_token(self, user):
        first = user.organization
        second = MembershipFactory(user=user).organization

        slugs = [
            APIClient().get("/who", headers=bearer(user, organization)).json()["organization"]
            for organization in (first, second)
        ]

        assert slugs == [first.slug, second.slug]

    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            "Bearer two words",
            "Bearer \xff\xfe",
            "Basic dXNlcjpwYXNz",
            "Token x",
            "Bearer " + "x" * 10_000,
        ],
    )
    def test_refuses_what_is_no_token(self, authorization):
        response = self.get(authorization)

        assert response.status_code == 401
        assert response.json() == UNAUTHORIZED
        assert response["WWW-Authenticate"] == "Bearer"

    def test_refuses_an_expired_token(self, user):
        with time_machine.travel(NOON, tick=False):
            headers = bearer(user)
            assert APIClient().get("/who", headers=headers).status_code == 200

        with time_machine.travel(NOON + timedelta(days=1), tick=False):
            assert APIClient().get("/who", headers=headers).status_code == 401

    def test_refuses_a_revoked_token(self, user):
        headers = bearer(user)
        ApiToken.objects.get().delete()

        assert APIClient().get("/who", headers=headers).status_code == 401

    def test_refuses_an_inactive_user(self, user):
        headers = bearer(user)
        user.is_active = False
        user.save()

        assert APIClient().get("/who", headers=headers).status_code == 401

    def test_refuses_a_user_who_has_left(self, user):
        headers = bearer(user)
        Membership.objects.all().delete()

        assert APIClient().get("/who", headers=headers).status_code == 401

    def test_sees_a_changed_role_at_once(self, user):
        headers = bearer(user)
        Membership.objects.update(role=Role.VIEWER)

        assert APIClient().post("/who", headers=headers).status_code == 403

    def test_does_not_fall_back_to_the_session(self, user):
        client = Client()
        client.force_login(user)

        response = client.get("/contract/who", headers={"Authorization": "Bearer wrong"})

        assert response.status_code == 401

    def test_remembers_the_last_use(self, user):
        with time_machine.travel(NOON, tick=False):
            APIClient().get("/who", headers=bearer(user))

        assert ApiToken.objects.get().last_used_at == NOON


class TestSessionAuthentication:
    """The ordinary one, on paths outside the fixed contracts."""

    @pytest.fixture
    def client(self, user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        return client

    def test_reads_with_the_cookie(self, client, user):
        assert client.get("/who").json()["user"] == user.username

    def test_writes_only_with_the_csrf_header(self, client):
        response = client.post("/who", {}, content_type="application/json")

        assert response.status_code == 403
        assert response.json()["error"].startswith("CSRF Failed")


class TestContractSessionAuthentication:
    @pytest.fixture
    def client(self, user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        return client

    def post(self, client, content_type="application/json", **headers):
        return client.post("/contract/who", "{}", content_type=content_type, headers=headers)

    def test_works_without_a_csrf_header(self, client, user):
        response = self.post(client)

        assert response.status_code == 200
        assert response.json()["user"] == user.username

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://testserver"},
            {"Sec-Fetch-Site": "same-origin"},
            {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
            {"Origin": "https://trusted.example"},
            {"Origin": "https://a.wild.example"},
        ],
    )
    def test_accepts_our_own_and_trusted_pages(self, client, headers, settings):
        settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example", "https://*.wild.example"]

        assert self.post(client, **headers).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "https://testserver"},
            {"Origin": "http://testserver:8000"},
            {"Origin": "http://testserver.evil.example"},
            {"Origin": "null"},
            {"Origin": ""},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        ],
    )
    def test_refuses_foreign_pages(self, client, headers):
        response = self.post(client, **headers)

        assert response.status_code == 403
        assert response.json() == {
            "success": False,
            "error": "Cross-origin request refused",
            "code": "cross_origin",
        }

    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""],
    )
    def test_refuses_a_post_that_a_form_could_send(self, client, content_type):
        response = self.post(client, content_type=content_type)

        assert response.status_code == 415
        assert response.json() == {
            "success": False,
            "error": "Content-Type must be application/json",
            "code": "unsupported_media_type",
        }

    @pytest.mark.parametrize(
        "content_type", ["application/json; charset=utf-8", "Application/JSON"]
    )
    def test_accepts_json_in_any_spelling(self, client, content_type):
        assert self.post(client, content_type=content_type).status_code == 200

    @pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "none"}])
    def test_reads_from_the_address_bar(self, client, headers):
        assert client.get("/contract/who", headers=headers).status_code == 200

    @pytest.mark.parametrize(
        "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
    )
    def test_does_not_read_for_foreign_pages(self, client, headers):
        assert client.get("/contract/who", headers=headers).status_code == 403

    def test_needs_no_content_type_on_delete(self, client, user):
        Membership.objects.update(role=Role.OWNER)

        assert client.delete("/contract/who").status_code == 200

    def test_checks_a_csrf_header_that_is_sent(self, client):
        assert self.post(client, **{"X-CSRFToken": "wrong"}).status_code == 403

    def test_accepts_a_right_csrf_header(self, client):
        client.get("/login")
        client.cookies["csrftoken"] = "a" * 32

        response = self.post(client, **{"X-CSRFToken": "a" * 32})

        assert response.status_code == 200

    def test_asks_nothing_of_a_bearer(self, user):
        headers = bearer(user) | {"Origin": "https://evil.example"}

        assert self.post(Client(), content_type="application/json", **headers).status_code == 200

    def test_refuses_anonymous_before_anything_else(self):
        response = self.post(Client(), content_type="text/plain", Origin="https://evil.example")

        assert response.status_code == 401
        assert response.json() == {"success": False} | UNAUTHORIZED
