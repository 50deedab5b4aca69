import pytest

from inventory.errors import (
    ItemCorrectedAlready,
    ItemNotFailed,
    ItemNotFound,
    ItemNotStorable,
)
from inventory.models import ProcessingLog, QueueBatch, QueueItem
from inventory.services.correcting import correct_item
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import NOW, A, add, assert_counts_fit, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(organization):
    add(organization, {"imei": "12", "note": 1}, priority=2, validation="strict", max_retries=7)
    process(organization)
    return QueueItem.objects.get(organization=organization)


def correct(failed, data, *, organization=None, actor=None):
    organization_id = organization.pk if organization else failed.organization_id
    values = {"organization_id": organization_id, "item_id": failed.pk, "now": NOW}
    return correct_item(data=data, actor=actor, **values)


class TestCorrectItem:
    def test_makes_a_new_item_in_a_new_batch_and_the_failed_one_stays(self, organization, failed):
        corrected = correct(failed, {"imei": A}, actor=UserFactory(username="ada"))

        item, batch = corrected.item, corrected.added.batch
        assert (item.raw_data, item.status, item.source) == ({"imei": A}, "pending", "correction")
        assert (item.priority, item.validation, item.max_retries) == (2, "strict", 7)
        assert batch.batch_id != failed.batch_id
        assert (batch.source, batch.total_items, batch.undoable) == ("correction", 1, True)
        failed.refresh_from_db()
        assert (failed.status, failed.error_code) == ("failed", "imei_length")
        assert failed.raw_data == {"imei": "12", "note": 1}
        last = ProcessingLog.objects.filter(queue_item_id=failed.pk).order_by("-id")[0]
        assert last.message == f"Corrected by ada and queued again as item {item.pk}"
        assert_counts_fit(organization)

    def test_queues_what_is_pressed_twice_once(self, failed):
        item = correct(failed, {"imei": A}).item

        with pytest.raises(ItemCorrectedAlready, match=f"queued already as item {item.pk}"):
            correct(failed, {"imei": A})

        assert QueueItem.objects.count() == 2
        assert correct(failed, {"imei": A, "color": "Red"}).item.pk != item.pk

    def test_refuses_an_item_that_has_not_failed(self, organization):
        add(organization, {"imei": A})

        with pytest.raises(ItemNotFailed):
            correct(QueueItem.objects.get(), {"imei": A})

    def test_stores_nothing_when_the_data_cannot_be_kept(self, failed):
        with pytest.raises(ItemNotStorable):
            correct(failed, {"imei": "\0"})

        assert (QueueItem.objects.count(), QueueBatch.objects.count()) == (1, 1)

    def test_finds_no_item_of_another_organization(self, failed):
        with pytest.raises(ItemNotFound):
            correct(failed, {"imei": A}, organization=OrganizationFactory())
