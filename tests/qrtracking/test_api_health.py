from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from jobs.models import WorkerHost
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.api import assert_error, client_for, client_of
from tests.qrtracking.factories import ReverseJobFactory

pytestmark = pytest.mark.django_db

HEALTH = "/api/manufacturer/reverse-job/health"
SECRET = "a-secret-of-the-environment"


@pytest.fixture
def worker(settings):
    settings.QR_WORKER_SECRET = SECRET
    return Client(headers={"Authorization": f"Bearer {SECRET}"})


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def make_host(*, seconds=0, queue="default"):
    return WorkerHost.objects.create(
        name=f"here:{queue}", host="here", queue=queue, workers=2, seen_at=ago(seconds)
    )


class TestHealth:
    def test_is_ok_with_a_live_worker(self, worker):
        make_host()

        body = worker.get(HEALTH).json()

        assert body.pop("last_heartbeat_at")
        assert body.pop("checked_at")
        assert body == {
            "success": True,
            "status": "ok",
            "worker_alive": True,
            "workers": 2,
            "queued": 0,
            "running": 0,
            "oldest_wait_seconds": 0,
            "failed_last_24h": 0,
            "stuck": 0,
        }

    def test_counts_only_workers_that_serve_its_queue(self, worker):
        make_host(queue="heavy")
        make_host(queue="io")

        body = worker.get(HEALTH).json()

        assert (body["worker_alive"], body["workers"], body["status"]) == (False, 0, "degraded")
        assert body["last_heartbeat_at"] is None

    @pytest.mark.parametrize(
        ("heartbeat", "wait", "status", "code"),
        [
            (10, 30, "ok", 200),
            (10, 90, "degraded", 200),
            (10, 900, "degraded", 200),
            (90, 0, "degraded", 200),
            (90, 90, "degraded", 200),
            (90, 150, "down", 503),
            (None, 150, "down", 503),
            (None, 0, "degraded", 200),
        ],
    )
    def test_judges_heartbeat_and_wait(self, worker, heartbeat, wait, status, code):
        if heartbeat is not None:
            make_host(seconds=heartbeat)
        ReverseJobFactory(run_after=ago(wait))

        answer = worker.get(HEALTH)

        assert (answer.json()["status"], answer.status_code) == (status, code)
        assert wait <= answer.json()["oldest_wait_seconds"] <= wait + 5

    def test_counts_what_runs_is_stuck_and_failed(self, worker):
        make_host()
        ReverseJobFactory(running=True, lease_expires_at=ago(5))
        ReverseJobFactory(failed=True, completed_at=ago(60))
        ReverseJobFactory(failed=True, completed_at=ago(60 * 60 * 25))

        body = worker.get(HEALTH).json()

        assert (body["running"], body["stuck"], body["failed_last_24h"]) == (1, 1, 1)
        assert body["status"] == "degraded"

    def test_shows_members_their_own_jobs(self):
        job = ReverseJobFactory()

        own = client_of(job.batch, Role.VIEWER).get(HEALTH).json()
        foreign = client_for(OrganizationFactory()).get("/functions/v1/reverse-job-health").json()

        assert (own["queued"], foreign["queued"]) == (1, 0)

    @pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", f"Basic {SECRET}"])
    def test_refuses_a_wrong_secret(self, worker, header):
        assert_error(Client(headers={"Authorization": header}).get(HEALTH), 401, "Unauthorized")

    def test_refuses_the_anonymous_and_other_methods(self, worker):
        assert_error(Client().get(HEALTH), 401, "Unauthorized")
        assert_error(worker.post(HEALTH), 405, "Method not allowed")
