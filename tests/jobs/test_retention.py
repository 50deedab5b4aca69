from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from jobs.heartbeat import register
from jobs.models import JobEvent, OutboxMessage, WorkerHost
from jobs.retention import clean_up, delete_in_chunks
from jobs.runner import run_job
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory
from tests.jobs.sample.models import SampleJob

pytestmark = pytest.mark.django_db


class TestDeleteInChunks:
    def test_deletes_everything_in_transactions_of_a_chunk(
        self, django_assert_num_queries: Any
    ) -> None:
        SampleJobFactory.create_batch(7)
        kept = SampleJobFactory(failed=True)
        chunks = 3 * len(["SAVEPOINT", "SELECT ids", "DELETE", "RELEASE"])

        with django_assert_num_queries(chunks):
            deleted = delete_in_chunks(SampleJob.objects.filter(status="queued"), chunk=3)

        assert deleted == 7
        assert SampleJob.objects.get() == kept

    def test_has_nothing_to_delete(self) -> None:
        assert delete_in_chunks(SampleJob.objects.all()) == 0

    def test_ends_after_a_chunk_that_was_exactly_full(self) -> None:
        SampleJobFactory.create_batch(4)

        assert delete_in_chunks(SampleJob.objects.all(), chunk=2) == 4


class TestCleanUp:
    @pytest.mark.parametrize(
        ("status", "days", "stays"),
        [
            ("sent", 91, False),
            ("failed", 91, False),
            ("cancelled", 91, False),
            ("sent", 89, True),
            ("pending", 91, True),
            ("sending", 91, True),
        ],
    )
    def test_deletes_ended_messages_that_are_past_their_time(
        self, status: str, days: int, stays: bool
    ) -> None:
        OutboxMessageFactory(status=status, completed_at=Now() - timedelta(days=days))

        counts = clean_up()

        assert OutboxMessage.objects.exists() is stays
        assert counts["messages"] == (0 if stays else 1)

    def test_deletes_old_log_lines_only(self) -> None:
        run_job(SampleJobFactory(total=1))
        run_job(SampleJobFactory(total=1))
        old = JobEvent.objects.order_by("id")[:2].values_list("pk", flat=True)
        JobEvent.objects.filter(pk__in=list(old)).update(created_at=Now() - timedelta(days=91))
        before = JobEvent.objects.count()

        assert clean_up()["log_lines"] == 2

        assert JobEvent.objects.count() == before - 2

    def test_forgets_hosts_that_were_not_seen_for_a_day(self) -> None:
        register(name="alive", queue="default", workers=1)
        register(name="gone", queue="default", workers=1)
        WorkerHost.objects.filter(name="gone").update(seen_at=Now() - timedelta(days=2))

        assert clean_up()["hosts"] == 1

        assert WorkerHost.objects.get().name == "alive"

    def test_leaves_the_jobs_of_an_app_to_it(self) -> None:
        SampleJobFactory(failed=True, completed_at=Now() - timedelta(days=900))

        clean_up()

        assert SampleJob.objects.exists()
