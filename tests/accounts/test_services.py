import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from accounts import services
from accounts.errors import (
    AlreadyAMember,
    NotAMember,
    OrganizationExists,
    TokenLifetimeInvalid,
    TooManyTokens,
)
from accounts.models import ApiToken, IdempotencyRecord, Membership, Role
from accounts.tokens import digest_of
from tests.accounts.factories import (
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    make_member,
    make_token,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class TestCreateOrganization:
    def test_keeps_what_it_is_given(self):
        made = services.create_organization(
            kind="buyer", name="Acme", slug="acme", email="office@acme.test"
        )

        made.refresh_from_db()
        assert (made.kind, made.name, made.slug, made.email) == (
            "buyer",
            "Acme",
            "acme",
            "office@acme.test",
        )

    def test_refuses_a_used_slug_and_leaves_the_transaction_usable(self):
        OrganizationFactory(slug="acme")

        with pytest.raises(OrganizationExists):
            services.create_organization(kind="buyer", name="Acme", slug="acme")

        assert OrganizationFactory().pk

    def test_does_not_hide_other_broken_rules(self):
        with pytest.raises(IntegrityError, match="organization_kind_known"):
            services.create_organization(kind="bank", name="Acme", slug="acme")


class TestAddMember:
    def test_gives_the_role(self):
        user, organization = UserFactory(), OrganizationFactory()

        services.add_member(user=user, organization=organization, role=Role.MANAGER)

        assert user.membership.organization == organization
        assert user.role is Role.MANAGER

    def test_refuses_a_second_time_and_keeps_the_role(self):
        membership = MembershipFactory(role=Role.VIEWER)

        with pytest.raises(AlreadyAMember):
            services.add_member(
                user=membership.user, organization=membership.organization, role=Role.OWNER
            )

        membership.refresh_from_db()
        assert membership.role == Role.VIEWER


class TestChangeRole:
    @pytest.mark.parametrize("role", Role)
    def test_sets_the_role(self, role):
        membership = MembershipFactory()

        services.change_role(membership=membership, role=role)

        assert Membership.objects.get().role == role


class TestRemoveMember:
    def test_takes_the_tokens_of_this_organization_along(self):
        user = make_member()
        membership = user.membership
        make_token(user)
        other = MembershipFactory(user=user)
        kept, _ = make_token(user, other.organization)

        services.remove_member(membership=membership)

        assert list(ApiToken.objects.all()) == [kept]
        assert list(Membership.objects.all()) == [other]


class TestCreateToken:
    def create(self, user, **changes):
        arguments = {
            "user": user,
            "organization": user.organization,
            "name": "printer",
            "expires_in": HOUR,
            "now": NOON,
        }
        return services.create_token(**arguments | changes)

    def test_keeps_only_the_hash(self):
        token, secret = self.create(make_member())

        assert token.digest == digest_of(secret)
        assert token.token_key == secret[:15]
        assert secret.startswith("bw_")
        assert len(secret) == 67

    def test_expires_after_the_given_time(self):
        token, _ = self.create(make_member())

        assert token.expiry == NOON + HOUR

    def test_belongs_to_its_user_unless_another_made_it(self):
        user, manager = make_member(), UserFactory()

        own, _ = self.create(user)
        given, _ = self.create(user, created_by=manager)

        assert own.created_by == user
        assert given.created_by == manager

    def test_makes_several_for_one_user(self):
        user = make_member()

        secrets = {self.create(user)[1] for _ in range(3)}

        assert len(secrets) == 3

    def test_refuses_an_organization_that_the_user_is_not_in(self):
        with pytest.raises(NotAMember):
            self.create(make_member(), organization=OrganizationFactory())

    @pytest.mark.parametrize(
        "life", [timedelta(0), timedelta(seconds=59), timedelta(days=367), -HOUR]
    )
    def test_refuses_an_absurd_life(self, life):
        with pytest.raises(TokenLifetimeInvalid):
            self.create(make_member(), expires_in=life)

    @pytest.mark.parametrize("life", [timedelta(minutes=1), timedelta(days=366)])
    def test_accepts_the_shortest_and_the_longest_life(self, life):
        token, _ = self.create(make_member(), expires_in=life)

        assert token.expiry == NOON + life

    def test_refuses_more_than_the_limit_of_live_ones(self, monkeypatch):
        monkeypatch.setattr(services, "TOKENS_PER_USER", 2)
        user = make_member()
        self.create(user)
        self.create(user)

        with pytest.raises(TooManyTokens):
            self.create(user)

    def test_does_not_count_expired_ones(self, monkeypatch):
        monkeypatch.setattr(services, "TOKENS_PER_USER", 1)
        user = make_member()
        self.create(user)

        assert self.create(user, now=NOON + 2 * HOUR)


@pytest.mark.django_db(transaction=True)
class TestCreateTokenTogether:
    def test_keeps_the_limit_between_two_requests(self, monkeypatch):
        monkeypatch.setattr(services, "TOKENS_PER_USER", 1)
        user = make_member()
        start, outcomes = threading.Barrier(4), []

        def create():
            start.wait()
            try:
                make_token(user)
                outcomes.append("made")
            except TooManyTokens:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=create) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes) == ["made", "refused", "refused", "refused"]


class TestRevokeToken:
    def test_deletes_it(self):
        user = make_member()
        token, _ = make_token(user)

        services.revoke_token(token=token, actor=user)

        assert not ApiToken.objects.exists()


class TestRecordTokenUse:
    @pytest.fixture
    def token(self):
        token, _ = make_token(make_member())
        return token

    def test_notes_the_first_use(self, token):
        services.record_token_use(token=token, now=NOON)

        token.refresh_from_db()
        assert token.last_used_at == NOON

    def test_writes_nothing_again_within_ten_minutes(self, token, django_assert_num_queries):
        token.last_used_at = NOON

        with django_assert_num_queries(0):
            services.record_token_use(token=token, now=NOON + timedelta(minutes=9))

    def test_notes_a_later_use(self, token):
        services.record_token_use(token=token, now=NOON)
        token.refresh_from_db()

        services.record_token_use(token=token, now=NOON + HOUR)

        token.refresh_from_db()
        assert token.last_used_at == NOON + HOUR


class TestDeleteOldIdempotencyRecords:
    def make_record(self, key, age):
        user = make_member()
        record = IdempotencyRecord.objects.create(
            organization=user.organization, user=user, path="/x", key=key, request_digest="0"
        )
        IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=NOON - age)

    def test_removes_those_older_than_a_day(self):
        self.make_record("young", timedelta(hours=23))
        self.make_record("old", timedelta(hours=25))

        assert services.delete_old_idempotency_records(now=NOON) == 1
        assert IdempotencyRecord.objects.get().key == "young"

    def test_removes_more_than_one_chunk(self, monkeypatch):
        monkeypatch.setattr(services, "DELETE_AT_ONCE", 2)
        for number in range(5):
            self.make_record(str(number), timedelta(days=2))

        assert services.delete_old_idempotency_records(now=NOON) == 5
        assert not IdempotencyRecord.objects.exists()


class TestDeleteExpiredTokens:
    @pytest.mark.parametrize(("days", "removed"), [(0, 0), (30, 0), (32, 1)])
    def test_keeps_them_for_a_month(self, days, removed):
        user = make_member()
        services.create_token(
            user=user, organization=user.organization, name="x", expires_in=HOUR, now=NOON
        )

        assert services.delete_expired_tokens(now=NOON + timedelta(days=days)) == removed
