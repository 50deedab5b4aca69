from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken, IdempotencyRecord
from config.tasks import forget_expired_tokens, forget_stored_answers
from jobs.schedules import get_schedule
from tests.accounts.factories import make_member, make_token

pytestmark = pytest.mark.django_db


class TestForgetStoredAnswers:
    def test_runs_every_hour(self):
        assert get_schedule("accounts_idempotency").minutes == 60

    def test_deletes_answers_older_than_a_day(self):
        user = make_member()
        for key, hours in (("young", 23), ("old", 25)):
            IdempotencyRecord.objects.create(
                organization=user.organization,
                user=user,
                path="/x",
                key=key,
                request_digest="0",
                created_at=timezone.now() - timedelta(hours=hours),
            )

        assert forget_stored_answers() == 1
        assert IdempotencyRecord.objects.get().key == "young"


class TestForgetExpiredTokens:
    def test_runs_every_day(self):
        assert get_schedule("accounts_tokens").daily_at is not None

    def test_deletes_tokens_that_expired_long_ago(self):
        kept, _ = make_token(make_member())
        gone, _ = make_token(make_member())
        ApiToken.objects.filter(pk=gone.pk).update(expiry=timezone.now() - timedelta(days=31))

        assert forget_expired_tokens() == 1
        assert list(ApiToken.objects.all()) == [kept]
