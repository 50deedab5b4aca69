"""Everything of the queue's contract but /add: its answers, its refusals, one organization each."""

import re

import pytest

from accounts.models import Role
from inventory.api.views import queue as views
from inventory.models import QueueItem
from inventory.selectors import items
from tests.inventory.queue_api import MOMENT, QUEUE, A, B, QueueClient, assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return QueueClient()


def told(count, message, remaining=0):
    data = {"processed": count, "errors": [], "remaining": remaining}
    return {"success": True, "data": data, "message": message}


class TestStats:
    def test_are_zeros_in_an_empty_queue(self, client):
        assert client.get("/stats").json() == {
            "success": True,
            "data": {
                "totalItems": 0,
                "pendingItems": 0,
                "processingItems": 0,
                "completedItems": 0,
                "failedItems": 0,
                "avgProcessingTime": None,
                "delayedItems": 0,
                "stuckItems": 0,
                "isProcessing": False,
                "desiredState": "running",
            },
        }

    def test_count_what_was_added_and_worked_off(self, client):
        client.add_imeis(A, "12", B)
        client.post("/process-next")
        client.post("/process-next")

        data = client.get("/stats").json()["data"]

        counts = {
            name: data[f"{name}Items"] for name in ("total", "pending", "completed", "failed")
        }
        assert counts == {"total": 3, "pending": 1, "completed": 1, "failed": 1}
        assert data["isProcessing"] is True
        assert re.fullmatch(MOMENT, data["oldestPendingItem"])
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d\d", data["avgProcessingTime"])

    def test_know_no_other_organization(self, client):
        QueueClient().add_imeis(A)

        assert client.get("/stats").json()["data"]["totalItems"] == 0


class TestProcessNext:
    def test_says_when_nothing_is_due(self, client):
        assert client.post("/process-next").json() == {
            "success": True,
            "data": {"processed": 0, "errors": []},
            "message": "No items to process",
        }

    @pytest.mark.parametrize("body", ["", "{}", b"\x00garbage"])
    def test_works_one_item_off_whatever_the_body_says(self, client, body):
        client.add_imeis(A, B)

        answer = client.post("/process-next", body).json()

        item = QueueItem.objects.get(status="completed")
        assert answer["message"] == f"Successfully processed item {item.pk}"
        assert answer["data"]["item"] == {
            "id": item.pk,
            "imei": A,
            "status": "completed",
            "retryCount": 0,
            "errorMessage": None,
            "errorCode": None,
        }

    def test_is_a_success_also_when_the_item_fails(self, client):
        client.add_imeis("12")

        answer = client.post("/process-next").json()

        text = f"Failed to process item {QueueItem.objects.get().pk}"
        assert (answer["success"], answer["message"]) == (True, text)
        assert (answer["data"]["processed"], answer["data"]["errors"]) == (0, [text])
        assert answer["data"]["item"]["errorCode"] == "imei_length"

    def test_works_while_the_queue_is_stopped(self, client):
        client.post("/stop")
        client.add_imeis(A)

        assert client.post("/process-next").json()["data"]["processed"] == 1


class TestItems:
    def test_come_in_pages(self, client):
        client.add_imeis(A, B, "12", source="api")
        QueueClient().add_imeis(A)

        first = client.get("/items", limit=2).json()
        rest = client.get("/items", after=first["nextAfter"]).json()

        assert (first["count"], first["total"]) == (2, 3)
        assert rest["count"] == 1
        assert "nextAfter" not in rest

    def test_are_counted_so_far_only_where_the_ledger_does_not_tell(self, client, monkeypatch):
        monkeypatch.setattr(items, "COUNTED", 2)
        client.add_imeis(A, B, "12", source="api")

        page = client.get("/items", source="api", limit=1).json()

        assert (page["count"], page["total"], page["totalCapped"]) == (1, 2, True)
        assert "totalCapped" not in client.get("/items", limit=1).json()

    def test_leave_out_keys_without_a_value(self, client):
        client.add_imeis(A)

        (item,) = client.get("/items").json()["data"]

        expected = "id rawData status priority retryCount maxRetries source batchId createdAt updatedAt imei"
        assert set(item) == set(expected.split())

    def test_are_found_by_any_spelling_of_the_imei(self, client):
        client.add_imeis(A, B)

        assert client.get("/items", imei="35-693803-564380-9").json()["count"] == 1

    @pytest.mark.parametrize("query", [{"status": "foo"}, {"batchId": "x"}, {"imei": "y"}])
    def test_are_none_for_what_does_not_exist(self, client, query):
        client.add_imeis(A)

        assert client.get("/items", **query).json()["data"] == []

    @pytest.mark.parametrize("limit", ["abc", "-1", "0", "1.5"])
    def test_refuse_a_limit_that_is_none(self, client, limit):
        answer = client.get("/items", limit=limit)

        assert_refused(answer, 400, "limit must be a whole number from 1")

    @pytest.mark.parametrize("offset", ["abc", "-1", "10001"])
    def test_refuse_an_offset_that_is_none(self, client, offset):
        answer = client.get("/items", offset=offset)

        assert_refused(answer, 400, "offset must be a whole number from 0 to 10000")

    def test_take_a_limit_that_is_too_high(self, client):
        assert client.get("/items", limit=999999).status_code == 200


