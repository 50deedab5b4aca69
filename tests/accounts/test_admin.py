import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import ApiToken, Membership, Organization, Role, User
from tests.accounts.factories import (
    PASSWORD,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    grant,
    make_member,
    make_token,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]

MODELS = ["organization", "user", "membership", "apitoken"]


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def superuser():
    return UserFactory(superuser=True)


@pytest.fixture
def admin_client(superuser):
    return client_of(superuser)


@pytest.fixture
def rows():
    """One row of each model in an organization of its own."""
    user = make_member(username="stranger", organization=OrganizationFactory(name="Foreign Ltd"))
    token, _ = make_token(user, name="foreign token")
    return {
        "organization": user.organization,
        "user": user,
        "membership": user.membership,
        "apitoken": token,
    }


def page(model, row=None, verb="change"):
    return f"/admin/accounts/{model}/{f'{row.pk}/{verb}/' if row else ''}"


@pytest.mark.parametrize("model", MODELS)
class TestEveryPage:
    def test_sends_anonymous_to_the_login(self, client, rows, model):
        assert "/admin/login/" in client.get(page(model))["Location"]
        assert "/admin/login/" in client.get(page(model, rows[model]))["Location"]

    def test_sends_members_who_are_not_staff_to_the_login(self, rows, model):
        client = client_of(rows["user"])

        assert "/admin/login/" in client.get(page(model))["Location"]

    def test_refuses_staff_without_a_right(self, rows, model):
        client = client_of(UserFactory(staff=True))

        assert client.get(page(model)).status_code == 403
        assert client.get(page(model, rows[model])).status_code == 403

    def test_shows_list_and_row_to_staff_who_may_view(self, rows, model):
        client = client_of(grant(UserFactory(staff=True), f"view_{model}"))

        assert client.get(page(model)).status_code == 200
        assert client.get(page(model, rows[model])).status_code == 200
        assert client.get(page(model, rows[model], "delete")).status_code == 403

    def test_changes_nothing_for_staff_who_may_only_view(self, rows, model):
        client = client_of(grant(UserFactory(staff=True), f"view_{model}"))

        assert client.post(page(model, rows[model]), {"name": "hacked"}).status_code == 403

    def test_shows_superusers_everything(self, admin_client, rows, model):
        assert admin_client.get(page(model, rows[model])).status_code == 200

    def test_hides_foreign_rows_from_staff_of_another_organization(self, rows, model):
        staff = grant(make_member(staff=True), f"view_{model}", f"delete_{model}")
        client = client_of(staff)

        assert "oreign" not in client.get(page(model)).text
        for verb in ("change", "history"):
            assert client.get(page(model, rows[model], verb)).status_code == 404
        # Nobody deletes a token by hand, so that page tells nothing about the row either way.
        status = 403 if model == "apitoken" else 404
        assert client.get(page(model, rows[model], "delete")).status_code == status

    def test_answers_unknown_ids_like_foreign_ones(self, admin_client, model):
        assert admin_client.get(f"/admin/accounts/{model}/garbage/change/").status_code == 404

    def test_offers_no_mass_deletion(self, admin_client, rows, model):
        assert "delete_selected" not in admin_client.get(page(model)).text

    def test_searches(self, admin_client, rows, model):
        assert admin_client.get(f"{page(model)}?q=x").status_code == 200

    def test_needs_few_queries_for_many_rows(
        self, admin_client, model, django_assert_max_num_queries
    ):
        for _ in range(15):
            make_token(make_member())

        with django_assert_max_num_queries(12):
            admin_client.get(page(model))


class TestOrganizationAdmin:
    def form(self, **fields):
        return {
            "name": "Acme",
            "slug": "acme",
            "kind": "buyer",
            "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0,
        } | {name.replace("__", "-"): value for name, value in fields.items()}

    def test_adds_an_organization_with_its_first_member(self, admin_client):
        user = UserFactory()

        response = admin_client.post(
            "/admin/accounts/organization/add/",
            self.form(
                memberships__TOTAL_FORMS=1,
                memberships__0__user=user.pk,
                memberships__0__role="owner",
            ),
        )

        assert response.status_code == 302
        assert Organization.objects.get().slug == "acme"
        assert user.role is Role.OWNER

    def test_changes_an_organization(self, admin_client):
        organization = OrganizationFactory()

        admin_client.post(page("organization", organization), self.form(name="Renamed"))

        assert Organization.objects.get().name == "Renamed"

    def test_removes_a_member_with_the_tokens(self, admin_client):
        user = make_member()
        make_token(user)
        membership = user.membership

        admin_client.post(
            page("organization", membership.organization),
            self.form(
                memberships__TOTAL_FORMS=1,
                memberships__INITIAL_FORMS=1,
                memberships__0__id=membership.pk,
                memberships__0__user=user.pk,
                memberships__0__role="owner",
                memberships__0__organization=membership.organization_id,
                memberships__0__DELETE="on",
            ),
        )

        assert not Membership.objects.exists()
        assert not ApiToken.objects.exists()

    def test_tells_that_a_slug_is_used(self, admin_client):
        OrganizationFactory(slug="acme")

        response = admin_client.post("/admin/accounts/organization/add/", self.form())

        assert "already exists" in response.text


