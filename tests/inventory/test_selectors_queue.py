from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import QueueControl, QueueDrain, QueueItem
from inventory.selectors.queue import get_stats, get_status
from inventory.services.control import start_queue, stop_queue
from jobs.services import pause_job_type
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import add, drain, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(settings):
    settings.QUEUE_IDLE_SECONDS = 0
    return OrganizationFactory()


class TestGetStats:
    def test_is_all_zero_for_an_empty_queue(self, organization):
        add(OrganizationFactory(), *phones(1, 3))

        stats = get_stats(organization.pk)

        assert (stats.total, stats.pending, stats.completed) == (0, 0, 0)
        assert (stats.average_time, stats.oldest_pending_at) == (None, None)
        assert (stats.is_processing, stats.desired_state) == (False, "running")

    def test_counts_every_status(self, organization):
        add(organization, *phones(1, 3), {"imei": "12"})
        process(organization)
        add(organization, *phones(5, 7))
        add(organization, *phones(7, 8), scheduled_at="2026-11-01T00:00:00Z")
        QueueItem.objects.filter(run_after__isnull=False).update(
            run_after=timezone.now() + timedelta(days=1)
        )
        claimed = QueueItem.objects.filter(imei_norm=phones(5, 6)[0]["imei"])
        claimed.update(status="processing", locked_at=timezone.now() - timedelta(seconds=61))

        stats = get_stats(organization.pk)

        assert (stats.total, stats.pending, stats.processing) == (6, 2, 1)
        assert (stats.completed, stats.failed) == (2, 1)
        assert (stats.delayed, stats.due, stats.stuck) == (1, 1, 1)
        assert stats.is_processing

    def test_tells_the_mean_time_from_add_to_end(self, organization):
        add(organization, *phones(1, 3))
        process(organization)
        for pk, seconds in zip(
            QueueItem.objects.order_by("id").values_list("id", flat=True), (1, 1.46), strict=True
        ):
            row = QueueItem.objects.get(pk=pk)
            ended = row.created_at + timedelta(seconds=seconds)
            QueueItem.objects.filter(pk=pk).update(processed_at=ended)

        assert get_stats(organization.pk).average_time == "00:00:01.23"

    def test_names_the_oldest_item_that_is_due_whatever_its_priority(self, organization):
        add(organization, *phones(1, 2), priority=1)
        add(organization, *phones(2, 3), priority=10)
        long_ago = timezone.now() - timedelta(hours=3)
        QueueItem.objects.filter(priority=10).update(created_at=long_ago, isolate=True)

        assert get_stats(organization.pk).oldest_pending_at == long_ago


class TestGetStatus:
    def test_tells_who_stopped_the_queue(self, organization):
        user = UserFactory()
        stop_queue(organization_id=organization.pk, actor=user)

        status = get_status(organization.pk)

        assert (status.stats.desired_state, status.changed_by) == ("stopped", user)
        assert status.changed_at is not None

    def test_tells_of_a_pause_by_staff(self, organization):
        pause_job_type(QueueDrain.job_label(), actor=None)

        assert get_status(organization.pk).is_paused_by_staff

    def test_tells_drains_and_their_pace(self, organization):
        add(organization, *phones(1, 11))
        drain(organization)
        add(organization, *phones(1, 2))

        status = get_status(organization.pk)

        assert [one.lane for one in status.drains] == [1]
        assert status.items_per_minute == 2.0

    def test_warns_of_many_failures_and_of_a_backlog(self, organization):
        assert get_status(organization.pk).health.is_ok
        add(organization, *[{}] * 11)
        process(organization)
        add(organization, *phones(1, 102))

        health = get_status(organization.pk).health

        assert health.level == "warn"
        assert health.warnings == (
            "High number of failed items detected",
            "Queue backlog detected",
        )

    def test_asks_for_few_statements(self, organization):
        with CaptureQueriesContext(connection) as queries:
            get_status(organization.pk)

        assert len(queries) <= 9


class TestStartQueue:
    def test_is_kept_and_opens_a_drain(self, organization):
        stop_queue(organization_id=organization.pk, actor=None)
        add(organization, *phones(1, 3))
        assert not QueueDrain.objects.exists()

        first = start_queue(organization_id=organization.pk, actor=None)
        again = start_queue(organization_id=organization.pk, actor=None)

        assert first.changed_at == again.changed_at
        assert QueueControl.objects.get().desired_state == "running"
        assert QueueDrain.objects.get().status == "queued"
