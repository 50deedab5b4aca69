import pytest
from django.db import connection
from django.db.models import F

from inventory.models import QueueBatch, QueueCount, QueueItem
from inventory.services.clearing import clear_completed
from inventory.services.recounting import fix_counts, list_differences
from jobs.models import OutboxMessage
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, assert_counts_fit, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(organization):
    """A queue with items in every state, some of them in the archive."""
    add(organization, *phones(1, 4), {"imei": "12"})
    process(organization)
    clear_completed(organization_id=organization.pk)
    batch = add(organization, *phones(4, 9), {"imei": "12"})
    process(organization, limit=2)
    return batch


def kinds():
    return [(one.kind, one.subject, one.stored, one.found) for one in list_differences()]


class TestListDifferences:
    def test_finds_none_whatever_the_queue_has_been_through(self, worked):
        assert list_differences() == []

    def test_names_sums_of_the_ledger_that_are_not_those_of_the_rows(self, worked):
        QueueCount.objects.filter(status="pending").update(row_delta=F("row_delta") + 1)
        QueueCount.objects.filter(status="completed").update(second_delta=1_000)
        pending = QueueItem.objects.filter(status="pending").count()
        changed = QueueCount.objects.filter(status="pending").count()

        found = kinds()

        assert ("ledger rows", "pending", pending + changed, pending) in found
        assert {(kind, subject) for kind, subject, *_ in found} == {
            ("ledger rows", "pending"),
            ("ledger seconds", "completed"),
        }

    def test_names_batches_that_count_wrongly(self, worked):
        QueueBatch.objects.filter(pk=worked.pk).update(
            total_items=9, processed_items=1, failed_items=3
        )

        assert kinds() == [
            ("batch failed", worked.batch_id, 3, 0),
            ("batch processed", worked.batch_id, 1, 2),
            ("batch total", worked.batch_id, 9, 6),
        ]

    def test_looks_at_one_organization_where_asked_to(self, worked, organization):
        QueueCount.objects.all().delete()

        assert list_differences(organization_id=OrganizationFactory().pk) == []
        assert list_differences(organization_id=organization.pk) != []


class TestFixCounts:
    def test_repairs_the_ledger_after_a_truncate(self, worked, organization):
        with connection.cursor() as cursor:
            # The test's transaction has keys left to check.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE imei_data_queue")

        # Three states in the ledger, and two batches whose rows are gone.
        assert fix_counts() == 5

        assert list_differences() == []
        assert_counts_fit(organization)

    def test_repairs_nobody_elses(self, worked, organization):
        QueueCount.objects.all().delete()

        assert fix_counts(organization_id=OrganizationFactory().pk) == 0
        assert list_differences(organization_id=organization.pk) != []

    def test_ends_a_batch_that_had_ended_and_tells_others(self, organization):
        batch = add(organization, *phones(1, 3), {"imei": "12"})
        process(organization)
        OutboxMessage.objects.all().delete()
        wrong = {"processed_items": 1, "status": "active", "completed_at": None}
        QueueBatch.objects.filter(pk=batch.pk).update(**wrong, completion_no=0)

        assert fix_counts() == 1

        batch.refresh_from_db()
        assert (batch.status, batch.processed_items, batch.failed_items) == ("completed", 2, 1)
        assert (batch.completion_no, batch.completed_at is None) == (1, False)
        assert fix_counts() == 0

    def test_opens_a_batch_that_has_items_left(self, organization):
        batch = add(organization, *phones(1, 4))
        process(organization, limit=1)
        QueueBatch.objects.filter(pk=batch.pk).update(
            processed_items=3, status="completed", completed_at=F("created_at")
        )

        fix_counts()

        batch.refresh_from_db()
        assert (batch.status, batch.processed_items, batch.completed_at) == ("active", 1, None)
        assert list_differences() == []
