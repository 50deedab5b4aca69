import pytest

from inventory.errors import BatchNotFound
from inventory.models import ProcessingLog, QueueBatch, QueueItem
from inventory.services import cancelling
from inventory.services.cancelling import cancel_batch, cancel_items
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import add, assert_counts_fit, phones, process

pytestmark = pytest.mark.django_db


class TestCancelBatch:
    def test_fails_what_is_pending_and_leaves_the_rest(self, organization, monkeypatch):
        monkeypatch.setattr(cancelling, "CHUNK", 2)
        batch = add(organization, *phones(1, 9))
        process(organization, limit=3)
        user = UserFactory()

        count = cancel_batch(organization_id=organization.pk, batch_id=batch.batch_id, actor=user)

        assert count == 5
        codes = QueueItem.objects.filter(status="failed").values_list("error_code", "error_message")
        assert set(codes) == {("cancelled", "Cancelled")}
        line = ProcessingLog.objects.filter(action="failed").order_by("id")[0]
        assert line.message == f"Cancelled by {user.username}"
        batch.refresh_from_db()
        assert (batch.processed_items, batch.failed_items, batch.status) == (3, 5, "completed")
        assert batch.completion_no == 1
        assert_counts_fit(organization)

    def test_takes_delayed_items_too(self, organization):
        batch = add(organization, *phones(1, 3), scheduled_at="2026-03-01T00:00:00Z")

        cancel_batch(organization_id=organization.pk, batch_id=batch.batch_id, actor=None)

        assert set(QueueItem.objects.values_list("status", "run_after")) == {("failed", None)}
        assert QueueBatch.objects.get().status == "failed"

    def test_knows_only_batches_of_the_organization(self, organization):
        batch = add(OrganizationFactory(), *phones(1, 3))

        with pytest.raises(BatchNotFound):
            cancel_batch(organization_id=organization.pk, batch_id=batch.batch_id, actor=None)


class TestCancelItems:
    def test_fails_those_that_are_pending(self, organization):
        add(organization, *phones(1, 5))
        process(organization, limit=1)
        ids = list(QueueItem.objects.order_by("id").values_list("id", flat=True))

        assert cancel_items(organization_id=organization.pk, ids=ids[:3], actor=None) == 2
        assert_counts_fit(organization)
