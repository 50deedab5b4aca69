import csv
import io

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from inventory import errors
from inventory.models import (
    Device,
    Inspection,
    SkuInfo,
    StockEntry,
    UnitInfo,
    Warehouse,
)
from inventory.selectors import exports as export_selectors
from inventory.services import exporting
from inventory.services.exporting import submit_export
from jobs.runner import run_job
from jobs.selectors import list_log_tail
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, imei_of, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(organization):
    def call(kind, **options):
        values = {"organization_id": organization.pk, "actor": None, "format": "csv", **options}
        job = run_job(submit_export(kind=kind, **values))
        assert job.status == "completed", job.error_message
        with job.file.open("rb") as file:
            rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
        assert job.row_count == len(rows) - 1
        assert job.expires_at > timezone.now()
        return rows

    return call


def state():
    tables = (Device, SkuInfo, Inspection, UnitInfo, StockEntry)
    own = {"updated_at", "last_queue_item_id", "last_batch_id", "queue_item_id"}
    rows = [row for table in tables for row in table.objects.order_by("pk").values()]
    return [{key: row[key] for key in row if key not in own} for row in rows]


class TestSubmitExport:
    def test_writes_devices_under_the_header_of_the_contract(self, organization, export):
        add(organization, {"imei": A, "model": "iPhone 13", "brand": "Apple", "location": "L1"})
        add(OrganizationFactory(), {"imei": B})
        process(organization)

        header, row = export("devices")

        assert header == [
            "IMEI",
            "Working Status",
            "Device Name",
            "Model",
            "Storage",
            "Color",
            "Carrier",
            "Location",
            "Condition",
            "SKU Display",
            "Defects",
            "Notes",
            "Repair Notes",
            "Battery Health",
            "Battery Count",
            "Model Number",
            "Brand",
            "Date In",
            "Assumed",
        ]
        assert row[:8] == [
            A, "PENDING", "iPhone 13", "iPhone 13", "Unknown", "Unknown", "Unlocked", "L1",
        ]  # fmt: skip

    def test_gives_a_file_that_changes_no_device_when_it_comes_back(self, organization, export):
        Warehouse.objects.create(organization=organization, name="North", name_key="north")
        add(
            organization,
            {"imei": A, "model": "iPhone 13", "batteryHealth": 0.91, "failed": "Face ID",
             "warehouse": "North", "location": "L1", "dateIn": "2025-01-02T03:04:05.678901Z"},
            {"imei": B, "brand": "Apple", "working": "YES", "defects": "Scratch", "sku": "MINE",
             "battery": "BCC", "cycleCount": 7, "carrier": "ATT"},
            {"imei": imei_of(1)},
        )  # fmt: skip
        process(organization)
        was = state()

        header, *rows = export("devices")
        add(organization, *[dict(zip(header, row, strict=True)) for row in rows])
        count, _ = process(organization)

        assert count.completed == 3
        assert state() == was

    def test_reads_in_pieces_and_filters(self, organization, export, monkeypatch):
        monkeypatch.setattr(export_selectors, "CHUNK", 2)
        add(organization, *[{**phone, "location": "L1"} for phone in phones(1, 6)])
        add(organization, *[{**phone, "location": "L2"} for phone in phones(6, 8)])
        process(organization)

        assert len(export("devices")) == 1 + 7
        assert len(export("devices", filters={"location": " l2"})) == 1 + 2
        assert len(export("devices", filters={"search": imei_of(3), "status": "active"})) == 1 + 1
        assert len(export("devices", imeis=[imei_of(2), imei_of(7), imei_of(99)])) == 1 + 2

    def test_leaves_no_file_behind_when_its_end_fails(self, organization, monkeypatch):
        kept = []

        def fail(job, *, name, rows):
            kept.append(name)
            assert default_storage.exists(name)
            raise OperationalError

        monkeypatch.setattr(exporting, "_finish", fail)

        job = run_job(submit_export(organization_id=organization.pk, actor=None, kind="stock"))

        assert (job.status, bool(job.file)) == ("queued", False)
        assert [default_storage.exists(name) for name in kept] == [False]

    def test_keeps_the_reason_in_the_log(self, organization):
        values = {"organization_id": organization.pk, "actor": None, "kind": "stock"}

        job = submit_export(**values, reason="Yearly count")

        assert [line.message for line in list_log_tail(job, limit=5)] == ["Reason: Yearly count"]

    def test_writes_stock_and_items(self, organization, export):
        add(
            organization,
            {"imei": A, "location": "L1", "working": "YES"},
            {"imei": B, "location": "L1", "working": "NO"},
            {"imei": "12"},
        )
        process(organization)

        assert export("stock")[1:] == [["Main warehouse", "L1", "", "2", "1", "1", "0"]]
        assert export("stock", filters={"warehouse": "South"})[1:] == []
        (failed,) = export("items", filters={"status": "failed"})[1:]
        assert failed[2] == "failed"
        assert failed[8:10] == ["imei_length", "IMEI must have 15 digits, got 2"]

    @pytest.mark.parametrize(
        "options",
        [
            {"kind": "users"},
            {"kind": []},
            {"kind": "devices", "format": "pdf"},
            {"kind": "devices", "filters": []},
            {"kind": "devices", "filters": {"sku": 1}},
            {"kind": "devices", "filters": {"sku": "a\0"}},
        ],
    )
    def test_refuses_what_it_does_not_know(self, organization, options):
        with pytest.raises(errors.ExportInvalid):
            submit_export(organization_id=organization.pk, actor=None, **options)