class TestUserAdmin:
    def test_adds_a_user(self, admin_client):
        response = admin_client.post(
            "/admin/accounts/user/add/",
            {
                "username": "ann",
                "usable_password": "true",
                "password1": PASSWORD,
                "password2": PASSWORD,
                "memberships-TOTAL_FORMS": 0,
                "memberships-INITIAL_FORMS": 0,
            },
        )

        assert response.status_code == 302
        assert User.objects.get(username="ann").check_password(PASSWORD)

    def test_shows_the_form_to_add_a_user(self, admin_client):
        assert admin_client.get("/admin/accounts/user/add/").status_code == 200

    def test_sets_a_password(self, admin_client):
        user = UserFactory()
        address = f"/admin/accounts/user/{user.pk}/password/"
        assert admin_client.get(address).status_code == 200

        admin_client.post(
            address,
            {"usable_password": "true", "password1": "new horse 55", "password2": "new horse 55"},
        )

        user.refresh_from_db()
        assert user.check_password("new horse 55")

    def user_form(self, user, **fields):
        return {
            "username": user.username,
            "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00:00",
            "is_active": "on",
            "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0,
        } | fields

    def test_lets_superusers_give_rights(self, admin_client):
        user = UserFactory()

        admin_client.post(page("user", user), self.user_form(user, is_staff="on"))

        user.refresh_from_db()
        assert user.is_staff

    @pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
    def test_lets_no_other_staff_give_rights(self, right):
        staff = grant(UserFactory(staff=True), "change_user", "view_user")
        user = UserFactory()

        response = client_of(staff).post(
            page("user", user), self.user_form(user, first_name="Ann", **{right: "on"})
        )

        assert response.status_code == 302
        user.refresh_from_db()
        assert user.first_name == "Ann"
        assert not getattr(user, right)

    @pytest.mark.parametrize("verb", ["change", "password", "delete"])
    def test_lets_no_other_staff_touch_a_superuser(self, superuser, verb):
        staff = grant(UserFactory(staff=True), "change_user", "delete_user")

        response = client_of(staff).post(
            page("user", superuser, verb), {"password1": "x", "password2": "x", "post": "yes"}
        )

        assert response.status_code == 403
        assert User.objects.filter(pk=superuser.pk, password=superuser.password).exists()

    def test_shows_no_membership_in_a_foreign_organization(self):
        staff = grant(make_member(staff=True), "view_user", "view_membership")
        colleague = make_member(organization=staff.organization)
        MembershipFactory(user=colleague, organization__name="Foreign Ltd")

        text = client_of(staff).get(page("user", colleague)).text

        assert staff.organization.name in text
        assert "Foreign Ltd" not in text


class TestGroupAdmin:
    def test_lets_superusers_work(self, admin_client):
        admin_client.post("/admin/auth/group/add/", {"name": "Support"})

        group = Group.objects.get()
        assert admin_client.get("/admin/auth/group/").status_code == 200
        assert admin_client.get(f"/admin/auth/group/{group.pk}/change/").status_code == 200
        assert admin_client.get(f"/admin/auth/group/{group.pk}/delete/").status_code == 200

    def test_lets_no_other_staff_change_groups(self):
        staff = grant(UserFactory(staff=True), "change_group", "add_group", "delete_group")
        group = Group.objects.create(name="Support")
        client = client_of(staff)

        for verb in ("change", "delete"):
            answer = client.post(f"/admin/auth/group/{group.pk}/{verb}/", {"name": "x"})
            assert answer.status_code == 403
        assert client.post("/admin/auth/group/add/", {"name": "x"}).status_code == 403


