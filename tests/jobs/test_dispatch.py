import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from jobs import dispatch
from jobs.dispatch import (
    DatabaseBroker,
    count_messages,
    has_overdue_messages,
    ring,
    run_soon,
    send,
)
from jobs.leases import claim, release
from jobs.runner import run_job
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory
from tests.jobs.observe import count_doorbells, list_doorbells
from tests.jobs.parallel import run_together
from tests.jobs.sample.models import SampleJob

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker sleeps when there is nothing to do; a test need not."""
    monkeypatch.setattr(dispatch, "sleep", lambda seconds: None)


def take(queue: str = "default") -> list[tuple[int, str]] | None:
    return DatabaseBroker(list_key=queue).dequeue()


class TestRunSoon:
    @pytest.mark.usefixtures("doorbell")
    def test_writes_a_message_that_runs_the_schedule(self) -> None:
        run_soon("jobs_sweep")

        assert list_doorbells() == [("default", "jobs.tasks.run_schedule", "jobs_sweep")]

    @pytest.mark.usefixtures("doorbell")
    def test_is_taken_back_with_its_transaction(self) -> None:
        with transaction.atomic():
            run_soon("jobs_sweep")
            transaction.set_rollback(True)

        assert count_doorbells() == 0

    def test_rings_nowhere_without_an_engine(self) -> None:
        run_soon("jobs_sweep")

        assert count_doorbells() == 0


class TestRing:
    @pytest.mark.usefixtures("doorbell")
    def test_writes_a_message_of_plain_strings_in_the_queue_of_the_handler(self) -> None:
        ring(OutboxMessageFactory())

        assert list_doorbells() == [("io", "jobs.tasks.deliver", "jobs.outboxmessage", "io")]

    @pytest.mark.usefixtures("doorbell")
    def test_is_taken_back_with_its_transaction(self) -> None:
        job = SampleJobFactory()

        with transaction.atomic():
            ring(job)
            transaction.set_rollback(True)

        assert count_doorbells() == 0

    @pytest.mark.usefixtures("doorbell")
    def test_leaves_a_job_alone_that_is_not_known_here(self) -> None:
        ring(SampleJobFactory(kind="unheard_of"))

        assert count_doorbells() == 0

    def test_runs_the_job_after_the_commit_when_it_is_inline(
        self, settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.JOBS_DOORBELL = "inline"
        job = SampleJobFactory()

        with django_capture_on_commit_callbacks(execute=True):
            ring(job)

        job.refresh_from_db()
        assert job.status == "completed"

    def test_leaves_a_job_for_later_to_others_when_it_is_inline(
        self, settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.JOBS_DOORBELL = "inline"

        with django_capture_on_commit_callbacks() as callbacks:
            ring(SampleJobFactory(), delay_seconds=5)

        assert callbacks == []

    def test_writes_nothing_without_a_doorbell(self) -> None:
        ring(SampleJobFactory())

        assert count_doorbells() == 0


@pytest.mark.usefixtures("doorbell")
class TestDatabaseBroker:
    def test_takes_the_oldest_message_of_its_own_queue(self) -> None:
        ring(OutboxMessageFactory())
        for name in ("first", "second"):
            send("jobs.tasks.run_schedule", name, queue="default")

        taken = [take(), take(), take()]

        names = [SignedPackage.loads(rows[0][1])["args"][0] for rows in taken if rows]
        assert names == ["first", "second"]
        assert taken[-1] is None

    def test_lends_a_message_for_as_long_as_the_engine_retries(self) -> None:
        before = timezone.now()
        send("jobs.tasks.run_schedule", "sweep", queue="default")

        take()

        lent = (OrmQ.objects.get().lock - before).total_seconds()
        assert Conf.RETRY <= lent < Conf.RETRY + 30

    def test_takes_a_message_again_whose_worker_died(self) -> None:
        send("jobs.tasks.run_schedule", "sweep", queue="default")
        first = take()
        OrmQ.objects.update(lock=Now() - timedelta(seconds=1))

        assert take() == first

    def test_deletes_what_is_acknowledged(self) -> None:
        send("jobs.tasks.run_schedule", "sweep", queue="default")
        taken = take()

        assert taken is not None
        DatabaseBroker(list_key="default").acknowledge(taken[0][0])

        assert count_doorbells() == 0

    def test_keeps_a_delayed_message_until_it_is_due(self) -> None:
        send("jobs.tasks.run_schedule", "sweep", queue="default", delay_seconds=60)

        assert take() is None

    def test_delivers_a_delayed_message_once_it_is_due(self) -> None:
        send("jobs.tasks.run_schedule", "sweep", queue="default", delay_seconds=0.2)
        deadline = time.monotonic() + 30
        while (taken := take()) is None and time.monotonic() < deadline:
            continue

        assert taken is not None

    def test_does_not_change_later_messages_by_a_delayed_one(self) -> None:
        send("jobs.tasks.run_schedule", "late", queue="default", delay_seconds=60)
        send("jobs.tasks.run_schedule", "soon", queue="default")

        assert count_messages() == 1

    @pytest.mark.parametrize("seconds", [0.1, 0.25])
    def test_finds_the_job_due_whenever_the_bell_of_its_back_off_rings(
        self, seconds: float
    ) -> None:
        """The doorbell's time is set after the job's, so it can never ring too early."""
        job = claim(SampleJob, SampleJobFactory().pk)
        assert job is not None
        release(job, after_seconds=seconds)
        assert run_job(job) is None
        deadline = time.monotonic() + 30
        while take() is None and time.monotonic() < deadline:
            continue

        done = run_job(job)

        assert done is not None
        assert done.status == "completed"

    @pytest.mark.django_db(transaction=True)
    def test_hands_each_message_to_one_of_many_pushers(self) -> None:
        for number in range(30):
            send("jobs.tasks.run_schedule", str(number), queue="default")

        def take_all() -> list[int]:
            ids = []
            while rows := take():
                ids += [row[0] for row in rows]
            return ids

        taken = run_together([take_all] * 4)

        ids = [number for each in taken for number in each]
        assert len(ids) == len(set(ids)) == 30

    @pytest.mark.django_db(transaction=True)
    def test_outlives_the_loss_of_its_connection(self) -> None:
        broker = DatabaseBroker(list_key="default")
        send("jobs.tasks.run_schedule", "sweep", queue="default")
        taken = broker.dequeue()
        assert taken is not None
        _break(connection)

        assert broker.dequeue() is None
        _break(connection)
        broker.acknowledge(taken[0][0])
        broker.acknowledge(taken[0][0])

        assert count_doorbells() == 0

    def test_outlives_a_database_that_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broker = DatabaseBroker(list_key="default")

        def refuse() -> None:
            raise OperationalError("the database system is starting up")

        monkeypatch.setattr(broker, "get_connection", refuse)
        monkeypatch.setattr(connection, "close", lambda: None)

        assert broker.dequeue() is None
        broker.acknowledge(1)


def _break(broken: Any) -> None:
    """What a restarted server leaves: a socket that is closed at the other end."""
    broken.ensure_connection()
    broken.connection.pgconn.finish()


@pytest.mark.usefixtures("doorbell")
class TestHasOverdueMessages:
    def test_tells_that_nobody_listens(self) -> None:
        send("jobs.tasks.run_schedule", "sweep", queue="default")
        OrmQ.objects.update(lock=Now() - timedelta(seconds=91))

        assert has_overdue_messages("default", seconds=90)
        assert not has_overdue_messages("io", seconds=90)

    def test_waits_for_a_message_that_is_young_or_lent(self) -> None:
        send("jobs.tasks.run_schedule", "young", queue="default")
        send("jobs.tasks.run_schedule", "lent", queue="default", delay_seconds=180)

        assert not has_overdue_messages("default", seconds=90)
