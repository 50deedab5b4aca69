"""The warehouse of the demo: stock, failures, and work that waits."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.demo import Demo
from accounts.demo import load as load_people
from inventory import demo as module
from inventory.models import (
    Device,
    DeviceTest,
    Location,
    Movement,
    ProcessingLog,
    QueueBatch,
    QueueImport,
    QueueImportRow,
    QueueItem,
    QueueSource,
    SkuInfo,
    SkuRule,
    TacModel,
    Warehouse,
)
from inventory.services.recounting import list_differences
from jobs.runner import run_due_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.QUEUE_IDLE_SECONDS = 0
    return tmp_path


def load() -> dict:
    demo = Demo(scale="small", now=timezone.now())
    load_people(demo)
    return module.load(demo)["inventory"]


def items_of(facts: dict, name: str):
    return QueueItem.objects.filter(batch_id=facts["batches"][name]).order_by("id")


class TestLoad:
    def test_fills_a_warehouse(self):
        facts = load()

        assert facts["organization"] == "demo-warehouse"
        assert facts["devices"][0] == "350000000000014"
        assert module.imei_of(60) == "350000000000600"
        assert (Warehouse.objects.count(), Location.objects.count()) == (2, 6)
        assert len(facts["places"]) == 6
        assert not Location.objects.filter(auto_created=True).exists()
        batches = QueueBatch.objects.order_by("id").values_list(
            "total_items", "processed_items", "failed_items", "status"
        )
        assert list(batches) == [
            (60, 60, 0, "completed"),
            (5, 5, 0, "completed"),
            (8, 0, 8, "failed"),
            (40, 0, 0, "active"),
            (1, 0, 0, "active"),
        ]
        assert (Device.objects.count(), DeviceTest.objects.count()) == (60, 65)
        assert Movement.objects.filter(reason="move").count() == 2
        assert list_differences() == []

    def test_fails_one_item_for_each_reason(self):
        facts = load()

        failed = dict(items_of(facts, "refused").values_list("error_code", "error_message"))
        assert set(failed) == set(module.WRONG) == {
            "imei_missing", "imei_not_numeric", "imei_length", "imei_scientific",
            "imei_number_ambiguous", "imei_multiple", "imei_placeholder", "imei_check_digit",
        }  # fmt: skip
        assert all(failed.values())

    def test_leaves_work_for_tomorrow(self):
        facts = load()

        moments = set(items_of(facts, "scheduled").values_list("status", "run_after"))
        ((status, moment),) = moments
        assert status == "pending"
        assert (moment.hour, moment.minute) == (6, 0)
        assert moment.date() == (timezone.now() + timedelta(days=1)).date()

    def test_has_an_item_with_one_retry_left_that_workers_leave_alone(self):
        facts = load()

        run_due_jobs()

        item = QueueItem.objects.get(pk=facts["retrying_item"])
        assert (item.status, item.retry_count, item.max_retries) == ("pending", 2, 3)
        assert item.error_code == "database_busy"
        log = ProcessingLog.objects.filter(queue_item_id=item.pk, action="retry").order_by("id")
        assert [line.message for line in log] == ["Retry 1/3 in 2 s", "Retry 2/3 in 4 s"]

    def test_has_a_file_that_waits_for_somebody(self):
        facts = load()

        waiting = QueueImport.objects.get(pk=facts["import"])
        assert (waiting.status, waiting.batch_id) == ("ready", None)
        verdicts = QueueImportRow.objects.filter(queue_import=waiting).order_by("line_no")
        assert Counter(verdicts.values_list("verdict", flat=True)) == {
            "new": 6, "update": 2, "duplicate": 1, "invalid": 2
        }  # fmt: skip

    def test_has_rules_and_what_they_do(self):
        load()

        assert QueueSource.objects.filter(json_schema__isnull=True).count() == 1
        assert QueueSource.objects.filter(json_schema__isnull=False).count() == 1
        assert SkuRule.objects.count() == 3
        by_rule = SkuInfo.objects.filter(sku_source="rule").order_by("pk")
        assert set(by_rule.values_list("sku", flat=True)) == set(module.SKU_RULES)
        learned = TacModel.objects.get(confirmed=False)
        assert (learned.tac, learned.model) == ("35000000", "iPhone 13")
        assert TacModel.objects.filter(confirmed=True).count() == 2
        suggested = Device.objects.filter(suggested__isnull=False).order_by("imei")
        assert [device.imei for device in suggested] == [module.imei_of(7), module.imei_of(14)]

    def test_run_again_adds_nothing(self):
        models = (QueueItem, QueueBatch, QueueImport, Device, ProcessingLog, Location, TacModel)
        first = load()
        rows = [model.objects.count() for model in models]

        assert load() == first
        assert [model.objects.count() for model in models] == rows
