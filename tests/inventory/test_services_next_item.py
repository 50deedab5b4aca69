from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from inventory.models import ProcessingLog, QueueControl, QueueItem
from inventory.services import writing
from inventory.services.next_item import process_item, process_next
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, add, assert_counts_fit, drain, imei_of, phones

pytestmark = pytest.mark.django_db


def names(organization, count):
    done = [process_next(organization_id=organization.pk).item for _ in range(count)]
    return [item.raw_data["name"] for item in done]


class TestProcessNext:
    def test_says_that_nothing_is_due(self, organization):
        add(OrganizationFactory(), {"imei": A})

        assert process_next(organization_id=organization.pk).item is None

    def test_takes_items_by_priority_and_then_in_their_sequence(self, organization):
        for priority, posted in [(10, "A"), (5, "B"), (1, "CD"), (5, "E")]:
            these = [{"imei": imei_of(ord(name)), "name": name} for name in posted]
            add(organization, *these, priority=priority)

        assert names(organization, 3) == ["C", "D", "B"]
        add(organization, {"imei": A, "name": "urgent"}, priority=1)
        assert names(organization, 3) == ["urgent", "E", "A"]

    def test_works_while_the_queue_is_stopped(self, organization):
        QueueControl.objects.create(organization=organization, desired_state="stopped")
        add(organization, {"imei": A})

        attempt = process_next(organization_id=organization.pk)

        assert attempt.is_completed
        assert (attempt.item.status, attempt.item.error_code) == ("completed", None)

    def test_gives_the_reason_of_a_failure(self, organization):
        add(organization, {"imei": "12"})

        attempt = process_next(organization_id=organization.pk)

        assert not attempt.is_completed
        assert (attempt.item.status, attempt.item.error_code) == ("failed", "imei_length")

    def test_plans_retries_and_gives_up_after_four_attempts(self, organization, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError("away")

        monkeypatch.setattr(writing, "write_devices", fail)
        add(organization, {"imei": A})
        seen = []
        for _ in range(4):
            QueueItem.objects.update(run_after=F("run_after") - timedelta(hours=1))
            item = process_next(organization_id=organization.pk).item
            seen.append(f"{item.status}/{item.retry_count}")

        assert seen == ["pending/1", "pending/2", "pending/3", "failed/3"]
        log = ProcessingLog.objects.order_by("id").values_list("action", "message")
        assert list(log) == [
            ("processing", "Item marked as processing"),
            ("retry", "Retry 1/3 in 2 s"),
            ("processing", "Item marked as processing"),
            ("retry", "Retry 2/3 in 4 s"),
            ("processing", "Item marked as processing"),
            ("retry", "Retry 3/3 in 8 s"),
            ("processing", "Item marked as processing"),
            ("failed", "Item failed after 4 attempts"),
        ]
        assert_counts_fit(organization)

    def test_leaves_a_retry_its_time(self, organization):
        add(organization, {"imei": A})
        QueueItem.objects.update(run_after=timezone.now() + timedelta(seconds=30))

        assert process_next(organization_id=organization.pk).item is None

    def test_takes_an_item_that_has_failed_before_where_its_turn_is(self, organization):
        add(organization, *[{"imei": imei_of(n), "name": str(n)} for n in (1, 2, 3)])
        second = QueueItem.objects.order_by("id")[1]
        QueueItem.objects.filter(pk=second.pk).update(isolate=True)

        assert names(organization, 3) == ["1", "2", "3"]

    def test_handles_what_operators_have_put_in_by_sql(self, organization):
        QueueItem.objects.create(organization=organization, raw_data={"imei": A})

        item = process_next(organization_id=organization.pk).item

        assert (item.status, item.imei_norm, item.batch_id) == ("completed", A, None)


class TestProcessItem:
    def test_handles_the_one_that_is_named(self, organization):
        add(organization, *phones(1, 4))
        last = QueueItem.objects.order_by("-id")[0]

        attempt = process_item(organization_id=organization.pk, item_id=last.pk)

        assert attempt.item.pk == last.pk
        assert QueueItem.objects.filter(status="pending").count() == 2

    def test_leaves_alone_what_has_ended(self, organization, settings):
        settings.QUEUE_IDLE_SECONDS = 0
        add(organization, {"imei": A})
        drain(organization)
        item = QueueItem.objects.get()

        assert process_item(organization_id=organization.pk, item_id=item.pk).item is None
