import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts import services
from accounts.models import ApiToken
from tests.accounts.factories import (
    PASSWORD,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    make_member,
    make_token,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def user():
    return make_member(username="ann")


@pytest.fixture
def logged_in(client, user):
    client.force_login(user)
    return client


def log_in(client, path="/login", password=PASSWORD, **more):
    return client.post(path, {"username": "ann", "password": password} | more)


class TestLoginView:
    def test_shows_a_form_for_phones(self, client):
        text = client.get("/login").text

        assert 'name="viewport"' in text
        assert 'autocomplete="current-password"' in text
        assert "<script" not in text
        assert "style=" not in text

    def test_logs_in(self, client, user):
        response = log_in(client)

        assert response.status_code == 302
        assert response["Location"] == "/"
        assert client.session["_auth_user_id"] == str(user.pk)

    def test_goes_on_to_the_page_that_was_wanted(self, client, user):
        page = client.get("/login?next=/pages/members/7").text

        assert 'name="next" value="/pages/members/7"' in page
        assert log_in(client, next="/pages/members/7")["Location"] == "/pages/members/7"

    @pytest.mark.parametrize(
        "target",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "http:evil.example",
        ],
    )
    def test_never_leaves_the_site(self, client, user, target):
        assert log_in(client, next=target)["Location"] == "/"
        assert log_in(Client(), f"/login?next={target}")["Location"] == "/"

    @pytest.mark.parametrize(
        "fields",
        [{"password": "wrong"}, {"username": "nobody"}, {"username": "", "password": ""}],
    )
    def test_refuses_wrong_names_and_passwords(self, client, user, fields):
        response = client.post("/login", {"username": "ann", "password": PASSWORD} | fields)

        assert response.status_code == 200
        assert "_auth_user_id" not in client.session

    def test_says_the_same_for_a_wrong_name_and_a_wrong_password(self, client, user):
        wrong_password = client.post("/login", {"username": "ann", "password": "x"})
        wrong_name = client.post("/login", {"username": "bob", "password": "x"})

        messages = [
            response.context["form"].non_field_errors() for response in (wrong_password, wrong_name)
        ]
        assert messages[0]
        assert messages[0] == messages[1]

    def test_refuses_an_inactive_user(self, client, user):
        user.is_active = False
        user.save()

        assert log_in(client).status_code == 200
        assert "_auth_user_id" not in client.session

    def test_needs_a_csrf_token(self, user):
        response = log_in(Client(enforce_csrf_checks=True))

        assert response.status_code == 403
        assert "This page was out of date" in response.text
        assert "style=" not in response.text

    def test_sends_somebody_who_is_logged_in_on(self, logged_in):
        assert logged_in.get("/login")["Location"] == "/"


class TestLockedOut:
    @pytest.fixture(autouse=True)
    def throttled(self, settings):
        settings.AXES_ENABLED = True
        settings.AXES_FAILURE_LIMIT = 3

    def test_stops_guessing_with_a_clear_page(self, client, user):
        for _ in range(3):
            log_in(client, password="wrong")

        response = log_in(client)

        assert response.status_code == 429
        assert "Too many attempts" in response.text

    def test_does_not_stop_a_colleague(self, client, user):
        UserFactory(username="bob")
        for _ in range(3):
            log_in(client, password="wrong")

        response = client.post("/login", {"username": "bob", "password": PASSWORD})

        assert response.status_code == 302


class TestLogoutView:
    def test_ends_the_session(self, logged_in):
        response = logged_in.post("/logout")

        assert response["Location"] == "/login"
        assert "_auth_user_id" not in logged_in.session

    def test_changes_nothing_on_get(self, logged_in):
        assert logged_in.get("/logout").status_code == 405
        assert "_auth_user_id" in logged_in.session


class TestOrganizationView:
    def test_sends_anonymous_to_the_login(self, client):
        assert client.get("/account/organization")["Location"].startswith("/login?next=")
        assert client.post("/account/organization")["Location"].startswith("/login?next=")

    def test_lists_the_users_own_organizations(self, logged_in, user):
        OrganizationFactory(name="Foreign Ltd")
        MembershipFactory(user=user, organization__name="Second Ltd")

        text = logged_in.get("/account/organization").text

        assert "Second Ltd" in text
        assert "Foreign Ltd" not in text

    def test_marks_the_current_one(self, logged_in):
        assert "current" in logged_in.get("/account/organization").text

    def test_tells_somebody_who_has_none(self, client):
        client.force_login(UserFactory())

        assert "no organization yet" in client.get("/account/organization").text

    def test_chooses_the_organization_for_the_next_requests(self, logged_in, user):
        second = MembershipFactory(user=user).organization

        response = logged_in.post("/account/organization", {"organization": second.pk})

        assert response["Location"] == "/account/organization"
        assert logged_in.get("/contract/who").json()["organization"] == second.slug

    def test_returns_to_the_page_that_asked(self, logged_in, user):
        page = "/pages/members/7"

        response = logged_in.post(
            "/account/organization", {"organization": user.organization.pk, "next": page}
        )

        assert response["Location"] == page

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/"])
    def test_never_leaves_the_site(self, logged_in, user, target):
        response = logged_in.post(
            "/account/organization", {"organization": user.organization.pk, "next": target}
        )

        assert response["Location"] == "/account/organization"

    @pytest.mark.parametrize("organization", ["", "garbage", uuid.uuid4()])
    def test_knows_no_other_organization(self, logged_in, organization):
        response = logged_in.post("/account/organization", {"organization": organization})

        assert response.status_code == 404
        assert "organization_id" not in logged_in.session

    def test_answers_the_same_for_a_foreign_organization(self, logged_in):
        foreign = OrganizationFactory()

        response = logged_in.post("/account/organization", {"organization": foreign.pk})

        assert response.status_code == 404
        assert "organization_id" not in logged_in.session

    def test_changes_nothing_on_get(self, logged_in, user):
        logged_in.get(f"/account/organization?organization={user.organization.pk}")

        assert "organization_id" not in logged_in.session


