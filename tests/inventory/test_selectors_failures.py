import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import QueueItem
from inventory.selectors import failures
from inventory.selectors.failures import list_batch_failures, list_failures
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(organization):
    """Three too short, one missing; another batch with one of a kind of its own."""
    add(organization, {"imei": "3.56E+14"})
    batch = add(organization, {"imei": "12"}, {"imei": "13"}, {"imei": "14"}, {"serial": "C"})
    add(OrganizationFactory(), {"imei": "15"})
    process(organization)
    return batch


def told(found):
    return [(one.code, one.count, one.is_capped) for one in found]


class TestListFailures:
    def test_groups_by_code_the_most_frequent_first(self, organization, batch):
        found = list_failures(organization.pk)

        assert told(found) == [
            ("imei_length", 3, False),
            ("imei_missing", 1, False),
            ("imei_scientific", 1, False),
        ]
        assert found[0].example == "IMEI must have 15 digits, got 2"
        example = QueueItem.objects.get(pk=found[0].example_id)
        assert example.error_code == "imei_length"
        assert found[0].example_imei == example.imei_norm
        failed = QueueItem.objects.filter(error_code="imei_length")
        assert found[0].last_at == failed.latest("processed_at").processed_at

    def test_counts_each_to_a_limit(self, organization, batch, monkeypatch):
        monkeypatch.setattr(failures, "COUNTED_EACH", 2)

        assert told(list_failures(organization.pk))[0] == ("imei_length", 2, True)

    def test_shows_items_that_failed_without_a_code(self, organization, batch):
        QueueItem.objects.filter(error_code="imei_length").update(error_code=None)

        assert told(list_failures(organization.pk))[0] == ("", 3, False)

    def test_is_empty_when_nothing_failed(self, organization):
        assert list_failures(organization.pk) == []


class TestListBatchFailures:
    def test_groups_those_of_the_batch(self, batch):
        with CaptureQueriesContext(connection) as captured:
            found = list_batch_failures(batch)

        assert told(found) == [("imei_length", 3, False), ("imei_missing", 1, False)]
        assert len(captured) == 2

    def test_looks_at_the_first_thousands_only(self, batch, monkeypatch):
        monkeypatch.setattr(failures, "READ_OF_BATCH", 2)

        assert told(list_batch_failures(batch)) == [("imei_length", 3, True)]
