from datetime import UTC, datetime, timedelta

import pytest

from inventory.errors import BatchNotFound, BatchNotScheduled, ScheduledAtInvalid
from inventory.models import QueueDrain, QueueItem
from inventory.services import rescheduling
from inventory.services.control import stop_queue
from inventory.services.rescheduling import change_time, start_now
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import NOW, add, phones, process

pytestmark = pytest.mark.django_db

SIX = datetime(2126, 1, 6, 6, tzinfo=UTC)
SOON = SIX - timedelta(hours=2)
BEFORE = SIX - timedelta(days=1)


@pytest.fixture
def batch(organization):
    return add(organization, *phones(1, 6), scheduled_at=SIX, now=BEFORE)


def times_of(batch):
    items = QueueItem.objects.filter(batch_id=batch.batch_id).order_by("id")
    return set(items.values_list("run_after", flat=True))


def move(batch, at):
    values = {"organization_id": batch.organization_id, "batch_id": batch.batch_id}
    return change_time(**values, at=at, now=BEFORE)


class TestStartNow:
    def test_makes_everything_due_and_opens_a_drain(self, organization, batch, monkeypatch):
        monkeypatch.setattr(rescheduling, "CHUNK", 2)

        count = start_now(organization_id=organization.pk, batch_id=batch.batch_id)

        assert (count, times_of(batch)) == (5, {None})
        batch.refresh_from_db()
        assert batch.scheduled_at is None
        assert QueueDrain.objects.filter(organization=organization).exists()

    def test_starts_no_stopped_queue(self, organization, batch):
        stop_queue(organization_id=organization.pk, actor=None)

        start_now(organization_id=organization.pk, batch_id=batch.batch_id)

        assert not QueueDrain.objects.exists()

    def test_leaves_items_that_wait_for_a_retry(self, organization, batch):
        retried = QueueItem.objects.order_by("id").first()
        QueueItem.objects.filter(pk=retried.pk).update(isolate=True, retry_count=1)

        assert start_now(organization_id=organization.pk, batch_id=batch.batch_id) == 4
        retried.refresh_from_db()
        assert retried.run_after == SIX

    def test_refuses_a_batch_that_waits_for_no_time(self, organization):
        batch = add(organization, *phones(1, 2))

        with pytest.raises(BatchNotScheduled):
            start_now(organization_id=organization.pk, batch_id=batch.batch_id)

    def test_refuses_a_batch_whose_time_has_come(self, organization, batch):
        QueueItem.objects.update(run_after=None)
        process(organization)

        with pytest.raises(BatchNotScheduled):
            start_now(organization_id=organization.pk, batch_id=batch.batch_id)

    def test_finds_no_batch_of_another_organization(self, batch):
        with pytest.raises(BatchNotFound):
            start_now(organization_id=OrganizationFactory().pk, batch_id=batch.batch_id)


class TestChangeTime:
    def test_moves_the_batch_and_what_waits(self, batch):
        assert move(batch, SOON) == 5
        assert times_of(batch) == {SOON}
        batch.refresh_from_db()
        assert batch.scheduled_at == SOON

    def test_to_the_past_means_now(self, batch):
        move(batch, NOW)

        assert times_of(batch) == {None}

    def test_to_the_same_time_changes_nothing(self, batch):
        assert move(batch, SIX) == 0

    def test_refuses_a_time_beyond_a_year(self, batch):
        with pytest.raises(ScheduledAtInvalid):
            move(batch, SIX + timedelta(days=400))
