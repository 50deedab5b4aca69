"""POST /api/hybrid-queue/add: its answers, its refusals, and bodies of any size."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Role
from inventory.models import QueueBatch, QueueDrain, QueueItem
from inventory.rules import json_stream
from inventory.services import adding
from inventory.services.control import stop_queue
from jobs.services import pause_job_type
from tests.inventory.queue_api import QUEUE, A, B, QueueClient, assert_refused

pytestmark = pytest.mark.django_db

NO_ITEMS = "Items array is required and must not be empty"


@pytest.fixture
def client():
    return QueueClient()


def listing(second):
    """A body whose second item is this text."""
    return '{"items": [{"imei": "1"}, ' + second + "]}"


def nested(levels):
    return '{"a": ' + "[" * levels + "]" * levels + "}"


def rows():
    return QueueItem.objects.count(), QueueBatch.objects.count(), QueueDrain.objects.count()


class TestAnswer:
    def test_names_the_batch_and_what_was_added(self, client):
        answer = client.add({"imei": A}, {"imei": B}, {"imei": "x"})

        body = answer.json()
        batch_id = body["data"].pop("batchId")
        assert answer.status_code == 200
        assert re.fullmatch(r"batch_\d{13}_[a-z0-9]{9}", batch_id)
        assert body == {
            "success": True,
            "data": {"processed": 0, "errors": [], "added": 3, "warnings": []},
            "message": "Added 3 items to queue. Processing started.",
        }
        assert list(body["data"]) == ["processed", "errors", "added", "warnings"]

    def test_says_one_items_too(self, client):
        message = client.add({"imei": A}).json()["message"]

        assert message == "Added 1 items to queue. Processing started."

    def test_says_that_the_queue_is_stopped(self, client):
        stop_queue(organization_id=client.organization.pk, actor=None)

        message = client.add({"imei": A}, {"imei": B}).json()["message"]

        assert message == "Added 2 items to queue. Processing is stopped."

    def test_says_that_staff_has_paused_the_queue(self, client):
        pause_job_type(QueueDrain.job_label(), actor=None)

        message = client.add({"imei": A}).json()["message"]

        assert message == "Added 1 items to queue. Processing is stopped."

    def test_says_when_scheduled_items_start(self, client):
        day = (timezone.now() + timedelta(days=2)).date().isoformat()

        answer = client.add({"imei": A}, scheduledAt=f"{day}T08:00:00+02:00")

        text = f"Added 1 items to queue. Processing starts at {day}T06:00:00.000Z."
        assert answer.json()["message"] == text

    def test_warns_by_index(self, client):
        data = client.add({"imei": A}, {"imei": "35693803564380"}).json()["data"]

        assert [(one["index"], one["code"]) for one in data["warnings"]] == [
            (1, "check_digit_added")
        ]
        assert set(data["warnings"][0]) == {"index", "code", "message"}
        assert "warningsTruncated" not in data

    def test_shows_a_hundred_warnings(self, client):
        data = client.add(*[{"imei": "35693803564380"}] * 101).json()["data"]

        assert len(data["warnings"]) == 100
        assert data["warningsTruncated"] is True

    def test_warns_of_the_whole_request_without_an_index(self, client):
        data = client.add({"imei": A}, scheduledAt="2020-01-01T00:00:00Z").json()["data"]

        assert data["warnings"] == [
            {
                "code": "schedule_in_past",
                "message": "The scheduled time is past: the items are due at once",
            }
        ]


class TestOptions:
    def test_reach_the_items_wherever_they_stand(self, client):
        text = (
            '{"priority": 2, "more": [1, [2]], "items": [{"imei": "1"}], "source": "api",'
            ' "other": {"a": 1}, "maxRetries": 1, "validation": "strict", "undoable": true}'
        )

        assert client.post("/add", text).status_code == 200
        item, batch = QueueItem.objects.get(), QueueBatch.objects.get()
        assert (item.priority, item.source, item.max_retries) == (2, "api", 1)
        assert (item.validation, batch.undoable) == ("strict", True)
        assert batch.created_by == client.user

    @pytest.mark.parametrize("nothing", [None, "", 0, False])
    def test_that_say_nothing_mean_the_default(self, client, nothing):
        client.add({"imei": A}, source=nothing, priority=nothing)

        item = QueueItem.objects.get()
        assert (item.source, item.priority) == ("bulk-add", 5)

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            *[
                ({"priority": bad}, "Priority must be a whole number from 1 to 10")
                for bad in ("high", 11, -1, 2.5, True, "3", [], {"a": 1})
            ],
            *[
                ({"source": bad}, "Source must be text of at most 50 characters")
                for bad in (7, "x" * 51, ["x"], {}, True, "a\0b", "\ud800")
            ],
            *[
                ({"maxRetries": bad}, "maxRetries must be a whole number from 0 to 10")
                for bad in (11, -1, 1.5, "3", True, [])
            ],
            *[
                ({"validation": bad}, 'validation must be "warn" or "strict"')
                for bad in ("loose", 1, True, [])
            ],
            *[
                (
                    {"scheduledAt": bad},
                    "scheduledAt must be an ISO 8601 time with offset, at most 366 days ahead",
                )
                for bad in ("soon", 17, "2026-01-01T00:00:00", "9999-01-01T00:00:00Z", [])
            ],
        ],
    )
    def test_that_make_no_sense_are_refused(self, client, options, text):
        assert_refused(client.add({"imei": A}, **options), 400, text)
        assert rows() == (0, 0, 0)


class TestJoiningABatch:
    def test_keeps_its_source(self, client):
        batch_id = client.add_imeis(A, source="api")

        answer = client.add({"imei": B}, batchId=batch_id, source="paste")

        data = answer.json()["data"]
        assert (data["batchId"], data["added"]) == (batch_id, 1)
        assert [one["code"] for one in data["warnings"]] == ["source_ignored"]
        assert QueueBatch.objects.get().total_items == 2

    @pytest.mark.parametrize("unknown", ["batch_1", 17, ["x"], {"a": 1}, "x" * 1000, "\0"])
    def test_knows_no_other_batch(self, client, unknown):
        answer = client.add({"imei": A}, batchId=unknown)

        assert_refused(answer, 404, "Batch not found", "not_found")

    def test_of_another_organization_is_unknown(self, client):
        foreign = QueueClient().add_imeis(A)

        answer = client.add({"imei": A}, batchId=foreign)

        assert_refused(answer, 404, "Batch not found", "not_found")

    def test_that_was_undone_is_refused(self, client):
        batch_id = client.add_imeis(A)
        QueueBatch.objects.update(undone_at=timezone.now())

        answer = client.add({"imei": A}, batchId=batch_id)

        assert_refused(answer, 409, "Batch is closed", "batch_closed")

    @pytest.mark.parametrize("nothing", [None, ""])
    def test_is_not_meant_by_nothing(self, client, nothing):
        assert client.add({"imei": A}, batchId=nothing).status_code == 200


class TestBody:
    @pytest.mark.parametrize(
        "body",
        [
            "",
            " ",
            "{}",
            "[]",
            "[[",
            '[{"imei": "1"}]',
            "null",
            '"x"',
            "7",
            '{"items": []}',
            '{"items": [ ]}',
            '{"items": "x"}',
            '{"items": {"a": 1}}',
            '{"items": null}',
            '{"items": 17}',
            '{"item": [{}]}',
            '{"items": [{}], "items": []}',
        ],
    )
    def test_without_items_is_refused(self, client, body):
        assert_refused(client.post("/add", body), 400, NO_ITEMS)
        assert rows() == (0, 0, 0)

    @pytest.mark.parametrize(
        "body",
        [
            "{",
            '{"items"',
            '{"items": [',
            '{"items": [{}',
            '{"items": [{}]',
            '{"items": [{}],',
            '{"items": [{}],}',
            '{"items": [{},]}',
            '{"items": [{} {}]}',
            '{"items": [{}]} x',
            '{"items": [{}]}{}',
            '{"items": [{}], 7: 1}',
            '{"items": [{"imei": "a\tb"}]}',
            '{"items": [tru]}',
            '{"items": [1.]}',
            '{"items": [{}], "priority": 1x}',
            '{"items": [{}], "more": [1 2]}',
            "nonsense",
            b'{"items": [{"imei": "\xff"}]}',
            b"\xff\xfe{",
            b"\x00",
            '{"more": ' + "[" * 50_000,
            '{"more": {"a": ' * 5_000,
        ],
    )
    def test_that_is_no_json_is_refused(self, client, body):
        assert_refused(client.post("/add", body), 400, "Invalid JSON format", "invalid_json")
        assert rows() == (0, 0, 0)

    @pytest.mark.parametrize("other", ["null", "1", "1.5e3", '"x"', "[]", "true", "NaN"])
    def test_names_the_item_that_is_no_object(self, client, other):
        answer = client.post("/add", listing(other))

        assert_refused(answer, 400, "Item at index 1 is not an object")
        assert rows() == (0, 0, 0)

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ('{"a": "x\\u0000"}', "it has a NUL character"),
            ('{"a\\u0000": 1}', "it has a NUL character"),
            ('{"a": "\\ud800"}', "it has a lone surrogate"),
            ('{"a": NaN}', "it has NaN, which is no number"),
            ('{"a": 1e400}', "it has a number beyond 1e308"),
            ('{"a": 1%s}' % ("0" * 5000), "it has a number beyond 1e308"),
            (nested(33), "it is nested deeper than 32 levels"),
            (nested(9_000), "it is nested deeper than 32 levels"),
            ('{"a": "%s"}' % ("x" * 70_000), "it is larger than 64 KB"),
            ('{"a": "%s"}' % ("x" * 3_000_000), "it is larger than 64 KB"),
        ],
    )
    def test_names_the_item_that_cannot_be_stored(self, client, bad, reason):
        answer = client.post("/add", listing(bad))

        assert_refused(answer, 400, f"Item at index 1 cannot be stored: {reason}")
        assert rows() == (0, 0, 0)

    def test_is_kept_exactly(self, client):
        posted = {"imei": A, "__proto__": {"x": [1, 2.5, None]}, "note": "\U0001f600 é \\u0000"}

        client.add(posted)

        assert QueueItem.objects.get().raw_data == posted

    def test_may_begin_with_a_mark(self, client):
        body = b"\xef\xbb\xbf" + json.dumps({"items": [{"imei": A}]}).encode()

        assert client.post("/add", body).status_code == 200

    def test_is_understood_wherever_it_is_cut_for_reading(self, client, monkeypatch):
        text = (
            '{"a": [1.5e3, -2, "é"], "items": [{"imei": "é\\u00e9", "n": 12.5}, {}], "priority": 7}'
        )

        for size in (1, 2, 3, 7):
            monkeypatch.setattr(json_stream, "AT_ONCE", size)
            assert client.post("/add", text).status_code == 200

        assert set(QueueItem.objects.values_list("priority", flat=True)) == {7}
        assert QueueItem.objects.count() == 8

    @pytest.mark.parametrize("number", ["12", "1.5", "1e5", "-7", "1.5e-3"])
    def test_does_not_cut_numbers_either(self, client, monkeypatch, number):
        text = listing(number)

        for size in (1, 2, 3):
            monkeypatch.setattr(json_stream, "AT_ONCE", size)
            assert_refused(client.post("/add", text), 400, "Item at index 1 is not an object")

    def test_that_breaks_off_after_many_good_items_leaves_nothing(self, client, monkeypatch):
        monkeypatch.setattr(adding, "CHUNK", 100)
        text = '{"items": [' + ", ".join(['{"imei": "1"}'] * 2_000)

        assert_refused(client.post("/add", text), 400, "Invalid JSON format", "invalid_json")
        assert rows() == (0, 0, 0)

    def test_with_too_many_items_is_refused(self, client, settings):
        settings.QUEUE_MAX_ITEMS_PER_ADD = 3

        answer = client.add(*[{"imei": A}] * 4)

        assert_refused(answer, 413, "At most 3 items per request", "too_many_items")
        assert rows() == (0, 0, 0)

    def test_that_is_too_large_is_refused(self, client, settings):
        settings.QUEUE_MAX_BODY_MB = 1

        answer = client.add({"imei": A}, more="x" * 1024 * 1024)

        assert_refused(answer, 413, "Request body is larger than 1 MB", "body_too_large")

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
    def test_of_another_type_is_refused(self, client, content_type):
        answer = client.http.post(f"{QUEUE}/add", b'{"items": [{}]}', content_type=content_type)

        text = "Content-Type must be application/json"
        assert_refused(answer, 415, text, "unsupported_media_type")

    def test_takes_the_type_with_parameters(self, client):
        answer = client.http.post(
            f"{QUEUE}/add", b'{"items": [{}]}', content_type="Application/JSON; charset=utf-8"
        )

        assert answer.status_code == 200


class Chunks(io.RawIOBase):
    """What a server hands on of a body that comes in chunks: no length, only an end."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.was_read = 0

    def read(self, size: int = -1) -> bytes:
        assert 0 < size <= 1024 * 1024
        piece = self.pieces.pop(0) if self.pieces else b""
        self.was_read += len(piece)
        return piece


