import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.admin_base import PermissionChecks, TenantAdmin, permission_view
from accounts.models import Membership
from accounts.unfold import action
from tests.accounts.factories import (
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    grant,
    make_member,
)

pytestmark = pytest.mark.django_db


class ReviewAdmin(TenantAdmin):
    """Memberships with a custom page for all and one for a single row."""

    def has_review_permission(self, request, obj=None):
        is_own = obj is not None and obj.user == request.user
        return not is_own and self.has_named_permission(request, "change")

    def get_urls(self):
        review = permission_view(self, self.review, permission="review")
        return [
            path("review/", permission_view(self, self.review_all, permission="review")),
            path("<uuid:object_id>/review/", review),
            *super().get_urls(),
        ]

    def review_all(self, request):
        return HttpResponse("all")

    def review(self, request, membership):
        return HttpResponse(membership.user.username)


site = admin.AdminSite(name="admin")
site.register(Membership, ReviewAdmin)
urlpatterns = [path("admin/", site.urls)]


class TestPermissionChecks:
    def errors(self, **members):
        admin_class = type("SampleAdmin", (TenantAdmin,), members)
        return [error.id for error in PermissionChecks().check(admin_class(Membership, admin.site))]

    def test_refuses_an_action_without_permissions(self):
        @admin.action(description="Retry")
        def retry(self, request, queryset): ...

        assert self.errors(retry=retry, actions=["retry"]) == ["accounts.E001"]

    @pytest.mark.parametrize(
        "place", ["actions_list", "actions_row", "actions_detail", "actions_submit_line"]
    )
    def test_refuses_one_in_any_place_of_the_theme(self, place):
        @action(description="Retry")
        def retry(self, request, queryset): ...

        assert self.errors(retry=retry, **{place: ["retry"]}) == ["accounts.E001"]

    def test_refuses_empty_permissions(self):
        @admin.action(permissions=[])
        def retry(self, request, queryset): ...

        assert self.errors(retry=retry, actions=["retry"]) == ["accounts.E001"]

    def test_accepts_actions_with_permissions(self):
        @admin.action(permissions=["change"])
        def retry(self, request, queryset): ...

        assert self.errors(retry=retry, actions=["retry"], actions_row=["retry"]) == []

    def test_refuses_a_permission_that_has_no_method(self):
        @admin.action(permissions=["fly"])
        def retry(self, request, queryset): ...

        assert "admin.E129" in self.errors(retry=retry, actions=["retry"])


@pytest.mark.urls("tests.accounts.test_admin_base")
class TestPermissionView:
    @pytest.fixture
    def row(self):
        return MembershipFactory(user__username="bob")

    def client_of(self, user):
        client = Client()
        client.force_login(user)
        return client

    def paths(self, row):
        return [
            "/admin/accounts/membership/review/",
            f"/admin/accounts/membership/{row.pk}/review/",
        ]

    def test_sends_anonymous_to_the_login(self, row):
        for page in self.paths(row):
            assert Client().get(page)["Location"].startswith("/admin/login/")

    def test_sends_a_user_who_is_not_staff_to_the_login(self, row):
        client = self.client_of(make_member())

        for page in self.paths(row):
            assert client.get(page)["Location"].startswith("/admin/login/")

    @pytest.mark.parametrize("permissions", [[], ["view_membership"]])
    def test_refuses_staff_without_the_right(self, row, permissions):
        client = self.client_of(grant(UserFactory(staff=True), *permissions))

        for page in self.paths(row):
            assert client.get(page).status_code == 403

    def test_lets_staff_with_the_right_in(self, row):
        client = self.client_of(grant(UserFactory(staff=True), "change_membership"))

        answers = [client.get(page).content for page in self.paths(row)]

        assert answers == [b"all", b"bob"]

    def test_does_not_know_a_foreign_row(self, row):
        staff = grant(make_member(staff=True), "change_membership")

        assert self.client_of(staff).get(self.paths(row)[1]).status_code == 404

    def test_does_not_know_an_unknown_row(self, row):
        client = self.client_of(grant(UserFactory(staff=True), "change_membership"))
        page = f"/admin/accounts/membership/{UserFactory().pk}/review/"

        assert client.get(page).status_code == 404

    def test_asks_about_the_row_as_well(self):
        staff = grant(
            make_member(staff=True, organization=OrganizationFactory(operator=True)),
            "change_membership",
        )

        response = self.client_of(staff).get(self.paths(staff.membership)[1])

        assert response.status_code == 403
