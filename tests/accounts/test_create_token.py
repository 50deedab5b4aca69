import json
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import ApiToken
from tests.accounts.factories import (
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    make_member,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]


def run(*arguments):
    output = StringIO()
    call_command("create_token", *arguments, stdout=output)
    return output.getvalue().strip()


@pytest.fixture
def user():
    return make_member(username="ann", organization=OrganizationFactory(slug="acme"))


class TestCreateToken:
    def test_prints_a_secret_that_works(self, user):
        secret = run("--user", "ann")

        response = APIClient().get("/who", headers={"Authorization": f"Bearer {secret}"})

        assert response.json() == {"user": "ann", "organization": "acme"}

    @time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False)
    def test_prints_one_json_object(self, user):
        facts = json.loads(run("--user", "ann", "--name", "cron", "--days", "7", "--json"))

        token = ApiToken.objects.get()
        assert facts.pop("token").startswith(token.token_key)
        assert facts == {
            "id": str(token.pk),
            "name": "cron",
            "user": "ann",
            "organization": "acme",
            "expires_at": "2026-03-08T00:00:00+00:00",
        }

    def test_takes_the_organization_by_its_slug(self, user):
        MembershipFactory(user=user, organization__slug="second")

        run("--user", "ann", "--organization", "second")

        assert ApiToken.objects.get().organization.slug == "second"

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (["--user", "nobody"], "no active user nobody"),
            (["--user", "ann", "--organization", "none"], "no organization none"),
            (["--user", "ann", "--organization", "foreign"], "not a member"),
            (["--user", "ann", "--days", "0"], "at least one minute"),
            (["--user", "ann", "--days", "9999999999999"], "too many days"),
            (["--user", "alone"], "Say which organization"),
        ],
    )
    def test_says_what_is_wrong(self, user, arguments, text):
        OrganizationFactory(slug="foreign")
        UserFactory(username="alone")

        with pytest.raises(CommandError, match=text):
            run(*arguments)

        assert not ApiToken.objects.exists()

    def test_refuses_an_inactive_user(self):
        make_member(username="gone", inactive=True)

        with pytest.raises(CommandError, match="no active user"):
            run("--user", "gone")