class TestPermissionAdmin:
    SEARCH = (
        "/admin/autocomplete/?app_label=accounts&model_name=user&field_name=user_permissions"
        "&term=revoke"
    )

    def test_is_searched_where_rights_are_given(self, admin_client):
        results = admin_client.get(self.SEARCH).json()["results"]

        assert "Accounts | API token | Can revoke API tokens" in [row["text"] for row in results]

    def test_is_searched_by_superusers_only(self):
        staff = grant(UserFactory(staff=True), "change_user", "view_permission")

        assert client_of(staff).get(self.SEARCH).status_code == 403

    def test_is_not_on_the_index(self, admin_client):
        assert "/admin/auth/permission/" not in admin_client.get("/admin/").text

    @pytest.mark.parametrize("verb", ["change", "delete"])
    def test_changes_nothing(self, admin_client, verb):
        permission = Permission.objects.get(codename="revoke_apitoken")

        response = admin_client.post(
            f"/admin/auth/permission/{permission.pk}/{verb}/", {"name": "x"}
        )

        assert response.status_code == 403
        assert admin_client.get("/admin/auth/permission/add/").status_code == 403


class TestMembershipAdmin:
    def test_offers_only_organizations_and_users_that_staff_may_see(self, rows):
        staff = grant(make_member(staff=True), "add_membership", "view_membership")

        response = client_of(staff).post(
            "/admin/accounts/membership/add/",
            {"organization": rows["organization"].pk, "user": staff.pk, "role": "owner"},
        )

        assert "not one of the available choices" in response.text
        assert not staff.memberships.filter(organization=rows["organization"]).exists()

    def test_adds_a_membership(self, admin_client):
        user, organization = UserFactory(), OrganizationFactory()

        admin_client.post(
            "/admin/accounts/membership/add/",
            {"organization": organization.pk, "user": user.pk, "role": "viewer"},
        )

        assert user.role is Role.VIEWER

    def test_deletes_a_membership_with_its_tokens(self, admin_client):
        user = make_member()
        make_token(user)

        admin_client.post(page("membership", user.membership, "delete"), {"post": "yes"})

        assert not Membership.objects.exists()
        assert not ApiToken.objects.exists()

    def test_finds_only_visible_rows_by_autocomplete(self, rows):
        staff = grant(make_member(staff=True), "view_organization", "view_membership")

        answer = client_of(staff).get(
            "/admin/autocomplete/?app_label=accounts&model_name=membership&field_name=organization"
        )

        found = [result["id"] for result in answer.json()["results"]]
        assert found == [str(staff.organization.pk)]


class TestApiTokenAdmin:
    def revoke(self, client, token, **fields):
        chosen = {"action": "revoke_tokens", "_selected_action": token.pk}
        return client.post(page("apitoken"), chosen | fields)

    @pytest.fixture
    def token(self):
        token, _ = make_token(make_member())
        return token

    def test_shows_no_hash(self, admin_client, token):
        assert token.digest not in admin_client.get(page("apitoken", token)).text

    @pytest.mark.parametrize("verb", ["delete", "change"])
    def test_changes_nothing_by_hand(self, admin_client, token, verb):
        assert admin_client.post(page("apitoken", token, verb), {"name": "x"}).status_code == 403

    def test_adds_nothing_by_hand(self, admin_client):
        assert admin_client.get("/admin/accounts/apitoken/add/").status_code == 403

    def test_asks_before_it_revokes(self, admin_client, token):
        response = self.revoke(admin_client, token)

        assert "Revoke these tokens?" in response.text
        assert ApiToken.objects.exists()

    def test_revokes_after_a_yes(self, admin_client, token):
        response = self.revoke(admin_client, token, confirmed="yes")

        assert response.status_code == 302
        assert not ApiToken.objects.exists()
        assert "1 token revoked." in admin_client.get(page("apitoken")).text

    def test_revokes_for_staff_with_the_right(self, token):
        staff = grant(UserFactory(staff=True), "view_apitoken", "revoke_apitoken")

        self.revoke(client_of(staff), token, confirmed="yes")

        assert not ApiToken.objects.exists()

    def test_does_not_revoke_for_staff_who_may_only_view(self, token):
        staff = grant(UserFactory(staff=True), "view_apitoken")

        self.revoke(client_of(staff), token, confirmed="yes")

        assert ApiToken.objects.exists()

    def test_does_not_revoke_a_foreign_token(self, token):
        staff = grant(make_member(staff=True), "view_apitoken", "revoke_apitoken")

        self.revoke(client_of(staff), token, confirmed="yes")

        assert ApiToken.objects.exists()


class TestLogin:
    def test_shows_the_login_page(self, client):
        assert client.get("/admin/login/").status_code == 200

    def test_is_throttled(self, client, superuser, settings):
        settings.AXES_ENABLED = True
        settings.AXES_FAILURE_LIMIT = 3
        form = {"username": superuser.username, "password": "wrong"}
        for _ in range(3):
            client.post("/admin/login/", form)

        response = client.post("/admin/login/", form | {"password": PASSWORD})

        assert response.status_code == 429
