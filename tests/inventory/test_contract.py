"""What the contract promises of the whole queue, whichever module keeps the promise."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from psycopg import errors as postgres

from inventory.models import (
    Device,
    DeviceTest,
    ProcessingLog,
    QueueBatch,
    QueueDrain,
    QueueItem,
    QueueSlice,
    QueueSource,
    StockEntry,
)
from inventory.services import control, processing, writing
from inventory.services.claims import ClaimKind
from inventory.services.control import start_queue, stop_queue
from inventory.services.importing import queue_import
from inventory.services.intake_scans import make_place, take_in
from inventory.services.retrying import retry_failed
from jobs.models import OutboxMessage
from jobs.runner import run_due_jobs
from tests.accounts.factories import OrganizationFactory, make_member
from tests.inventory.factories import A, B, add, assert_counts_fit, drain, imei_of, phones, process
from tests.inventory.imports import read, verdicts
from tests.inventory.queue_api import QueueClient
from tests.jobs.factories import WebhookEndpointFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(settings):
    settings.QUEUE_IDLE_SECONDS = 0
    return OrganizationFactory()


@pytest.fixture
def breaks(monkeypatch):
    """Let the writing of slices fail so many times, when they hold the phone with this IMEI."""

    def act(error, *, times, imei=A):
        original, left = writing.write_devices, [times]

        def write(chains, **options):
            if left[0] and imei in {chain.state.imei for chain in chains.values()}:
                left[0] -= 1
                raise error
            return original(chains, **options)

        monkeypatch.setattr(writing, "write_devices", write)
        monkeypatch.setattr(processing.time, "sleep", lambda seconds: None)

    return act


def scan_at_desk(organization, text):
    take_in(
        organization_id=organization.pk,
        actor=make_member("operator", organization=organization),
        place=make_place(organization_id=organization.pk, name="Desk"),
        text=text,
        client_ref=uuid4(),
        now=timezone.now(),
    )


def busy():
    error = OperationalError("deadlock detected")
    error.__cause__ = postgres.DeadlockDetected("deadlock detected")
    return error


def states():
    rows = QueueItem.objects.order_by("id").values_list("status", "retry_count", "error_code")
    return list(rows)


class TestDatabaseDown:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("post", "/add"),
            ("get", "/stats"),
            ("get", "/status"),
            ("post", "/process-next"),
            ("get", "/items"),
            ("get", "/items/1"),
            ("post", "/retry-failed"),
            ("delete", "/clear-completed"),
            ("get", "/batch/batch_1"),
            ("post", "/start"),
            ("post", "/stop"),
        ],
    )
    def test_is_told_on_every_endpoint_without_numbers(self, method, path):
        client = QueueClient()
        body = [{"items": [{"imei": A}]}] if path == "/add" else []

        def fail(*args):
            raise OperationalError('connection to "db" failed: password x')

        with connection.execute_wrapper(fail):
            answer = getattr(client, method)(path, *body)

        data = answer.json()
        assert answer.status_code == 503
        assert (data["success"], data["code"]) == (False, "database_unavailable")
        assert data["error"] == "Queue database is not available"
        assert "password" not in answer.content.decode()
        assert not QueueItem.objects.exists()


class TestRetries:
    def test_once_more_at_once_when_the_database_was_busy(self, organization, breaks):
        add(organization, {"imei": A}, *phones(1, 10))
        breaks(busy(), times=1)

        count, _ = process(organization)

        assert (count.completed, count.retried) == (10, 0)
        assert set(states()) == {("completed", 0, None)}

    def test_costs_the_busy_item_only(self, organization, breaks):
        add(organization, {"imei": A}, *phones(1, 10))
        # The slice, the slice again, the item alone.
        breaks(busy(), times=3)

        count, _ = process(organization)

        assert (count.completed, count.retried) == (9, 1)
        assert states()[0] == ("pending", 1, "database_busy")
        assert_counts_fit(organization)

    def test_tells_the_databases_own_line_of_a_refusal(self, organization, breaks):
        error = OperationalError("boom SELECT secret")
        error.__cause__ = postgres.DiskFull("disk is full")
        add(organization, {"imei": A}, max_retries=0)
        breaks(error, times=9)

        process(organization)

        item = QueueItem.objects.get()
        assert (item.status, item.error_code) == ("failed", "database_error")
        assert "SELECT" not in item.error_message

    def test_wait_as_long_as_the_log_says(self, organization, breaks, settings):
        settings.QUEUE_BACKOFF_JITTER = 0
        add(organization, {"imei": A})
        breaks(RuntimeError("away"), times=99)

        gaps = []
        for kind in (ClaimKind.CLEAN, *[ClaimKind.ISOLATED] * 3):
            process(organization, kind)
            item = QueueItem.objects.get()
            line = ProcessingLog.objects.order_by("-id")[0]
            if item.run_after is not None:
                gaps.append(
                    (line.message, round((item.run_after - line.created_at).total_seconds()))
                )
            QueueItem.objects.update(run_after=None)

        assert gaps == [("Retry 1/3 in 2 s", 2), ("Retry 2/3 in 4 s", 4), ("Retry 3/3 in 8 s", 8)]
        assert line.message == "Item failed after 4 attempts"
        actions = list(ProcessingLog.objects.order_by("id").values_list("action", flat=True))
        assert actions == [*["processing", "retry"] * 3, "processing", "failed"]

    def test_drag_no_neighbours_into_the_slow_path(self, organization, breaks):
        add(organization, {"imei": A}, *phones(1, 4))
        breaks(RuntimeError("away"), times=99)
        process(organization)
        add(organization, *phones(10, 20))
        QueueItem.objects.update(run_after=None)

        drain(organization)

        slices = list(QueueSlice.objects.order_by("id").values_list("claimed", "completed"))
        assert slices == [(4, 3), (1, 0), (10, 10)]


class TestSources:
    SCHEMA = {
        "type": "object",
        "required": ["station"],
        "properties": {"station": {"type": "string"}, "battery": {"maximum": 100}},
    }

    def test_refuse_what_their_schema_does_not_allow(self, organization):
        QueueSource.objects.create(organization=organization, name="bench", json_schema=self.SCHEMA)
        bad = [{"imei": A}, {"imei": A, "station": "x", "battery": 101}]
        add(organization, *bad, {"imei": A, "station": "x"}, source="bench")
        add(organization, {"imei": B}, source="elsewhere")

        process(organization)

        rows = QueueItem.objects.order_by("id").values_list("status", "error_code", "error_message")
        assert list(rows) == [
            ("failed", "schema_mismatch", "$: 'station' is a required property"),
            ("failed", "schema_mismatch", "$.battery: 101 is greater than the maximum of 100"),
            ("completed", None, None),
            ("completed", None, None),
        ]

    def test_give_new_devices_a_place_and_a_policy(self, organization):
        QueueSource.objects.create(
            organization=organization, name="bench", default_location="L7", validation="strict"
        )
        wrong = {"imei": "356938035643808"}
        add(organization, {"imei": A, "location": "L1"}, source="elsewhere")

        add(organization, {"imei": A}, {"imei": B}, wrong, source="bench")
        process(organization)
        # The request has the last word.
        add(organization, wrong, source="bench", validation="warn")
        process(organization)

        places = dict(StockEntry.objects.values_list("imei", "location__name").order_by("id"))
        assert places == {A: "L1", B: "L7", wrong["imei"]: "L7"}
        assert [code for *_, code in states()] == [None, None, None, "imei_check_digit", None]

    @pytest.mark.parametrize(
        ("is_active", "policy", "retries", "place"),
        [(True, "imei_check_digit", 7, "L7"), (False, None, 3, "Default Location")],
    )
    @pytest.mark.parametrize("source", ["file-import", "scan"])
    def test_mean_the_same_for_files_and_scans_unless_they_are_switched_off(
        self, organization, settings, tmp_path, source, is_active, policy, retries, place
    ):
        settings.MEDIA_ROOT = tmp_path
        QueueSource.objects.create(
            organization=organization,
            name=source,
            validation="strict",
            max_retries=7,
            default_location="L7",
            is_active=is_active,
        )

        if source == "scan":
            scan_at_desk(organization, A)
            scan_at_desk(organization, "356938035643808")
            place = "Desk"
            codes = [code for *_, code in states()]
        else:
            row = read(organization, f"imei\n{A}\n356938035643808\n".encode())
            codes = [code for *_, code in verdicts(row)]
            queue_import(queue_import=row, actor=None, now=timezone.now())
            process(organization)

        assert codes == [None, policy]
        assert set(QueueItem.objects.values_list("max_retries", flat=True).order_by()) == {retries}
        assert StockEntry.objects.get(imei=A).location.name == place

    def test_without_a_word_leave_the_policy_to_the_setting(self, organization, settings):
        settings.QUEUE_IMEI_POLICY = "strict"
        add(organization, {"imei": "356938035643808"})

        process(organization)

        assert states() == [("failed", 0, "imei_check_digit")]


class TestSecondImei:
    def test_is_told_and_nothing_is_merged(self, organization):
        add(organization, {"imei": A, "imei2": B}, {"imei": imei_of(1), "imei2": "12"})
        add(organization, {"imei": B})

        process(organization)

        codes = [
            [warning["code"] for warning in warnings]
            for warnings in QueueItem.objects.order_by("id").values_list("warnings", flat=True)
        ]
        assert codes == [[], ["imei2_invalid"], ["imei_is_second_of"]]
        assert Device.objects.count() == 3


class TestWebhooks:
    def told(self):
        messages = OutboxMessage.objects.filter(kind="webhook").order_by("created_at", "key")
        return [message.payload["body"] for message in messages]

    def test_tell_the_end_of_a_batch_once_for_each_completion(self, organization):
        WebhookEndpointFactory(organization=organization)
        WebhookEndpointFactory()
        batch = add(organization, {"imei": A}, {"imei": "12"}, {"imei": "x"})
        process(organization, limit=2)
        assert self.told() == []
        process(organization)

        (first,) = self.told()
        retry_failed(organization_id=organization.pk)
        process(organization)

        assert first["type"] == "imei.batch.completed"
        assert first["data"]["batchId"] == batch.batch_id
        assert (first["data"]["processedItems"], first["data"]["failedItems"]) == (1, 2)
        assert first["data"]["errorCounts"] == {"imei_length": 1, "imei_not_numeric": 1}
        assert len(self.told()) == 2
        keys = set(OutboxMessage.objects.order_by("key").values_list("key", flat=True))
        assert {key.rpartition(":")[0] for key in keys} == {
            f"{batch.batch_id}:1",
            f"{batch.batch_id}:2",
        }
        assert json.dumps(first)

    def test_tell_a_batch_of_which_nothing_came_in_as_failed(self, organization):
        WebhookEndpointFactory(organization=organization)
        add(organization, {"imei": "12"})

        process(organization)

        assert [body["type"] for body in self.told()] == ["imei.batch.failed"]


class TestWorkers:
    def test_share_what_is_too_much_for_one(self, organization, settings, monkeypatch):
        monkeypatch.setattr(control, "ROWS_PER_LANE", 10)
        settings.QUEUE_MAX_DRAINS = 3

        def lanes_for(items):
            add(organization, *phones(1, items + 1))
            return list(QueueDrain.objects.order_by("lane").values_list("lane", flat=True))

        assert lanes_for(10) == [1]
        assert lanes_for(1) == [1, 2]
        # However much there is.
        assert lanes_for(60) == [1, 2, 3]
        assert run_due_jobs() >= 3
        assert set(states()) == {("completed", 0, None)}

    def test_stay_stopped_through_adds_and_retries_until_somebody_starts_them(self, organization):
        add(organization, {"imei": "12"})
        process(organization)
        stop_queue(organization_id=organization.pk, actor=None)
        add(organization, {"imei": A})
        retry_failed(organization_id=organization.pk)

        run_due_jobs()
        waiting = states()
        start_queue(organization_id=organization.pk, actor=None)
        run_due_jobs()

        assert waiting == [("pending", 0, None)] * 2
        assert states() == [("failed", 0, "imei_length"), ("completed", 0, None)]

    def test_can_be_slowed_down(self, organization, settings, monkeypatch):
        pauses = []
        monkeypatch.setattr(processing.time, "sleep", pauses.append)
        settings.QUEUE_ITEM_DELAY_MS = 250
        add(organization, *phones(1, 6))
        # Also what has failed before waits its turn.
        first = QueueItem.objects.order_by("id").values_list("pk", flat=True)[:3]
        QueueItem.objects.filter(pk__in=list(first)).update(isolate=True)

        drain(organization)

        assert list(QueueSlice.objects.order_by("id").values_list("claimed", flat=True)) == [1] * 5
        assert pauses == [0.25] * 5

    def test_wait_for_the_time_of_scheduled_items(self, organization):
        moment = timezone.now() + timedelta(hours=1)
        batch = add(organization, {"imei": A}, scheduled_at=moment.isoformat())

        run_due_jobs()

        assert not DeviceTest.objects.exists()
        assert QueueBatch.objects.get(pk=batch.pk).scheduled_at == moment