class TestTokensView:
    def create(self, client, user, **fields):
        organization = user.memberships.earliest("created_at").organization_id
        usual = {"name": "printer", "organization": organization, "days": 30}
        return client.post("/account/tokens", usual | fields)

    def test_sends_anonymous_to_the_login(self, client):
        assert client.get("/account/tokens")["Location"] == "/login?next=/account/tokens"
        assert client.post("/account/tokens")["Location"] == "/login?next=/account/tokens"

    def test_shows_a_new_secret_once(self, logged_in, user):
        text = self.create(logged_in, user).text
        secret = re.search(r"bw_[0-9a-f]{64}", text).group()

        assert secret not in logged_in.get("/account/tokens").text
        assert Client().get("/who", headers={"Authorization": f"Bearer {secret}"}).json() == {
            "user": "ann",
            "organization": user.organization.slug,
        }

    def test_is_kept_by_no_cache(self, logged_in, user):
        assert "no-store" in self.create(logged_in, user)["Cache-Control"]

    @time_machine.travel(NOON, tick=False)
    def test_makes_it_for_the_chosen_time_and_organization(self, logged_in, user):
        second = MembershipFactory(user=user).organization
        logged_in.post("/account/organization", {"organization": second.pk})

        self.create(logged_in, user, organization=second.pk, days=365)

        token = ApiToken.objects.get()
        assert token.organization == second
        assert token.expiry == NOON + timedelta(days=365)
        assert token.created_by == user

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": ""},
            {"name": "x" * 101},
            {"days": 31},
            {"days": "x"},
            {"organization": uuid.uuid4()},
            {"organization": "x"},
        ],
    )
    def test_refuses_bad_values(self, logged_in, user, fields):
        response = self.create(logged_in, user, **fields)

        assert response.status_code == 400
        assert "errorlist" in response.text
        assert not ApiToken.objects.exists()

    def test_refuses_a_foreign_organization(self, logged_in, user):
        response = self.create(logged_in, user, organization=OrganizationFactory().pk)

        assert response.status_code == 400
        assert not ApiToken.objects.exists()

    def test_tells_when_there_are_too_many(self, logged_in, user, monkeypatch):
        monkeypatch.setattr(services, "TOKENS_PER_USER", 0)

        response = self.create(logged_in, user)

        assert response.status_code == 400
        assert "Revoke one first" in response.text

    def test_offers_no_form_without_an_organization(self, client):
        client.force_login(UserFactory())

        text = client.get("/account/tokens").text

        assert "Create token" not in text
        assert "nothing that a token could act for" in text

    def test_lists_only_the_users_own(self, logged_in, user):
        make_token(make_member(organization=user.organization), name="colleague's")
        make_token(user, name="scanner")

        text = logged_in.get("/account/tokens").text

        assert "scanner" in text
        assert "colleague" not in text

    def test_marks_expired_and_used_ones(self, logged_in, user):
        with time_machine.travel(NOON, tick=False):
            token, _ = make_token(user, name="old")
        services.record_token_use(token=token, now=NOON)

        text = logged_in.get("/account/tokens").text

        assert '<span class="badge">expired</span>' in text
        assert "last used 1 Mar 2026 12:00 UTC" in text

    def test_escapes_names(self, logged_in, user):
        make_token(user, name="<b>x</b>")

        assert "<b>x</b>" not in logged_in.get("/account/tokens").text


class TestRevokeTokenView:
    def test_revokes_the_token(self, logged_in, user):
        token, _ = make_token(user, name="printer")

        response = logged_in.post(f"/account/tokens/{token.pk}/revoke", follow=True)

        assert not ApiToken.objects.exists()
        assert "The token “printer” works no more." in response.text

    def test_changes_nothing_on_get(self, logged_in, user):
        token, _ = make_token(user)

        assert logged_in.get(f"/account/tokens/{token.pk}/revoke").status_code == 405
        assert ApiToken.objects.exists()

    def test_sends_anonymous_to_the_login(self, client, user):
        token, _ = make_token(user)

        assert client.post(f"/account/tokens/{token.pk}/revoke")["Location"].startswith("/login")
        assert ApiToken.objects.exists()

    def test_does_not_know_the_token_of_a_colleague(self, logged_in, user):
        token, _ = make_token(make_member(organization=user.organization))

        assert logged_in.post(f"/account/tokens/{token.pk}/revoke").status_code == 404
        assert ApiToken.objects.exists()
