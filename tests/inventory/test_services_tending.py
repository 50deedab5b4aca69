from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from inventory.models import ProcessingLog, QueueCount, QueueDrain, QueueItem
from inventory.services.claims import ClaimKind, claim
from inventory.services.control import stop_queue
from inventory.services.tending import fold_ledger, tend_queues
from jobs.schedules import get_schedule
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import (
    add,
    assert_counts_fit,
    count_by_ledger,
    drain,
    phones,
    process,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(settings):
    settings.QUEUE_IDLE_SECONDS = 0
    return OrganizationFactory()


def lose_worker(organization):
    claimed = claim(organization_id=organization.pk, kind=ClaimKind.CLEAN, limit=200, worker="lost")
    QueueItem.objects.filter(status="processing").update(
        locked_at=timezone.now() - timedelta(seconds=61)
    )
    return claimed


class TestTendQueues:
    def test_takes_items_back_from_a_lost_worker(self, organization):
        add(organization, *phones(1, 4))
        QueueDrain.objects.all().delete()
        lose_worker(organization)

        tend_queues()

        rows = QueueItem.objects.values_list(
            "status", "retry_count", "isolate", "run_after", "lease_token", "error_code"
        )
        assert set(rows) == {("pending", 1, True, None, None, None)}
        lines = ProcessingLog.objects.filter(action="retry").values_list("message", "error_code")
        assert list(lines) == [("Recovered after worker loss", "worker_lost")] * 3
        assert QueueDrain.objects.get().status == "queued"
        drain(organization)
        assert_counts_fit(organization)

    def test_fails_what_has_no_retry_left(self, organization):
        batch = add(organization, *phones(1, 3), max_retries=0)
        lose_worker(organization)

        tend_queues()

        rows = QueueItem.objects.values_list("status", "error_code", "error_message")
        assert set(rows) == {("failed", "worker_lost", "Recovered after worker loss")}
        batch.refresh_from_db()
        assert (batch.failed_items, batch.status) == (2, "failed")
        assert_counts_fit(organization)

    def test_leaves_a_worker_its_time(self, organization):
        add(organization, *phones(1, 3))
        claim(organization_id=organization.pk, kind=ClaimKind.CLEAN, limit=200, worker="busy")

        tend_queues()

        assert set(QueueItem.objects.values_list("status", flat=True)) == {"processing"}

    def test_lets_in_what_has_waited_long_enough(self, organization):
        add(organization, *phones(1, 3), scheduled_at="2026-02-01T00:00:00Z")
        late, early = QueueItem.objects.order_by("id")
        now = timezone.now()
        QueueItem.objects.filter(pk=late.pk).update(run_after=now + timedelta(minutes=5))
        QueueItem.objects.filter(pk=early.pk).update(run_after=now - timedelta(seconds=1))

        tend_queues()

        assert QueueItem.objects.due().get() == early
        assert QueueDrain.objects.get().status == "queued"

    def test_leaves_a_stopped_queue_stopped(self, organization):
        stop_queue(organization_id=organization.pk, actor=None)
        add(organization, *phones(1, 3))

        tend_queues()

        assert not QueueDrain.objects.exists()

    def test_runs_every_minute(self):
        assert get_schedule("inventory_tend").minutes == 1


class TestFoldLedger:
    def test_keeps_the_sums_in_one_row_a_status(self, organization):
        other = OrganizationFactory()
        for _ in range(3):
            add(organization, *phones(1, 5))
            process(organization, limit=3)
            add(other, *phones(1, 2))
        before, seconds = count_by_ledger(organization), sum_of_seconds()

        fold_ledger()
        fold_ledger()

        assert count_by_ledger(organization) == before
        assert sum_of_seconds() == pytest.approx(seconds)
        assert QueueCount.objects.filter(organization=organization).count() <= 4
        assert_counts_fit(organization)
        assert_counts_fit(other)


def sum_of_seconds():
    return QueueCount.objects.aggregate(total=Sum("second_delta"))["total"]