class TestChunkedBody:
    @pytest.fixture
    def send(self, client):
        def call(*pieces, path="/add"):
            stream = Chunks(*pieces)
            answer = client.http.post(
                f"{QUEUE}{path}",
                content_type="application/json",
                **{
                    "wsgi.input": stream,
                    "wsgi.input_terminated": True,
                    "CONTENT_LENGTH": "",
                    "HTTP_TRANSFER_ENCODING": "chunked",
                },
            )
            return answer, stream

        return call

    def test_is_read_to_its_end(self, send):
        answer, _ = send(b'{"items": [{"imei"', b': "1"}]}')

        assert answer.json()["data"]["added"] == 1

    def test_is_refused_as_soon_as_it_is_too_large(self, send, settings):
        settings.QUEUE_MAX_BODY_MB = 1
        endless = [b" " * 65_536] * 3_000

        answer, stream = send(*endless)

        assert_refused(answer, 413, "Request body is larger than 1 MB", "body_too_large")
        assert stream.was_read < 70 * 1024 * 1024

    def test_narrows_a_retry(self, client, send):
        client.add_imeis("1", "2")
        for _ in range(2):
            client.post("/process-next")

        answer, _ = send(b'{"ids": ', b"[1]}", path="/retry-failed")

        assert answer.json()["message"] == "No failed items to retry"


