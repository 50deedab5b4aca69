import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from accounts.middleware import SESSION_KEY, MembershipMiddleware
from tests.accounts.factories import MembershipFactory, OrganizationFactory, make_member

pytestmark = pytest.mark.django_db


def pass_through(user, session=None):
    request = RequestFactory().get("/")
    request.user, request.session = user, session or {}
    MembershipMiddleware(lambda request: None)(request)
    return request.user


class TestMembershipMiddleware:
    def test_leaves_anonymous_alone(self):
        assert pass_through(AnonymousUser()).is_anonymous

    def test_gives_the_only_membership(self):
        user = make_member()

        assert pass_through(user).organization == user.organization

    def test_gives_the_chosen_membership(self):
        user = make_member()
        chosen = MembershipFactory(user=user)

        acting = pass_through(user, {SESSION_KEY: str(chosen.organization_id)})

        assert acting.membership == chosen

    def test_gives_none_before_a_choice_among_several(self):
        user = make_member()
        MembershipFactory(user=user)

        assert pass_through(user).membership is None

    @pytest.mark.parametrize("chosen", ["garbage", 5, None])
    def test_ignores_a_choice_that_is_none_of_the_users_own(self, chosen):
        user = make_member()

        assert pass_through(user, {SESSION_KEY: chosen}).membership is not None

    def test_does_not_let_a_user_act_for_a_foreign_organization(self):
        foreign = OrganizationFactory()
        user = make_member()

        acting = pass_through(user, {SESSION_KEY: str(foreign.pk)})

        assert acting.organization != foreign

    def test_reads_nothing_until_somebody_asks(self, django_assert_num_queries):
        user = make_member()

        with django_assert_num_queries(0):
            pass_through(user)

    def test_costs_one_query_beside_the_user(self, django_assert_num_queries):
        user = make_member()

        with django_assert_num_queries(1):
            acting = pass_through(user)
            assert acting.organization.name
            assert acting.role
