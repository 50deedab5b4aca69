"""A slice on the real database: devices, traces, states, log and counters in one transaction."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import (
    Device,
    DeviceTest,
    Location,
    Movement,
    ProcessingLog,
    QueueBatch,
    QueueItem,
    SkuInfo,
    StockEntry,
)
from inventory.rules.imei import check_digit
from inventory.services.claims import ClaimKind
from inventory.services.processing import process_slice

pytestmark = pytest.mark.django_db

A, B = "490154203237518", "356938035643809"


def imei_of(number):
    body = f"35{number:012d}"
    return body + check_digit(body)


def post(organization, *phones, batch_id="batch_1", **columns):
    batch, _ = QueueBatch.objects.get_or_create(organization=organization, batch_id=batch_id)
    QueueBatch.objects.filter(pk=batch.pk).update(total_items=batch.total_items + len(phones))
    return QueueItem.objects.bulk_create(
        [
            QueueItem(organization=organization, raw_data=phone, batch_id=batch_id, **columns)
            for phone in phones
        ]
    )


def process(organization, kind=ClaimKind.CLEAN, limit=200):
    return process_slice(organization_id=organization.pk, kind=kind, limit=limit, worker="test")


class TestProcessSlice:
    def test_makes_a_device_of_an_imei_alone(self, organization):
        post(organization, {"imei": A})

        count, _ = process(organization)

        assert (count.claimed, count.completed) == (1, 1)
        device = Device.objects.get()
        assert sorted(device.assumed) == sorted(
            [
                "name",
                "brand",
                "model",
                "storage",
                "color",
                "carrier",
                "screen_condition",
                "body_condition",
                "location",
            ]
        )
        assert device.sku is None
        assert DeviceTest.objects.get().test_result == "PENDING"
        assert Movement.objects.get().reason == "intake"

    def test_merges_items_of_one_phone_in_order(self, organization):
        post(
            organization,
            {"imei": A, "color": "Blue", "location": "L1"},
            {"imei": A, "color": "Red", "location": "L2"},
        )

        process(organization)

        batch = QueueBatch.objects.get()
        assert (batch.processed_items, batch.status) == (2, "completed")
        assert SkuInfo.objects.get().color == "Red"
        assert StockEntry.objects.get().location == Location.objects.get(name="L2")
        assert list(Movement.objects.order_by("id").values_list("reason", flat=True)) == [
            "intake",
            "move",
        ]
        assert DeviceTest.objects.count() == 2

    def test_keeps_what_partial_data_does_not_mention(self, organization):
        post(organization, {"imei": A, "model": "iPhone 13", "color": "Blue", "location": "L1"})
        process(organization)
        for _ in range(5):
            post(organization, {"imei": A, "notes": "recheck"})
            process(organization)

        what = SkuInfo.objects.get()
        assert (what.model, what.color) == ("iPhone 13", "Blue")
        assert StockEntry.objects.get().location.name == "L1"
        assert DeviceTest.objects.count() == 6
        assert Movement.objects.count() == 1

    def test_fails_what_is_wrong_and_completes_the_others(self, organization):
        post(organization, *[{"imei": imei_of(n)} for n in range(1, 100)], {"imei": "12"})

        count, _ = process(organization)

        assert (count.completed, count.failed) == (99, 1)
        failed = QueueItem.objects.get(status="failed")
        assert (failed.error_code, failed.retry_count) == ("imei_length", 0)
        batch = QueueBatch.objects.get()
        assert (batch.processed_items, batch.failed_items, batch.status) == (99, 1, "completed")

    def test_takes_as_many_statements_for_ten_as_for_two_hundred(self, organization):
        def count_statements(first, last):
            post(
                organization, *[{"imei": imei_of(n), "location": "L1"} for n in range(first, last)]
            )
            with CaptureQueriesContext(connection) as queries:
                process(organization)
            return sum("SAVEPOINT" not in query["sql"] for query in queries)

        count_statements(1, 3)
        few, many = count_statements(10, 20), count_statements(100, 300)

        assert few == many
        assert many <= 20

    def test_retries_a_poison_item_alone(self, organization, monkeypatch):
        from inventory.services import writing

        original = writing.write_devices

        def fail_on_poison(chains, **kwargs):
            if any(chain.state.imei == imei_of(7) for chain in chains.values()):
                raise RuntimeError("poison")
            return original(chains, **kwargs)

        monkeypatch.setattr(writing, "write_devices", fail_on_poison)
        post(organization, *[{"imei": imei_of(n)} for n in range(1, 201)], max_retries=0)

        count, _ = process(organization)

        assert (count.completed, count.failed) == (199, 1)
        failed = QueueItem.objects.get(status="failed")
        assert failed.error_code == "internal_error"
        log = ProcessingLog.objects.filter(queue_item_id=failed.pk).order_by("id")
        assert [row.action for row in log] == ["processing", "failed"]
        assert Device.objects.count() == 199

    def test_keeps_an_item_that_cannot_be_read_from_costing_others(self, organization, monkeypatch):
        from inventory.services import judging

        original = judging.read_item

        def fail_on_one(data, **kwargs):
            if data["imei"] == imei_of(2):
                raise ZeroDivisionError
            return original(data, **kwargs)

        monkeypatch.setattr(judging, "read_item", fail_on_one)
        post(organization, *[{"imei": imei_of(n)} for n in range(1, 5)])

        count, _ = process(organization)

        assert (count.completed, count.retried) == (3, 1)
        left = QueueItem.objects.get(status="pending")
        assert (left.error_code, left.isolate, left.retry_count) == ("internal_error", True, 1)