class TestItem:
    def test_tells_its_device_and_its_log(self, client):
        client.add_imeis(A)
        client.post("/process-next")

        data = client.get(f"/items/{QueueItem.objects.get().pk}").json()["data"]

        assert data["archived"] is False
        assert data["device"]["imei"] == A
        assert [line["action"] for line in data["log"]] == ["processing", "completed"]

    def test_is_not_found_by_others_or_by_garbage(self, client):
        client.add_imeis(A)
        pk = QueueItem.objects.get().pk

        assert_refused(QueueClient().get(f"/items/{pk}"), 404, "Item not found", "not_found")
        for wrong in (pk + 1, "x", "9" * 30):
            assert_refused(client.get(f"/items/{wrong}"), 404, "Item not found", "not_found")

    def test_is_found_in_the_archive(self, client):
        client.add_imeis(A)
        client.post("/process-next")
        pk = QueueItem.objects.get().pk
        client.delete("/clear-completed")

        data = client.get(f"/items/{pk}").json()["data"]

        assert data["archived"] is True
        assert data["log"][-1]["action"] == "cleared"


class TestClearCompleted:
    def test_moves_completed_items_of_the_organization_only(self, client):
        other = QueueClient()
        for each in (client, other):
            each.add_imeis(A)
            each.post("/process-next")

        assert client.delete("/clear-completed").json() == told(1, "Cleared 1 completed items")
        assert QueueItem.objects.get().organization == other.organization

    def test_leaves_what_is_younger(self, client):
        client.add_imeis(A)
        client.post("/process-next")

        answer = client.delete("/clear-completed?olderThanDays=1")

        assert answer.json() == told(0, "Cleared 0 completed items")

    def test_refuses_an_age_that_is_none(self, client):
        answer = client.delete("/clear-completed?olderThanDays=x")

        assert_refused(answer, 400, "olderThanDays must be a whole number from 0 to 3650")


class TestRetryFailed:
    def test_says_when_nothing_has_failed(self, client):
        assert client.post("/retry-failed").json()["message"] == "No failed items to retry"

    def test_opens_the_batch_again(self, client):
        batch = client.add_imeis("12", A)
        client.post("/process-next")
        client.post("/process-next")

        answer = client.post("/retry-failed", {"batchId": batch}).json()

        assert answer == told(1, "Retried 1 items")
        data = client.get(f"/batch/{batch}").json()["data"]
        assert (data["status"], data["progress"]) == ("active", 50.0)
        assert (data["failedItems"], data["completedAt"]) == (0, None)

    def test_says_that_the_queue_is_stopped(self, client):
        client.add_imeis("12")
        client.post("/process-next")
        client.post("/stop")

        answer = client.post("/retry-failed").json()

        assert answer == told(1, "Retried 1 items. Processing is stopped.")

    def test_takes_no_items_of_others(self, client):
        other = QueueClient()
        batch = other.add_imeis("12")
        other.post("/process-next")

        for body in ("", {"batchId": batch}, {"ids": [QueueItem.objects.get().pk]}):
            assert client.post("/retry-failed", body).json()["data"]["processed"] == 0

    @pytest.mark.parametrize("body", ["{", "[]", "7", b"\x00"])
    def test_does_not_take_garbage_for_everything(self, client, body):
        client.add_imeis("12")
        client.post("/process-next")

        answer = client.post("/retry-failed", body)

        assert_refused(answer, 400, "Invalid JSON format", "invalid_json")
        assert QueueItem.objects.get().status == "failed"


class TestBatch:
    def test_tells_how_far_it_is(self, client):
        batch = client.add_imeis("12", A, B)
        client.post("/process-next")
        client.post("/process-next")

        data = client.get(f"/batch/{batch}").json()["data"]

        assert data["statusCounts"] == {"completed": 1, "failed": 1, "pending": 1}
        assert (data["status"], data["progress"]) == ("active", 66.67)

    def test_is_not_found_by_others(self, client):
        batch = client.add_imeis(A)

        for answer in (QueueClient().get(f"/batch/{batch}"), client.get("/batch/x")):
            assert_refused(answer, 404, "Batch not found", "not_found")


