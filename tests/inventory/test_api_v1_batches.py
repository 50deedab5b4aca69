import csv
import io
import json

import pytest
from django.utils import timezone

from accounts.models import Role
from inventory.api import error_files
from inventory.models import Device, QueueBatch, QueueItem
from tests.inventory.factories import A, B, add, phones, process
from tests.inventory.v1_api import InventoryClient, assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return InventoryClient()


@pytest.fixture
def bad_batch(client):
    """One item completed, two failed."""
    batch = add(client.organization, {"imei": A}, {"imei": "12", "color": "=Red"}, {"color": "x"})
    process(client.organization)
    return batch


class TestBatchesView:
    def test_tells_of_each_batch_how_far_it_is(self, client, bad_batch):
        (row,) = client.results("/batches")

        assert row["createdAt"].endswith("Z")
        assert row["startedAt"]
        facts = {
            "batchId": bad_batch.batch_id, "source": "bulk-add", "status": "completed",
            "totalItems": 3, "processedItems": 1, "failedItems": 2, "progress": 100.0,
            "priority": 5, "undoable": False, "createdBy": None, "undoneAt": None,
            "scheduledAt": None,
        }  # fmt: skip
        assert {name: row[name] for name in facts} == facts

    def test_comes_in_pages_newest_first(self, client):
        made = [add(client.organization, {"imei": A}).batch_id for _ in range(3)]

        first = client.get("/batches", pageSize=2).json()
        second = client.http.get(first["next"]).json()

        found = [row["batchId"] for row in first["results"] + second["results"]]
        assert found == made[::-1]
        assert second["next"] is None

    def test_filters(self, client, bad_batch):
        waiting = add(client.organization, {"imei": B}, source="scan")
        soon = timezone.now().replace(year=2100).isoformat()

        def found(**query):
            return {row["batchId"] for row in client.results("/batches", **query)}

        assert found(status="active") == {waiting.batch_id}
        assert found(source="bulk-add") == {bad_batch.batch_id}
        assert found(createdBefore=soon, status=["active", "completed"]) == {
            waiting.batch_id, bad_batch.batch_id,
        }  # fmt: skip
        assert found(createdFrom=soon) == set()

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"state": "active"}, "unknown_filter"),
            ({"page_size": "2"}, "unknown_filter"),
            ({"status": "running"}, "validation_error"),
            ({"createdFrom": "yesterday"}, "validation_error"),
            ({"cursor": "x"}, "validation_error"),
        ],
    )
    def test_refuses_what_it_does_not_know(self, client, query, code):
        assert_refused(client.get("/batches", **query), 400, code)

    def test_costs_the_same_for_many_batches(self, client, django_assert_max_num_queries):
        QueueBatch.objects.bulk_create(
            QueueBatch(organization=client.organization, batch_id=f"b{n}", created_by=client.user)
            for n in range(20)
        )

        with django_assert_max_num_queries(6):
            assert len(client.results("/batches")) == 20


