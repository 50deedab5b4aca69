"""The ledger and the constraints of the queue, on the real database."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import Sum
from django.utils import timezone

from inventory.models import Device, DeviceTest, QueueCount, QueueItem, TestResult

pytestmark = pytest.mark.django_db


def counts(organization):
    rows = QueueCount.objects.filter(organization=organization).values("status")
    totals = rows.annotate(rows=Sum("row_delta")).values_list("status", "rows")
    return {status: total for status, total in totals if total}


class TestLedger:
    def test_follows_inserts_updates_and_deletes(self, organization):
        items = QueueItem.objects.bulk_create(
            [QueueItem(organization=organization, raw_data={"imei": str(n)}) for n in range(5)]
        )
        assert counts(organization) == {"pending": 5}

        now = timezone.now()
        QueueItem.objects.filter(pk__in=[item.pk for item in items[:3]]).update(
            status="completed", created_at=now - timedelta(seconds=2), processed_at=now
        )
        assert counts(organization) == {"pending": 2, "completed": 3}
        seconds = QueueCount.objects.aggregate(total=Sum("second_delta"))["total"]
        assert seconds == pytest.approx(6, abs=0.01)

        QueueItem.objects.filter(status="completed").delete()
        assert counts(organization) == {"pending": 2}
        seconds = QueueCount.objects.aggregate(total=Sum("second_delta"))["total"]
        assert seconds == pytest.approx(0, abs=0.01)


class TestQueueItem:
    @pytest.mark.parametrize(
        "columns",
        [
            {"raw_data": []},
            {"status": "new"},
            {"priority": 11},
            {"retry_count": 4},
            {"max_retries": 11},
            {"validation": "loose"},
        ],
    )
    def test_refuses_what_the_contract_does_not_know(self, organization, columns):
        with pytest.raises(IntegrityError):
            QueueItem.objects.create(organization=organization, **{"raw_data": {}, **columns})


class TestDevice:
    def test_takes_its_rows_with_it(self, organization):
        device = Device.objects.create(
            organization=organization, imei="356938035643809", luhn_valid=True, name="Phone"
        )
        DeviceTest.objects.create(
            organization=organization,
            item=device,
            imei=device.imei,
            test_result=TestResult.PASSED,
            working="YES",
        )
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM item WHERE id = %s", [device.pk])

        assert not DeviceTest.objects.exists()
