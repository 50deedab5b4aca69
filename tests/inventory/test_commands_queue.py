"""The commands that feed, work off, switch and watch a queue."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from inventory.management.commands import queue_health
from inventory.models import Device, QueueBatch, QueueControl, QueueCount, QueueItem
from inventory.services import draining, writing
from inventory.services.claims import ClaimKind, claim
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, imei_of, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(settings):
    settings.QUEUE_IDLE_SECONDS = 0
    return OrganizationFactory(slug="north-hall")


def run(name: str, *arguments: str, slug: str = "north-hall") -> dict:
    out = StringIO()
    call_command(name, *arguments, "--organization", slug, "--json", stdout=out)
    return json.loads(out.getvalue())


def statuses():
    return list(QueueItem.objects.order_by("id").values_list("status", flat=True))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("add_items", ["/dev/null"]),
        ("cancel_batch", ["b"]),
        ("clear_completed", []),
        ("drain_queue", []),
        ("export_devices", ["--to", "/dev/null"]),
        ("import_tacs", ["/dev/null"]),
        ("learn_tacs", []),
        ("process_next", []),
        ("queue_control", ["start"]),
        ("queue_health", []),
        ("queue_stats", []),
        ("recount_queue", []),
        ("retry_failed", []),
        ("undo_batch", ["b"]),
    ],
)
class TestEveryCommand:
    def test_knows_no_other_organization(self, name, arguments):
        with pytest.raises(CommandError, match="no organization with the slug 'nowhere'"):
            run(name, *arguments, slug="nowhere")


class TestAddItems:
    @pytest.mark.parametrize(
        "text",
        [
            f'[{{"imei": "{A}"}}, {{"imei": "{B}"}}]',
            f'{{"items": [{{"imei": "{A}"}},\n {{"imei": "{B}"}}]}}\n',
            f'{{"imei": "{A}"}}\n{{"imei": "{B}"}}\n\n',
        ],
        ids=["list", "object", "lines"],
    )
    def test_takes_phones_in_any_form(self, organization, tmp_path, text):
        file = tmp_path / "phones.json"
        file.write_text(text)

        facts = run("add_items", str(file))

        batch = QueueBatch.objects.get()
        assert (facts["batchId"], facts["added"]) == (batch.batch_id, 2)
        assert facts["message"] == "Added 2 items to queue. Processing started."
        assert [row.raw_data for row in QueueItem.objects.order_by("id")] == [
            {"imei": A},
            {"imei": B},
        ]

    def test_takes_what_the_file_asks_for_unless_the_command_says_otherwise(
        self, organization, tmp_path
    ):
        file = tmp_path / "phones.json"
        body = {"source": "bench", "priority": 2, "undoable": True, "items": [{"imei": A}]}
        file.write_text(json.dumps(body))

        run("add_items", str(file), "--priority", "1", "--validation", "strict")

        batch = QueueBatch.objects.get()
        assert (batch.source, batch.priority) == ("bench", 1)
        assert (batch.validation, batch.undoable) == ("strict", True)

    def test_joins_a_batch_and_schedules(self, organization, tmp_path):
        batch = add(organization, {"imei": A})
        file = tmp_path / "phones.json"
        file.write_text(f'[{{"imei": "{B}"}}]')
        moment = timezone.now() + timedelta(hours=5)

        facts = run("add_items", str(file), "--batch-id", batch.batch_id,
                    "--scheduled-at", moment.isoformat())  # fmt: skip

        assert facts["batchId"] == batch.batch_id
        assert QueueItem.objects.get(raw_data__imei=B).run_after == moment

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (f'[{{"imei": "{A}"}}, 7]', "Item at index 1 is not an object"),
            (f'{{"imei": "{A}"}}\n{{"imei": ', "Invalid JSON format"),
            (f'[{{"imei": "{A}"}}] x', "Invalid JSON format"),
            ("", "Items array is required and must not be empty"),
            ('{"items": []}', "Items array is required and must not be empty"),
            (f'{{"priority": 11, "items": [{{"imei": "{A}"}}]}}', "whole number from 1 to 10"),
        ],
    )
    def test_refuses_with_a_reason_and_adds_nothing(self, organization, tmp_path, text, reason):
        file = tmp_path / "phones.json"
        file.write_text(text)

        with pytest.raises(CommandError, match=reason):
            run("add_items", str(file))
        assert not QueueItem.objects.exists()

    def test_needs_a_file_that_is_there(self, organization, tmp_path):
        with pytest.raises(CommandError, match="cannot be read: No such file"):
            run("add_items", str(tmp_path / "none.json"))


class TestProcessNext:
    def test_works_one_item_off_and_says_how_it_ended(self, organization):
        add(organization, {"imei": "12"}, *phones(1, 3))
        failed = QueueItem.objects.order_by("id")[0]

        facts = run("process_next")

        assert facts["message"] == f"Failed to process item {failed.pk}"
        assert facts["item"]["errorCode"] == "imei_length"
        assert statuses() == ["failed", "pending", "pending"]
        assert run("process_next")["processed"] == 1


class TestDrainQueue:
    def test_works_off_what_is_due(self, organization, settings):
        settings.QUEUE_SLICE_SIZE = 2
        add(organization, *phones(1, 6), {"imei": "12"})

        facts = run("drain_queue")

        assert facts == {
            "claimed": 6, "completed": 5, "failed": 1, "retried": 0, "stopped": False
        }  # fmt: skip

    @pytest.mark.parametrize("limit", [1, 3, 4])
    def test_takes_so_many_at_most(self, organization, settings, limit):
        settings.QUEUE_SLICE_SIZE = 3
        add(organization, *phones(1, 9))
        QueueItem.objects.filter(raw_data__imei=imei_of(1)).update(isolate=True)

        assert run("drain_queue", "--limit", str(limit))["claimed"] == limit
        assert statuses().count("completed") == limit

    def test_leaves_a_stopped_queue_alone(self, organization):
        QueueControl.objects.create(organization=organization, desired_state="stopped")
        add(organization, *phones(1, 3))

        facts = run("drain_queue", "--until-empty")

        assert (facts["claimed"], facts["stopped"]) == (0, True)

    def test_waits_for_retries_but_not_for_tomorrow(self, organization, monkeypatch):
        original, calls = writing.write_devices, []

        def fail_once(*args, **kwargs):
            calls.append(args)
            if len(calls) < 4:
                raise RuntimeError("away")
            return original(*args, **kwargs)

        def wait(seconds):
            QueueItem.objects.filter(retry_count__gt=0).update(
                run_after=F("run_after") - timedelta(hours=1)
            )

        monkeypatch.setattr(writing, "write_devices", fail_once)
        monkeypatch.setattr(draining.time, "sleep", wait)
        add(organization, {"imei": A})
        later = timezone.now() + timedelta(days=1)
        add(organization, {"imei": B}, scheduled_at=later.isoformat())

        facts = run("drain_queue", "--until-empty")

        assert (facts["completed"], facts["retried"] > 0) == (1, True)
        assert statuses() == ["completed", "pending"]


class TestQueueControl:
    def test_stops_starts_and_tells(self, organization):
        assert run("queue_control", "stop")["message"] == "Queue processing stopped"
        assert run("queue_control", "status")["desiredState"] == "stopped"
        assert QueueControl.objects.get().desired_state == "stopped"
        assert run("queue_control", "start")["desiredState"] == "running"


class TestRetryFailed:
    def test_takes_what_every_condition_fits(self, organization):
        batch = add(organization, {"imei": "12"}, {"imei": "x"})
        add(organization, {"imei": "12"})
        process(organization)
        first = QueueItem.objects.order_by("id")[0]

        by_both = run("retry_failed", "--batch", batch.batch_id, "--code", "imei_length")
        by_id = run("retry_failed", "--ids", f"{first.pk}, {first.pk + 2}")

        assert by_both == {
            "message": "Retried 1 items", "processed": 1, "errors": [], "remaining": 0
        }  # fmt: skip
        assert by_id["processed"] == 1
        assert statuses() == ["pending", "failed", "pending"]

    def test_refuses_ids_that_are_none(self, organization):
        with pytest.raises(CommandError, match="not a list of ids"):
            run("retry_failed", "--ids", "1,x")


class TestClearCompleted:
    def test_moves_what_is_old_enough(self, organization):
        add(organization, *phones(1, 4))
        process(organization)
        QueueItem.objects.filter(raw_data__imei=imei_of(2)).update(
            processed_at=timezone.now() - timedelta(days=8)
        )

        facts = run("clear_completed", "--older-than-days", "7")

        assert facts["message"] == "Cleared 1 completed items"
        assert run("clear_completed")["processed"] == 2

    def test_refuses_days_that_make_no_sense(self, organization):
        with pytest.raises(CommandError, match="olderThanDays"):
            run("clear_completed", "--older-than-days", "-1")


class TestCancelBatch:
    def test_fails_what_is_pending(self, organization):
        batch = add(organization, *phones(1, 3))

        assert run("cancel_batch", batch.batch_id)["cancelled"] == 2
        assert statuses() == ["failed", "failed"]

    def test_knows_no_other_batch(self, organization):
        with pytest.raises(CommandError, match="Batch not found"):
            run("cancel_batch", add(OrganizationFactory(), {"imei": A}).batch_id)


class TestUndoBatch:
    def test_tells_first_and_undoes_then(self, organization):
        batch = add(organization, *phones(1, 3), undoable=True)
        process(organization)
        QueueBatch.objects.update(created_at=timezone.now())

        told = run("undo_batch", batch.batch_id, "--dry-run")
        devices = Device.objects.count()
        done = run("undo_batch", batch.batch_id)

        assert (told["deleted"], devices) == (2, 2)
        assert done == {**told, "dryRun": False}
        assert not Device.objects.exists()

    def test_says_why_not(self, organization):
        with pytest.raises(CommandError, match="This batch cannot be undone"):
            run("undo_batch", add(organization, {"imei": A}).batch_id)


class TestQueueStats:
    def test_counts(self, organization):
        add(organization, *phones(1, 3), {"imei": "12"})
        process(organization)

        facts = run("queue_stats")

        assert (facts["totalItems"], facts["completedItems"], facts["failedItems"]) == (3, 2, 1)

    def test_prints_a_line_a_fact_for_people(self, organization):
        out = StringIO()

        call_command("queue_stats", "--organization", "north-hall", stdout=out)

        assert "pendingItems: 0\n" in out.getvalue()


class TestQueueHealth:
    def test_is_silent_while_all_is_well(self, organization):
        assert run("queue_health")["health"] == {"level": "ok", "warnings": []}

    def test_ends_with_1_and_the_reason_for_a_warning(self, organization, settings):
        settings.QUEUE_WARN_PENDING = 1
        add(organization, *phones(1, 3))

        with pytest.raises(CommandError, match="Queue backlog detected") as warned:
            run("queue_health")
        assert warned.value.returncode == 1

    def test_ends_with_2_without_a_database(self, organization, monkeypatch):
        def fail(organization_id):
            raise OperationalError("connection refused")

        monkeypatch.setattr(queue_health, "get_status", fail)

        with pytest.raises(CommandError, match="Queue database is not available") as warned:
            run("queue_health")
        assert warned.value.returncode == 2


class TestRecountQueue:
    def test_ends_with_1_on_a_difference_and_repairs_it_where_asked_to(self, organization):
        add(organization, *phones(1, 3))
        claim(organization_id=organization.pk, kind=ClaimKind.CLEAN, limit=1, worker="w")
        QueueCount.objects.all().delete()

        with pytest.raises(CommandError, match="2 differences found"):
            run("recount_queue")
        assert run("recount_queue", "--fix") == {"fixed": 2, "differences": []}

    def test_looks_at_all_organizations_when_none_is_named(self, organization):
        add(organization, {"imei": A})
        QueueCount.objects.all().delete()
        out = StringIO()

        with pytest.raises(CommandError, match="1 differences found"):
            call_command("recount_queue", "--json", stdout=out)

        (difference,) = json.loads(out.getvalue())["differences"]
        assert difference == {
            "kind": "ledger rows",
            "organization_id": str(organization.pk),
            "subject": "pending",
            "stored": 0,
            "found": 1,
        }
