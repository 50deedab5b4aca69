"""The people of the demo: whatever is printed for them works."""

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.demo import PEOPLE, Demo, load
from accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def load_people(*, days_later: int = 0) -> dict:
    return load(Demo(scale="small", now=timezone.now() + timedelta(days=days_later)))


class TestLoad:
    def test_makes_organizations_of_each_kind_and_people_of_each_role(self):
        facts = load_people()

        kinds = {one["kind"] for one in facts["organizations"].values()}
        assert kinds == {"operator", "manufacturer", "buyer", "warehouse"}
        assert {one["role"] for one in facts["users"].values()} == {
            "owner",
            "manager",
            "operator",
            "viewer",
        }
        assert set(facts["users"]["admin"]) == {
            "id",
            "password",
            "token",
            "organization",
            "role",
            "staff",
        }

    def test_run_again_changes_nothing(self):
        first = load_people()

        again = load_people()

        assert again == first
        assert User.objects.get_queryset().count() == len(PEOPLE)
        assert ApiToken.objects.count() == len(PEOPLE)

    @pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
    def test_gives_everybody_a_password_that_signs_in(self, person):
        password = load_people()["users"][person.username]["password"]

        answer = Client().post("/login", {"username": person.username, "password": password})

        assert answer.status_code == 302

    @pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
    def test_gives_everybody_a_token_that_the_api_takes(self, client, person):
        token = load_people()["users"][person.username]["token"]

        answer = client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})

        assert answer.status_code == 200

    def test_replaces_a_token_that_ends(self):
        first = load_people()

        later = load_people(days_later=400)

        assert later["users"]["admin"]["token"] != first["users"]["admin"]["token"]
        assert later["users"]["admin"]["password"] == first["users"]["admin"]["password"]

    def test_replaces_a_token_that_was_revoked(self):
        first = load_people()
        ApiToken.objects.filter(user__username="buyer").delete()

        again = load_people()

        assert again["users"]["buyer"]["token"] != first["users"]["buyer"]["token"]
        assert again["users"]["admin"]["token"] == first["users"]["admin"]["token"]

    def test_sets_a_kept_password_that_somebody_has_changed(self):
        password = load_people()["users"]["buyer"]["password"]
        buyer = User.objects.get_queryset().get(username="buyer")
        buyer.set_password("something else entirely")
        buyer.save()

        load_people()

        buyer.refresh_from_db()
        assert buyer.check_password(password)

    def test_keeps_the_secrets_where_only_the_owner_reads_them(self, data_dir):
        facts = load_people()

        kept = data_dir / "secrets" / "demo.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert json.loads(kept.read_text())["admin"]["token"] == facts["users"]["admin"]["token"]

    def test_lets_staff_operate_but_neither_delete_nor_change_people(self):
        load_people()

        staff = User.objects.get_queryset().get(username="staff")
        assert staff.has_perm("qrtracking.retry_reversejob")
        assert staff.has_perm("accounts.view_user")
        assert not staff.has_perm("qrtracking.delete_order")
        assert not staff.has_perm("accounts.change_user")
