"""`manage.py demo`: every part in one call, one object for programs."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from qrtracking import demo as qr_demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_world(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(qr_demo, "MAKERS", {qr_demo.HARBOR: {"A": qr_demo.Plan({"MINT": 200})}})


def run(**options) -> str:
    printed = StringIO()
    call_command("demo", stdout=printed, **options)
    return printed.getvalue()


class TestDemo:
    def test_prints_exactly_one_object(self, settings):
        facts = json.loads(run(json=True))

        assert set(facts) == {"worker_secret", "organizations", "users", "qrtracking", "inventory"}
        assert facts["worker_secret"] == settings.QR_WORKER_SECRET
        order = facts["qrtracking"]["orders"]["A"]
        assert {"order_id", "order_no", "batch_id", "master_codes"} <= set(order)

    def test_prints_the_same_again(self):
        assert run(json=True) == run(json=True)

    def test_prints_sign_ins_for_people(self):
        assert "harbor-manager" in run()

    def test_refuses_to_run_in_production(self, settings):
        settings.DEMO_ALLOWED = False

        with pytest.raises(CommandError, match="production"):
            run()

    def test_runs_in_production_when_forced(self, settings):
        settings.DEMO_ALLOWED = False

        assert "harbor-manager" in run(force=True)
