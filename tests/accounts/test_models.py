from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from accounts.models import (
    ApiToken,
    IdempotencyRecord,
    Membership,
    Organization,
    OrganizationKind,
    Role,
    User,
)
from tests.accounts.factories import (
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    make_member,
    make_token,
)

pytestmark = pytest.mark.django_db

RANKS = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.MANAGER: 2, Role.OWNER: 3}


class TestRole:
    @pytest.mark.parametrize(("role", "other"), list(product(Role, Role)))
    def test_includes_the_roles_below_it(self, role, other):
        assert role.at_least(other) is (RANKS[role] >= RANKS[other])


class TestOrganization:
    def test_gets_a_time_ordered_id_from_the_database(self):
        organization = OrganizationFactory()

        assert organization.pk.version == 7
        assert organization.created_at is not None

    def test_is_named_by_its_name(self):
        assert str(OrganizationFactory(name="Acme")) == "Acme"

    def test_refuses_an_unknown_kind(self):
        with pytest.raises(IntegrityError, match="organization_kind_known"):
            OrganizationFactory(kind="bank")

    def test_refuses_a_used_slug(self):
        OrganizationFactory(slug="acme")

        with pytest.raises(IntegrityError):
            OrganizationFactory(slug="acme")


class TestMembership:
    def test_refuses_an_unknown_role(self):
        with pytest.raises(IntegrityError, match="membership_role_known"):
            MembershipFactory(role="king")

    def test_refuses_a_second_one_in_the_same_organization(self):
        membership = MembershipFactory()

        with pytest.raises(IntegrityError, match="membership_unique_per_organization"):
            MembershipFactory(user=membership.user, organization=membership.organization)

    def test_is_named_by_user_organization_and_role(self):
        membership = MembershipFactory(
            user__username="ann", organization__name="Acme", role=Role.OWNER
        )

        assert str(membership) == "ann at Acme (Owner)"


class TestUserMembership:
    def test_is_the_only_one(self):
        membership = MembershipFactory()

        assert membership.user.membership == membership
        assert membership.user.organization == membership.organization
        assert membership.user.role is Role.OPERATOR

    def test_is_none_without_one(self):
        user = UserFactory()

        assert (user.membership, user.organization, user.role) == (None, None, None)

    def test_is_none_while_several_could_be_meant(self):
        user = make_member()
        MembershipFactory(user=user)

        assert user.membership is None

    def test_is_the_one_that_was_set(self):
        user = make_member()
        chosen = MembershipFactory(user=user)

        user.membership = chosen

        assert user.organization == chosen.organization

    def test_is_found_once_it_exists(self):
        user = UserFactory()
        assert user.membership is None

        membership = MembershipFactory(user=user)

        assert user.membership == membership

    def test_is_read_once(self, django_assert_num_queries):
        user = make_member()

        with django_assert_num_queries(1):
            assert user.membership
            assert user.role
            assert user.organization.name


class TestHasRole:
    @pytest.mark.parametrize(("role", "needed"), list(product(Role, Role)))
    def test_compares_with_the_role_of_the_membership(self, role, needed):
        assert make_member(role).has_role(needed) is (RANKS[role] >= RANKS[needed])

    @pytest.mark.parametrize("needed", Role)
    def test_is_false_without_a_membership(self, needed):
        assert not UserFactory(superuser=True).has_role(needed)


class TestSeesAllOrganizations:
    def test_superusers_do(self):
        assert UserFactory(superuser=True).sees_all_organizations

    def test_superusers_do_with_any_membership(self):
        assert make_member(superuser=True).sees_all_organizations

    def test_staff_without_a_membership_do(self):
        assert UserFactory(staff=True).sees_all_organizations

    @pytest.mark.parametrize("kind", OrganizationKind)
    def test_staff_do_for_an_operator_organization_only(self, kind):
        user = make_member(staff=True, organization=OrganizationFactory(kind=kind))

        assert user.sees_all_organizations is (kind == OrganizationKind.OPERATOR)

    def test_staff_with_several_memberships_do_when_one_is_an_operator(self):
        user = make_member(staff=True, organization=OrganizationFactory(operator=True))
        MembershipFactory(user=user)

        assert user.sees_all_organizations

    def test_staff_with_several_other_memberships_do_not(self):
        user = make_member(staff=True)
        MembershipFactory(user=user)

        assert not user.sees_all_organizations

    def test_staff_who_act_for_another_organization_do_not(self):
        user = make_member(staff=True, organization=OrganizationFactory(operator=True))
        user.membership = MembershipFactory(user=user)

        assert not user.sees_all_organizations

    def test_members_of_an_operator_organization_who_are_not_staff_do_not(self):
        assert not make_member(
            Role.OWNER, organization=OrganizationFactory(operator=True)
        ).sees_all_organizations

    @pytest.mark.parametrize("flags", [{"superuser": True}, {"staff": True}])
    def test_inactive_users_do_not(self, flags):
        assert not UserFactory(inactive=True, **flags).sees_all_organizations


class TestVisibleTo:
    def make_rows(self):
        ours, theirs = OrganizationFactory(), OrganizationFactory()
        member, stranger = make_member(organization=ours), make_member(organization=theirs)
        make_token(member)
        make_token(stranger)
        return ours, member

    @pytest.mark.parametrize("model", [Organization, Membership, ApiToken, User])
    def test_is_empty_for_anonymous(self, model):
        self.make_rows()

        assert not model.objects.visible_to(AnonymousUser()).exists()

    @pytest.mark.parametrize("model", [Organization, Membership, ApiToken, User])
    def test_is_empty_without_a_membership(self, model):
        self.make_rows()

        assert not model.objects.visible_to(UserFactory()).exists()

    @pytest.mark.parametrize("model", [Organization, Membership, ApiToken, User])
    def test_is_empty_for_an_inactive_member(self, model):
        ours, _ = self.make_rows()
        leaver = make_member(organization=ours, inactive=True)

        assert not model.objects.visible_to(leaver).exists()

    @pytest.mark.parametrize("model", [Organization, Membership, ApiToken, User])
    def test_is_everything_for_staff_of_the_operator(self, model):
        self.make_rows()
        staff = UserFactory(staff=True)

        assert set(model.objects.visible_to(staff)) == set(model.objects.all())

    @pytest.mark.parametrize("model", [Membership, ApiToken])
    def test_is_the_members_organization(self, model):
        ours, member = self.make_rows()

        found = model.objects.visible_to(member)

        assert [row.organization for row in found] == [ours]

    def test_shows_a_member_the_own_organization(self):
        ours, member = self.make_rows()

        assert list(Organization.objects.visible_to(member)) == [ours]

    def test_shows_a_member_the_colleagues(self):
        ours, member = self.make_rows()
        colleague = make_member(organization=ours)

        assert set(User.objects.visible_to(member)) == {member, colleague}


class TestApiToken:
    def test_is_named_by_name_and_first_letters(self):
        token, secret = make_token(make_member(), name="printer")

        assert str(token) == f"printer ({secret[:15]}…)"

    def test_never_holds_its_secret(self):
        token, secret = make_token(make_member())

        assert secret not in [str(value) for value in token.__dict__.values()]


class TestIdempotencyRecord:
    def test_is_named_by_path_and_key(self):
        assert str(IdempotencyRecord(path="/orders", key="k-1")) == "/orders k-1"