class TestSwitch:
    def test_says_since_when_also_twice(self, client):
        for path, word in (("/stop", "stopped"), ("/stop", "stopped"), ("/start", "started")):
            answer = client.post(path).json()

            assert answer["message"] == f"Queue processing {word}"
            assert re.fullmatch(MOMENT, answer["data"]["changedAt"])

    def test_can_be_turned_on_before_it_was_ever_off(self, client):
        answer = client.post("/start").json()

        assert re.fullmatch(MOMENT, answer["data"]["changedAt"])

    def test_is_shown_with_who_turned_it(self, client):
        client.post("/stop")

        data = client.get("/status").json()["data"]

        assert (data["desiredState"], data["changedBy"]) == ("stopped", client.user.username)
        assert data["health"] == {"level": "ok", "warnings": []}


class TestRoutes:
    @pytest.mark.parametrize("path", ["", "/", "/x", "/stats/", "/batch/", "/items/1/", "/add/x"])
    def test_that_are_unknown_are_named(self, client, path):
        answer = client.post(path)

        text = "Route not found"
        expected = {"success": False, "message": text, "error": text, "code": "route_not_found"}
        assert answer.status_code == 404
        assert answer.json() == {**expected, "path": f"{QUEUE}{path}"}

    def test_refuse_other_methods(self, client):
        for answer in (client.get("/add"), client.delete("/stats")):
            assert_refused(answer, 405, "Method not allowed", "method_not_allowed")


class TestRoles:
    def test_let_viewers_write_nothing(self):
        viewer = QueueClient(role=Role.VIEWER)
        writes = ("/process-next", "/retry-failed", "/start", "/stop")
        answers = [viewer.post(path) for path in writes] + [viewer.delete("/clear-completed")]

        for answer in answers:
            assert_refused(answer, 403, "Your role does not allow this", "permission_denied")


class TestMistakesOfOurs:
    @pytest.mark.parametrize(
        ("method", "path", "service", "message", "has_data"),
        [
            ("post", "/process-next", "process_next", "Error processing next item", True),
            ("post", "/retry-failed", "retry_failed", "Failed to retry items: {error}", False),
            ("delete", "/clear-completed", "clear_completed",
             "Failed to clear completed items: {error}", False),
            ("get", "/stats", "get_stats", "Internal server error", False),
        ],
    )  # fmt: skip
    def test_are_told_in_the_words_of_the_contract(
        self, client, monkeypatch, method, path, service, message, has_data
    ):
        def fail(*args, **options):
            raise ValueError("a secret")

        monkeypatch.setattr(views, service, fail)

        headers = {"X-Correlation-ID": "ref-1"}
        answer = client.http.generic(method.upper(), QUEUE + path, headers=headers)

        error = "internal error (ref ref-1)"
        data = {"data": {"processed": 0, "errors": [error]}} if has_data else {}
        assert answer.status_code == 500
        assert answer.json() == {
            "success": False,
            "message": message.format(error=error),
            "error": error,
            "code": "internal_error",
            **data,
        }


class TestOpenAccess:
    @pytest.fixture
    def nobody(self):
        return QueueClient(role=None)

    def test_reads_adds_and_processes_for_one_organization(self, client, nobody, settings):
        settings.QUEUE_API_ANONYMOUS_ORG = str(client.organization.pk)
        nobody.add_imeis(A)

        assert client.get("/stats").json()["data"]["totalItems"] == 1
        assert nobody.post("/process-next").json()["data"]["processed"] == 1

    def test_does_nothing_else(self, client, nobody, settings):
        settings.QUEUE_API_ANONYMOUS_ORG = str(client.organization.pk)

        for answer in (
            nobody.post("/stop"),
            nobody.post("/retry-failed"),
            nobody.delete("/clear-completed"),
        ):
            assert_refused(answer, 401, "Authentication required", "not_authenticated")

    @pytest.mark.parametrize("setting", ["", "x", "00000000-0000-7000-8000-000000000000"])
    def test_is_closed_without_an_organization(self, nobody, settings, setting):
        settings.QUEUE_API_ANONYMOUS_ORG = setting

        answer = nobody.get("/stats")

        assert_refused(answer, 401, "Authentication required", "not_authenticated")


class TestStatements:
    @pytest.mark.parametrize("path", ["/stats", "/status", "/items"])
    def test_do_not_grow_with_the_queue(self, client, path, django_assert_num_queries):
        client.add_imeis(A, B)
        client.get(path)
        with django_assert_num_queries(STATEMENTS[path]):
            client.get(path)
        client.add_imeis(*[A] * 60)

        with django_assert_num_queries(STATEMENTS[path]):
            client.get(path)


STATEMENTS = {"/stats": 6, "/status": 10, "/items": 5}