class TestBatchErrorsView:
    def test_streams_the_failed_items_with_their_reasons(self, client, bad_batch, monkeypatch):
        monkeypatch.setattr(error_files, "ROWS_A_PIECE", 0)

        answer = client.get(f"/batches/{bad_batch.batch_id}/errors")

        assert answer.streaming
        assert answer.headers["Content-Type"] == "application/json"
        assert "Content-Disposition" not in answer.headers
        short, missing = json.loads(answer.getvalue())["results"]
        assert short["errorCode"] == "imei_length"
        assert short["reason"] == "IMEI must have 15 digits, got 2"
        assert short["data"] == {"imei": "12", "color": "=Red"}
        assert short["line"] is None
        assert missing["errorCode"] == "imei_missing"
        assert QueueItem.objects.get(pk=missing["itemId"]).raw_data == {"color": "x"}

    def test_is_an_empty_list_without_failures(self, client):
        batch = add(client.organization, {"imei": A})

        answer = client.get(f"/batches/{batch.batch_id}/errors")

        assert json.loads(answer.getvalue()) == {"results": []}

    def test_gives_a_table_that_can_be_sent_again(self, client, bad_batch):
        answer = client.get(f"/batches/{bad_batch.batch_id}/errors", format="csv")

        name = f'filename="{bad_batch.batch_id}-errors.csv"'
        assert name in answer.headers["Content-Disposition"]
        header, short, _ = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
        assert header == ["imei", "color", "line", "error_code", "reason"]
        assert short[:2] == ["12", "'=Red"]

    def test_gives_a_workbook(self, client, bad_batch):
        answer = client.get(f"/batches/{bad_batch.batch_id}/errors", format="xlsx")

        assert answer.getvalue()[:2] == b"PK"

    def test_refuses_other_formats_and_filters(self, client, bad_batch):
        path = f"/batches/{bad_batch.batch_id}/errors"

        assert_refused(client.get(path, format="pdf"), 400, "invalid_request")
        assert_refused(client.get(path, code="x"), 400, "unknown_filter")


class TestCancelBatchView:
    def test_fails_what_is_pending(self, client):
        batch = add(client.organization, *phones(0, 3))

        answer = client.post(f"/batches/{batch.batch_id}/cancel")

        assert answer.json() == {"cancelled": 3}
        assert set(QueueItem.objects.values_list("error_code", flat=True)) == {"cancelled"}

    def test_says_0_when_nothing_is(self, client, bad_batch):
        assert client.post(f"/batches/{bad_batch.batch_id}/cancel").json() == {"cancelled": 0}


class TestUndoBatchView:
    @pytest.fixture
    def batch(self, client):
        batch = add(client.organization, {"imei": A}, undoable=True, now=timezone.now())
        process(client.organization)
        return batch

    def test_only_tells_in_a_dry_run(self, client, batch):
        answer = client.post(f"/batches/{batch.batch_id}/undo", {"dryRun": True})

        counts = {"deleted": 1, "restored": 0, "left": 0, "changedSince": []}
        assert answer.json() == {"dryRun": True, **counts}
        assert Device.objects.count() == 1

    def test_undoes_once_and_repeats_its_answer_for_a_key(self, client, batch):
        path, key = f"/batches/{batch.batch_id}/undo", {"Idempotency-Key": "undo-1"}

        answers = [client.post(path, **key) for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert answers[0].json()["deleted"] == 1
        assert answers[1].headers["Idempotent-Replayed"] == "true"
        assert not Device.objects.exists()
        assert_refused(client.post(path), 409, "batch_closed")

    def test_refuses_what_cannot_be_undone(self, client, bad_batch):
        path = f"/batches/{bad_batch.batch_id}/undo"

        assert_refused(client.post(path), 409, "batch_not_undoable")
        assert_refused(client.post(path, {"dryRun": "maybe"}), 400, "validation_error")


class TestWhoMay:
    @pytest.mark.parametrize("path", ["errors", "cancel", "undo"])
    def test_others_learn_nothing(self, bad_batch, path):
        stranger, nobody = InventoryClient(role=Role.OWNER), InventoryClient(role=None)
        method = "GET" if path == "errors" else "POST"

        foreign = stranger.send(method, f"/batches/{bad_batch.batch_id}/{path}")
        unknown = stranger.send(method, f"/batches/batch_0/{path}")

        assert_refused(foreign, 404, "not_found", "Batch not found")
        assert foreign.json() == unknown.json()
        assert nobody.send(method, f"/batches/{bad_batch.batch_id}/{path}").status_code == 401

    def test_viewers_only_look(self, client, bad_batch):
        viewer = InventoryClient(client.organization, Role.VIEWER)

        assert len(viewer.results("/batches")) == 1
        for verb in ("cancel", "undo"):
            answer = viewer.post(f"/batches/{bad_batch.batch_id}/{verb}")
            assert_refused(answer, 403, "role_not_allowed")
