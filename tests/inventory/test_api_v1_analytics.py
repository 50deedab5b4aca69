from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from inventory.models import QueueItem, QueueSlice
from tests.inventory.factories import A, add, process
from tests.inventory.v1_api import InventoryClient, assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return InventoryClient(role=Role.VIEWER)


class TestAnalyticsView:
    def test_tells_how_the_queue_has_done(self, client):
        add(client.organization, {"imei": A}, {"imei": "12"}, source="scan", now=timezone.now())
        process(client.organization)
        failed = QueueItem.objects.get(status="failed")

        found = client.get("/analytics").json()

        assert (found["hours"], found["partMinutes"], len(found["parts"])) == (24, 60, 24)
        counts = {"claimed": 2, "completed": 1, "failed": 1, "retried": 0, "shareFailed": 50.0}
        totals, (scan,) = found["totals"], found["sources"]
        assert {name: totals[name] for name in counts} == counts
        assert totals["perMinute"]["retried"] == 0
        assert {"sliceMs", "itemMs", "waitMsAverage", "waitMsMax"} <= totals.keys()
        assert {name: scan[name] for name in counts} == counts
        assert scan["source"] == "scan"
        assert sum(part["completed"] for part in found["parts"]) == 1
        assert found["parts"][0]["start"] == found["since"]
        (failure,) = found["failures"]
        assert failure.pop("lastSeenAt").endswith("Z")
        message = "IMEI must have 15 digits, got 2"
        assert failure == {
            "errorCode": "imei_length", "count": 1, "countCapped": False,
            "example": {"itemId": failed.pk, "imei": None, "message": message},
        }  # fmt: skip
        assert found["tacMismatches"] == []
        (drain,) = found["drains"]
        assert (drain["lane"], drain["status"], drain["startedAt"]) == (1, "queued", None)

    def test_looks_back_as_far_as_is_asked(self, client):
        QueueSlice.objects.create(
            organization=client.organization,
            claimed=7,
            finished_at=timezone.now() - timedelta(hours=30),
        )

        claimed = [
            client.get("/analytics", hours=hours).json()["totals"]["claimed"] for hours in (24, 48)
        ]

        assert claimed == [0, 7]

    def test_costs_the_same_whatever_has_happened(self, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            client.get("/analytics", hours=720)

    @pytest.mark.parametrize("hours", ["0", "721", "x", ""])
    def test_refuses_other_periods(self, client, hours):
        answer = client.get("/analytics", hours=hours)

        text = "hours must be a whole number from 1 to 720"
        assert_refused(answer, 400, "invalid_request", text)

    def test_refuses_what_it_does_not_know(self, client):
        assert_refused(client.get("/analytics", days=1), 400, "unknown_filter")

    def test_is_of_ones_own_organization(self, client):
        add(client.organization, {"imei": "12"})
        process(client.organization)

        found = InventoryClient(role=Role.OWNER).get("/analytics").json()

        assert found["totals"]["claimed"] == 0
        assert found["sources"] == found["failures"] == found["drains"] == []
        assert InventoryClient(role=None).get("/analytics").status_code == 401
