from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Membership
from accounts.selectors import get_acting_membership, get_live_token, list_memberships, list_tokens
from accounts.services import create_token
from tests.accounts.factories import (
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    make_member,
    make_token,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TestListMemberships:
    def test_is_sorted_by_the_name_of_the_organization(self):
        user = UserFactory()
        for name in ("Beta", "Alpha", "Gamma"):
            MembershipFactory(user=user, organization__name=name)

        names = [membership.organization.name for membership in list_memberships(user=user)]

        assert names == ["Alpha", "Beta", "Gamma"]


class TestGetActingMembership:
    def test_is_the_chosen_one(self):
        user = make_member()
        chosen = MembershipFactory(user=user)

        assert get_acting_membership(user=user, chosen=str(chosen.organization_id)) == chosen

    def test_is_the_only_one(self):
        user = make_member()

        assert get_acting_membership(user=user, chosen=None) == user.membership

    @pytest.mark.parametrize("chosen", [None, "", "garbage"])
    def test_is_none_when_several_could_be_meant(self, chosen):
        user = make_member()
        MembershipFactory(user=user)

        assert get_acting_membership(user=user, chosen=chosen) is None

    def test_ignores_the_choice_of_an_organization_that_the_user_has_left(self):
        user = make_member()
        left = OrganizationFactory()

        assert get_acting_membership(user=user, chosen=str(left.pk)) == user.membership


class TestGetLiveToken:
    @pytest.fixture
    def user(self):
        return make_member()

    @pytest.fixture
    def secret(self, user):
        _, secret = create_token(
            user=user,
            organization=user.organization,
            name="test",
            expires_in=timedelta(hours=1),
            now=NOON,
        )
        return secret

    def test_brings_its_user_and_organization(self, user, secret):
        token = get_live_token(plain=secret, now=NOON)

        assert token.user == user
        assert token.user.organization == user.organization

    def test_acts_for_the_tokens_organization_among_several(self, user, secret):
        organization = user.organization
        MembershipFactory(user=user)

        token = get_live_token(plain=secret, now=NOON)

        assert token.user.organization == organization

    @pytest.mark.parametrize(
        ("minutes", "is_live"), [(0, True), (59, True), (60, False), (61, False)]
    )
    def test_ends_at_its_expiry(self, secret, minutes, is_live):
        token = get_live_token(plain=secret, now=NOON + timedelta(minutes=minutes))

        assert (token is not None) is is_live

    @pytest.mark.parametrize("plain", ["", "bw_", "x" * 5000, "å\x00"])
    def test_is_none_for_an_unknown_secret(self, secret, plain):
        assert get_live_token(plain=plain, now=NOON) is None

    def test_is_none_for_an_inactive_user(self, user, secret):
        user.is_active = False
        user.save()

        assert get_live_token(plain=secret, now=NOON) is None

    def test_is_none_after_the_user_has_left_the_organization(self, user, secret):
        Membership.objects.filter(user=user).delete()
        MembershipFactory(user=user)

        assert get_live_token(plain=secret, now=NOON) is None

    def test_costs_two_queries(self, secret, django_assert_num_queries):
        with django_assert_num_queries(2):
            assert get_live_token(plain=secret, now=NOON).user.organization.slug


class TestListTokens:
    def test_lists_the_users_own_tokens_newest_first(self):
        user = make_member()
        make_token(make_member(organization=user.organization))
        first, _ = make_token(user)
        second, _ = make_token(user)

        assert list(list_tokens(user=user)) == [second, first]
