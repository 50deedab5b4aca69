from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from inventory.gauges import MEASURES, read_queue_gauges
from inventory.models import QueueItem, QueueSlice
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, imei_of, phones

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    """Two due, one of them for a minute; one delayed, two in hand and one of them lost, one failed."""
    organization = OrganizationFactory(slug="north")
    add(organization, *phones(0, 6))
    oldest, _, delayed, held, lost, failed = QueueItem.objects.order_by("id")

    def change(item, **values):
        QueueItem.objects.filter(pk=item.pk).update(**values)

    QueueItem.objects.update(created_at=Now())
    change(oldest, created_at=Now() - timedelta(minutes=1))
    change(delayed, run_after=Now() + timedelta(hours=1))
    change(held, status="processing", locked_at=Now())
    change(lost, status="processing", locked_at=Now() - timedelta(hours=1))
    change(failed, status="failed")
    return organization


def read():
    return {gauge.name.removeprefix("batchworks_queue_"): gauge for gauge in read_queue_gauges()}


class TestReadQueueGauges:
    def test_tells_how_each_queue_stands(self, organization):
        now = timezone.now()
        QueueSlice.objects.create(organization=organization, completed=8, failed=2, finished_at=now)
        add(OrganizationFactory(slug="south"), {"imei": imei_of(1)})

        found = read()

        assert {gauge.labels for gauge in found.values()} == {("organization",)}
        north = {name: gauge.values["north",] for name, gauge in found.items()}
        assert 60 <= north.pop("oldest_wait_seconds") < 120
        assert north == {
            "due": 2, "delayed": 1, "processing": 2, "failed": 1, "stuck": 1,
            "items_per_minute": 2.0,
        }  # fmt: skip
        assert found["due"].values["south",] == 1
        assert found["items_per_minute"].values["south",] == 0

    def test_costs_the_same_for_many_queues(self, organization, django_assert_num_queries):
        for _ in range(3):
            add(OrganizationFactory(), {"imei": imei_of(1)})

        with django_assert_num_queries(4):
            assert len(read()["due"].values) == 4

    def test_is_empty_without_queues(self):
        found = read()

        assert set(found) == set(MEASURES)
        assert all(gauge.values == {} for gauge in found.values())
