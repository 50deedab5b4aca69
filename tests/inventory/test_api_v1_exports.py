import csv
import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from inventory.models import StockJob
from inventory.services.sku_rules import submit_sku_rules
from jobs.runner import run_job
from tests.inventory.factories import A, add, process
from tests.inventory.v1_api import InventoryClient, assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return InventoryClient()


@pytest.fixture
def finished(client):
    """The answer of an export whose file is written."""
    add(client.organization, {"imei": A, "location": "L1"})
    process(client.organization)
    made = client.post("/exports", {"kind": "devices", "format": "csv"}).json()
    run_job(StockJob.objects.get(pk=made["id"]))
    return client.get(f"/exports/{made['id']}").json()


class TestExportsView:
    def test_begins_an_export_and_says_where_to_look(self, client):
        body = {"kind": "items", "filters": {"status": "failed"}}

        answer = client.post("/exports", body)

        export = answer.json()
        assert answer.status_code == 202
        assert answer.headers["Location"] == f"/api/v1/inventory/exports/{export['id']}"
        facts = {**body, "format": "xlsx", "status": "queued", "rowCount": 0, "downloadUrl": None}
        assert {name: export[name] for name in facts} == facts
        assert StockJob.objects.get().created_by == client.user

    def test_filters_as_the_list_does(self, client):
        asked = {
            "devices": {"search": "42", "result": "FAILED", "tacMismatch": True, "sku": "A"},
            "items": {"batchId": "b", "errorCode": "imei_length"},
            "stock": {"warehouse": "Main"},
        }

        for kind, filters in asked.items():
            made = client.post("/exports", {"kind": kind, "filters": filters}).json()
            assert made["filters"] == filters

        kept = [job.options["filters"] for job in StockJob.objects.order_by("created_at", "pk")]
        assert kept == [
            {"search": "42", "result": "FAILED", "tac_mismatch": "yes", "sku": "A"},
            {"batch": "b", "code": "imei_length"},
            {"warehouse": "Main"},
        ]

    def test_begins_one_for_each_key(self, client):
        key = {"Idempotency-Key": "export-1"}

        made = [client.post("/exports", {"kind": "stock"}, **key).json() for _ in range(2)]

        assert made[0] == made[1]
        assert StockJob.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "validation_error"),
            ({"kind": "users"}, "invalid_request"),
            ({"kind": "stock", "format": "pdf"}, "invalid_request"),
            ({"kind": "devices", "filters": {"status": ["x"]}}, "validation_error"),
            ({"kind": "devices", "filters": {"status": "gone"}}, "validation_error"),
            ({"kind": "devices", "filters": {"colour": "red"}}, "unknown_filter"),
            ({"kind": "devices", "filters": {"updatedAfter": "2026-01-01"}}, "unknown_filter"),
            ({"kind": "devices", "filters": ["status"]}, "validation_error"),
            ({"kind": "items", "filters": {"status": 5}}, "invalid_request"),
            ({"kind": "items", "filters": {"batch": "b"}}, "unknown_filter"),
            ({"kind": "stock", "filters": {"sku": "x"}}, "unknown_filter"),
        ],
    )
    def test_refuses_what_it_cannot_write(self, client, body, code):
        assert_refused(client.post("/exports", body), 400, code)


class TestExportView:
    def test_links_to_the_file_that_is_written(self, finished):
        link = finished["downloadUrl"]

        assert finished["status"] == "completed"
        assert finished["rowCount"] == 1
        assert finished["expiresAt"] > timezone.now().isoformat()
        answer = Client().get(link)
        assert answer.status_code == 200
        header, row = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
        assert (header[0], row[0]) == ("IMEI", A)
        assert "devices-" in answer.headers["Content-Disposition"]

    def test_knows_exports_only(self, client):
        job = submit_sku_rules(organization_id=client.organization.pk, actor=None)

        assert_refused(client.get(f"/exports/{job.pk}"), 404, "not_found", "Export not found")


class TestExportFileView:
    def test_is_for_members_without_the_link(self, client, finished):
        path = f"/exports/{finished['id']}/file"

        assert client.get(path).status_code == 200
        assert InventoryClient(role=None).get(path).status_code == 401
        stranger = InventoryClient(role=Role.OWNER)
        assert_refused(stranger.get(path), 404, "not_found", "Export not found")
        assert stranger.get(f"/exports/{finished['id']}").json()["error"] == "Export not found"

    def test_closes_the_link_after_an_hour(self, finished):
        with time_machine.travel(timezone.now() + timedelta(minutes=61)):
            assert Client().get(finished["downloadUrl"]).status_code == 401

    def test_opens_no_other_file(self, client, finished):
        other = client.post("/exports", {"kind": "stock"}).json()["id"]
        forged = finished["downloadUrl"].replace(finished["id"], other, 1)

        assert Client().get(forged).status_code == 401

    def test_is_not_there_before_it_is_written(self, client):
        export = client.post("/exports", {"kind": "stock"}).json()

        answer = client.get(f"/exports/{export['id']}/file")

        assert_refused(answer, 409, "export_not_ready")

    def test_says_so_when_it_is_gone_from_the_storage(self, client, finished):
        file = StockJob.objects.get(pk=finished["id"]).file
        file.storage.delete(file.name)

        answer = client.get(f"/exports/{finished['id']}/file")

        assert_refused(answer, 404, "file_missing")

    def test_of_unknown_exports_is_not_found(self, client):
        assert_refused(client.get(f"/exports/{uuid.uuid4()}/file"), 404, "not_found")


class TestWhoMay:
    def test_viewers_begin_none(self, client):
        viewer = InventoryClient(client.organization, Role.VIEWER)

        answer = viewer.post("/exports", {"kind": "stock"})

        assert_refused(answer, 403, "role_not_allowed")
