import pytest
from django.utils import timezone

from inventory.errors import RetryFilterInvalid, RetryIdsInvalid
from inventory.models import ProcessingLog, QueueBatch, QueueControl, QueueDrain, QueueItem
from inventory.services import retrying
from inventory.services.cancelling import cancel_batch
from inventory.services.retrying import retry_failed
from inventory.services.undoing import undo_batch
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, add, assert_counts_fit, drain, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(settings):
    settings.QUEUE_IDLE_SECONDS = 0
    return OrganizationFactory()


class TestRetryFailed:
    def test_makes_a_failed_item_like_new_and_its_batch_active(self, organization):
        batch = add(organization, *phones(1, 3), {"imei": "12"})
        drain(organization)

        answer = retry_failed(organization_id=organization.pk)

        assert (answer.processed, answer.remaining, answer.is_stopped) == (1, 0, False)
        item = QueueItem.objects.get(status="pending")
        assert (item.error_code, item.error_message, item.processed_at) == (None, None, None)
        assert (item.retry_count, item.isolate, item.run_after) == (0, False, None)
        line = ProcessingLog.objects.filter(queue_item_id=item.pk).order_by("-id")[0]
        assert (line.action, line.message) == ("retry", "Item reset for retry")
        batch.refresh_from_db()
        assert (batch.status, batch.failed_items, batch.completed_at) == ("active", 0, None)
        assert QueueDrain.objects.filter(status="queued").count() == 1
        assert_counts_fit(organization)

    def test_leaves_an_undone_batch_closed(self, organization):
        batch = add(organization, *phones(1, 3), {"imei": "12"}, undoable=True)
        drain(organization)
        undo_batch(
            organization_id=organization.pk,
            batch_id=batch.batch_id,
            actor=None,
            now=timezone.now(),
        )

        assert retry_failed(organization_id=organization.pk).processed == 0
        failed = QueueItem.objects.get(status="failed")
        assert retry_failed(organization_id=organization.pk, ids=[failed.pk]).processed == 0
        batch.refresh_from_db()
        assert (batch.status, batch.failed_items) == ("completed", 1)

    def test_ends_the_batch_once_more(self, organization):
        batch = add(organization, {"imei": "12"})
        drain(organization)
        retry_failed(organization_id=organization.pk)
        drain(organization)

        batch.refresh_from_db()
        assert (batch.status, batch.failed_items, batch.completion_no) == ("failed", 1, 2)

    def test_takes_what_all_conditions_fit(self, organization):
        batch = add(organization, {"imei": "12"}, {}, {"imei": "1x"})
        add(organization, {"imei": "12"})
        process(organization)
        ids = list(QueueItem.objects.order_by("id").values_list("id", flat=True))

        def retried(**conditions):
            return retry_failed(organization_id=organization.pk, **conditions).processed

        assert retried(ids=ids, batch_id=batch.batch_id, error_code="imei_length") == 1
        assert retried(batch_id="batch_x") == 0
        assert retried(error_code="imei_missing") == 1
        assert retried(ids=[]) == 0
        assert retried() == 2

    def test_leaves_cancelled_items_unless_they_are_named(self, organization):
        batch = add(organization, {"imei": A})
        cancel_batch(organization_id=organization.pk, batch_id=batch.batch_id, actor=None)
        item = QueueItem.objects.get()

        assert retry_failed(organization_id=organization.pk).processed == 0
        assert retry_failed(organization_id=organization.pk, ids=[item.pk]).processed == 1

    def test_takes_so_many_at_once_and_tells_how_many_are_left(self, organization, monkeypatch):
        monkeypatch.setattr(retrying, "MOST", 5)
        monkeypatch.setattr(retrying, "CHUNK", 2)
        add(organization, *[{}] * 8)
        process(organization)

        answer = retry_failed(organization_id=organization.pk)

        assert (answer.processed, answer.remaining) == (5, 3)
        assert_counts_fit(organization)

    def test_does_not_start_a_stopped_queue(self, organization):
        add(organization, {})
        drain(organization)
        QueueControl.objects.create(organization=organization, desired_state="stopped")

        assert retry_failed(organization_id=organization.pk).is_stopped
        assert not QueueDrain.objects.filter(status="queued").exists()

    def test_touches_nobody_elses_items(self, organization):
        other = OrganizationFactory()
        add(other, {})
        process(other)

        ids = list(QueueItem.objects.values_list("id", flat=True))
        assert retry_failed(organization_id=organization.pk, ids=ids).processed == 0
        assert QueueBatch.objects.get(organization=other).failed_items == 1

    @pytest.mark.parametrize("ids", ["1", 1, {}, [1, "2"], [True], [1.0], [1] * 10_001])
    def test_refuses_what_are_no_ids(self, organization, ids):
        with pytest.raises(RetryIdsInvalid):
            retry_failed(organization_id=organization.pk, ids=ids)

    def test_finds_nothing_under_ids_that_cannot_be(self, organization):
        assert retry_failed(organization_id=organization.pk, ids=[-1, 2**70]).processed == 0

    @pytest.mark.parametrize("text", [1, [], "a\0", "\ud800"])
    def test_refuses_what_is_no_text(self, organization, text):
        with pytest.raises(RetryFilterInvalid):
            retry_failed(organization_id=organization.pk, batch_id=text)
