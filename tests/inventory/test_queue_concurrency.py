"""Real threads on the real database: each item once, whoever takes it."""

from functools import partial
from unittest import mock

import pytest
from django.db import OperationalError, connection

from inventory import statements
from inventory.models import Device, DeviceTest, Movement, ProcessingLog, QueueDrain, QueueItem
from inventory.services import draining, processing, writing
from inventory.services.adding import add_items
from inventory.services.claims import ClaimKind
from inventory.services.control import stop_queue
from inventory.services.draining import run_drain
from inventory.services.next_item import process_next
from inventory.services.tending import tend_queues
from jobs.runner import run_job
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import (
    NOW,
    add,
    assert_counts_fit,
    drain,
    imei_of,
    phones,
    process,
)
from tests.jobs.parallel import Gate, in_thread, run_together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organization(settings):
    settings.QUEUE_IDLE_SECONDS = 0
    return OrganizationFactory()


def once_each(organization, count):
    """Each item claimed, completed and tested exactly once."""
    items = QueueItem.objects.filter(organization=organization)
    assert set(items.values_list("status", "retry_count")) == {("completed", 0)}
    for action in ("processing", "completed"):
        lines = ProcessingLog.objects.filter(organization=organization, action=action)
        ids = list(lines.values_list("queue_item_id", flat=True))
        assert len(ids) == len(set(ids)) == count
    assert DeviceTest.objects.filter(organization=organization).count() == count
    assert_counts_fit(organization)


class TestDrain:
    def test_and_a_second_one_and_eight_who_ask_for_the_next_share_the_work(
        self, organization, settings, monkeypatch
    ):
        settings.QUEUE_SLICE_SIZE = 20
        # A deadlock that goes well at the second time would be seen here only.
        logger = mock.Mock()
        monkeypatch.setattr(processing, "logger", logger)
        # Few phones in many items: the same devices and batches are wanted everywhere.
        for start in range(0, 600, 100):
            items = [
                {"imei": imei_of((start + n) % 70), "location": f"L{n % 5}"} for n in range(100)
            ]
            add(organization, *items)
        lanes = [QueueDrain.objects.get(lane=1)]
        lanes.append(QueueDrain.objects.create(organization=organization, lane=2))

        def ask():
            handled = 0
            while process_next(organization_id=organization.pk).item is not None:
                handled += 1
            return handled

        run_together([*[partial(run_job, lane) for lane in lanes], *[ask] * 8])

        once_each(organization, 600)
        assert logger.mock_calls == []
        assert Device.objects.filter(organization=organization).count() == 70
        moves = Movement.objects.filter(organization=organization)
        assert moves.filter(reason="intake").count() == 70

    def test_that_ends_does_not_lose_what_is_just_being_added(self, organization, monkeypatch):
        add(organization, *phones(1, 3))
        first = QueueDrain.objects.get()
        gate = Gate()
        done = draining.Done

        def end(*args, **kwargs):
            # Nothing was due when it looked; now something comes before it has ended.
            gate.stop_here()
            return done(*args, **kwargs)

        monkeypatch.setattr(draining, "Done", end)
        with in_thread(partial(run_job, first)):
            gate.wait_until_reached()
            add(organization, *phones(3, 5))
            assert QueueDrain.objects.count() == 1
            gate.open()

        first.refresh_from_db()
        assert first.status == "completed"
        monkeypatch.setattr(draining, "Done", done)
        drain(organization)
        once_each(organization, 4)

    def test_sees_a_stop_before_its_next_claim(self, organization, settings):
        settings.QUEUE_SLICE_SIZE = 2
        add(organization, *phones(1, 11))
        job = QueueDrain.objects.get()
        original = run_drain
        slices = []

        def stop_after_two(one, ctx):
            if len(slices) == 2:
                stop_queue(organization_id=organization.pk, actor=None)
            slices.append(one)
            return original(one, ctx)

        from inventory import tasks

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tasks.draining, "run_drain", stop_after_two)
            run_job(job)

        assert QueueItem.objects.filter(status="completed").count() == 4
        job.refresh_from_db()
        assert job.status == "completed"
        # A restart changes nothing, an add does not either.
        tend_queues()
        add(organization, *phones(11, 12))
        assert not QueueDrain.objects.filter(status="queued").exists()

    def test_keeps_the_sequence_of_priorities(self, organization, settings):
        settings.QUEUE_SLICE_SIZE = 3
        for priority, first in [(10, 1), (5, 4), (1, 7)]:
            add(organization, *phones(first, first + 3), priority=priority)

        drain(organization)

        lines = ProcessingLog.objects.filter(action="processing").order_by("id")
        claimed = list(lines.values_list("queue_item_id", flat=True))
        by_id = QueueItem.objects.in_bulk(claimed)
        assert [by_id[pk].priority for pk in claimed] == [1] * 3 + [5] * 3 + [10] * 3


class TestLostConnection:
    def test_leaves_nothing_half_done_and_lets_the_lease_decide(
        self, organization, settings, monkeypatch
    ):
        def cut(*args, **options):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        add(organization, *phones(1, 4), {"imei": "12"})
        with monkeypatch.context() as patch:
            patch.setattr(writing, "write_devices", cut)
            with pytest.raises(OperationalError):
                process(organization)
        connection.close()

        items = QueueItem.objects.order_by("id")
        assert set(items.values_list("status", "retry_count")) == {("processing", 0)}
        assert not Device.objects.exists()
        settings.QUEUE_LEASE_SECONDS = 0
        tend_queues()
        assert set(items.values_list("status", "retry_count")) == {("pending", 1)}
        settings.QUEUE_LEASE_SECONDS = 60
        drain(organization)
        assert list(items.values_list("status", flat=True)) == [*["completed"] * 3, "failed"]
        assert DeviceTest.objects.count() == 3
        assert_counts_fit(organization)


class TestAdd:
    def test_of_the_same_phones_at_once_makes_one_device_each(self, organization):
        def send():
            add_items(organization_id=organization.pk, actor=None, items=phones(1, 30), now=NOW)
            while process_next(organization_id=organization.pk).item is not None:
                pass

        run_together([send] * 4)

        once_each(organization, 4 * 29)
        assert Device.objects.filter(organization=organization).count() == 29


class TestClaim:
    @pytest.mark.parametrize("is_analyzed", [False, True])
    @pytest.mark.parametrize(
        ("kind", "index"),
        [
            (ClaimKind.CLEAN, "iq_due_idx"),
            (ClaimKind.ISOLATED, "iq_isolated_idx"),
            (ClaimKind.NEXT, "iq_due_idx"),
            ("count_due", "iq_due_idx"),
        ],
    )
    def test_reads_the_due_index_also_before_any_analyze(
        self, organization, kind, index, is_analyzed
    ):
        add(organization, *({"imei": str(n)} for n in range(3_000)))
        parameters = {
            "organization": organization.pk, "limit": 200, "worker": "w", "token": None,
            "item": None, "most": 2_001,
        }  # fmt: skip
        with connection.cursor() as cursor:
            if is_analyzed:
                cursor.execute("ANALYZE imei_data_queue")
            cursor.execute("EXPLAIN " + statements.load(kind), parameters)
            plan = "\n".join(line for (line,) in cursor.fetchall())

        assert f"Scan using {index}" in plan
        assert "iq_list_idx" not in plan