class TestFailure:
    @pytest.fixture
    def fail(self, monkeypatch):
        def with_error(error):
            def call(*args, **options):
                raise error

            monkeypatch.setattr(adding, "_save_batch", call)

        return with_error

    def test_of_the_database_is_told_and_leaves_nothing(self, client, fail):
        fail(OperationalError("connection refused, password x"))

        answer = client.add({"imei": A})

        text = "Queue database is not available"
        assert answer.status_code == 503
        assert answer.json() == {
            "success": False,
            "message": f"Failed to add items to queue: {text}",
            "error": text,
            "code": "database_unavailable",
            "data": {"processed": 0, "errors": [text]},
        }
        assert rows() == (0, 0, 0)

    def test_of_ours_names_a_reference(self, client, fail):
        fail(ValueError("a secret"))

        answer = client.post("/add", {"items": [{"imei": A}]}, **{"X-Correlation-ID": "ref-1"})

        text = "internal error (ref ref-1)"
        assert answer.status_code == 500
        assert answer.json() == {
            "success": False,
            "message": f"Failed to add items to queue: {text}",
            "error": text,
            "code": "internal_error",
            "data": {"processed": 0, "errors": [text]},
        }
        assert rows() == (0, 0, 0)


class TestIdempotencyKey:
    def send(self, client, body, key="one"):
        return client.post("/add", body, **{"Idempotency-Key": key})

    def test_makes_one_batch_of_two_requests(self, client):
        body = {"items": [{"imei": A}, {"imei": B}]}

        first = self.send(client, body)
        again = self.send(client, body)

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == first.json()
        assert rows()[:2] == (2, 1)

    def test_belongs_to_one_body(self, client):
        self.send(client, {"items": [{"imei": A}]})

        answer = self.send(client, {"items": [{"imei": B}]})

        text = "Same Idempotency-Key with a different body"
        assert_refused(answer, 422, text, "idempotency_mismatch")
        assert rows()[0] == 1

    def test_keeps_refusals(self, client):
        first = self.send(client, {"items": []})
        again = self.send(client, {"items": []})

        assert (first.status_code, again.status_code) == (400, 400)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == first.json()

    def test_must_be_sane(self, client):
        answer = self.send(client, {"items": [{}]}, key="x" * 201)

        assert_refused(answer, 400, "Idempotency-Key must have 1 to 200 printable characters.")

    def test_without_it_the_same_phones_come_twice(self, client):
        for _ in range(2):
            client.add_imeis(A)

        assert rows()[:2] == (2, 2)


class TestRoles:
    def test_viewers_add_nothing(self):
        answer = QueueClient(role=Role.VIEWER).add({"imei": A})

        assert_refused(answer, 403, "Your role does not allow this", "permission_denied")
        assert rows() == (0, 0, 0)

    def test_nobody_adds_nothing(self):
        answer = QueueClient(role=None).add({"imei": A})

        assert_refused(answer, 401, "Authentication required", "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert rows() == (0, 0, 0)
