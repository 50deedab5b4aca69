from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from inventory.errors import OlderThanDaysInvalid
from inventory.models import ItemStatus, ProcessingLog, QueueArchive, QueueBatch, QueueItem
from inventory.services import clearing
from inventory.services.clearing import archive, clear_completed, clear_items
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, assert_counts_fit, imei_of, phones, process

pytestmark = pytest.mark.django_db


class TestClearCompleted:
    def test_moves_completed_items_to_the_archive(self, organization, monkeypatch):
        monkeypatch.setattr(clearing, "CHUNK", 2)
        batch = add(organization, *phones(1, 6), {"imei": "12"}, source="api")
        process(organization)
        first = QueueItem.objects.order_by("id")[0]

        answer = clear_completed(organization_id=organization.pk)

        assert (answer.processed, answer.remaining) == (5, 0)
        kept = QueueArchive.objects.get(queue_id=first.pk)
        assert (kept.raw_data, kept.imei, kept.source) == (first.raw_data, imei_of(1), "api")
        assert (kept.batch_id, kept.processing_status) == (batch.batch_id, "completed")
        assert (kept.created_at, kept.processed_at) == (first.created_at, first.processed_at)
        assert kept.processing_time_ms >= 0
        assert ProcessingLog.objects.filter(action="cleared").count() == 5
        batch.refresh_from_db()
        assert (batch.processed_items, batch.cleared_items, batch.status) == (5, 5, "completed")
        assert QueueItem.objects.get().status == "failed"
        assert_counts_fit(organization)

    def test_leaves_what_ended_later(self, organization):
        add(organization, *phones(1, 4))
        process(organization)
        old = QueueItem.objects.order_by("id")[0]
        QueueItem.objects.filter(pk=old.pk).update(processed_at=timezone.now() - timedelta(days=8))

        assert clear_completed(organization_id=organization.pk, older_than_days="7").processed == 1
        assert QueueArchive.objects.get().queue_id == old.pk

    def test_takes_so_many_at_once_and_tells_how_many_are_left(self, organization, monkeypatch):
        monkeypatch.setattr(clearing, "MOST", 3)
        monkeypatch.setattr(clearing.archive, "__kwdefaults__", {"most": 3})
        monkeypatch.setattr(clearing, "CHUNK", 2)
        add(organization, *phones(1, 7))
        process(organization)
        late = QueueItem.objects.order_by("id").last()
        QueueItem.objects.exclude(pk=late.pk).update(
            processed_at=timezone.now() - timedelta(days=8)
        )

        answer = clear_completed(organization_id=organization.pk, older_than_days=7)

        assert (answer.processed, answer.remaining) == (3, 2)
        assert clear_completed(organization_id=organization.pk).remaining == 0

    def test_touches_nobody_elses_items(self, organization):
        add(OrganizationFactory(), *phones(1, 3))

        assert clear_completed(organization_id=organization.pk).processed == 0

    @pytest.mark.parametrize("days", [-1, 3_651, "x", "1.5", 1.5, True, [], "9" * 30])
    def test_refuses_days_that_make_no_sense(self, organization, days):
        with pytest.raises(OlderThanDaysInvalid):
            clear_completed(organization_id=organization.pk, older_than_days=days)


class TestArchive:
    def test_counts_failed_items_as_discarded(self, organization):
        batch = add(organization, *phones(1, 3), {"imei": "12"})
        process(organization)

        assert archive(organization.pk, ItemStatus.FAILED, days=None) == 1

        batch.refresh_from_db()
        assert (batch.failed_items, batch.discarded_items) == (1, 1)
        assert QueueArchive.objects.get().error_code == "imei_length"
        assert_counts_fit(organization)

    def test_is_all_or_nothing(self, organization, monkeypatch):
        add(organization, *phones(1, 3))
        process(organization)

        def fail(*args):
            raise RuntimeError

        monkeypatch.setattr(clearing.statements, "execute", fail)
        with pytest.raises(RuntimeError), transaction.atomic():
            archive(organization.pk, ItemStatus.COMPLETED, days=None)

        assert QueueItem.objects.count() == 2
        assert not QueueArchive.objects.exists()
        assert QueueBatch.objects.get().cleared_items == 0


class TestClearItems:
    def test_archives_those_that_are_completed(self, organization):
        batch = add(organization, *phones(1, 4), {"imei": "12"})
        process(organization, limit=3)
        items = QueueItem.objects.filter(batch_id=batch.batch_id).order_by("id")
        chosen = list(items.values_list("pk", flat=True))[1:]

        count = clear_items(organization_id=organization.pk, ids=chosen)

        assert count == 2
        archived = QueueArchive.objects.order_by("queue_id").values_list("queue_id", flat=True)
        assert list(archived) == chosen[:2]
        assert_counts_fit(organization)

    def test_finds_no_items_of_another_organization(self, organization):
        add(organization, *phones(1, 3))
        process(organization)
        ids = list(QueueItem.objects.order_by("id").values_list("pk", flat=True))

        assert clear_items(organization_id=OrganizationFactory().pk, ids=ids) == 0
