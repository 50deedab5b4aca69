from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from jobs import context, leases
from jobs.errors import LeaseLost
from jobs.leases import Lease, beat, claim, lock, release, renew
from jobs.models import PausedJobType
from jobs.runner import run_job
from tests.jobs.conftest import Handle
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory
from tests.jobs.observe import log_messages
from tests.jobs.parallel import Gate, in_thread, run_together
from tests.jobs.sample.models import SAMPLE_STATES, SampleJob

pytestmark = pytest.mark.django_db


def claimed(**traits: Any) -> SampleJob:
    job = claim(SampleJob, SampleJobFactory(**traits).pk)
    assert job is not None
    return job


def lease_of(job: SampleJob) -> Lease:
    return Lease(SampleJob, job.pk, job.lease_token)


class TestClaim:
    def test_takes_a_due_job_for_the_length_of_a_lease(self, settings: Any) -> None:
        before = timezone.now()

        job = claimed()

        assert job.status == "running"
        assert job.lease_token == 1
        assert job.crash_count == 1
        assert job.lease_owner.count(":") == 2
        lease = (job.lease_expires_at - before).total_seconds()
        assert settings.JOBS_LEASE_SECONDS <= lease < settings.JOBS_LEASE_SECONDS + 30

    def test_keeps_the_time_of_the_first_start(self) -> None:
        first = timezone.now() - timedelta(days=2)

        assert claimed(stuck=True, started_at=first).started_at == first

    @pytest.mark.parametrize(
        "traits",
        [
            {"later": True},
            {"running": True},
            *({"status": word} for word in SAMPLE_STATES if word not in {"queued", "running"}),
            {"status": "a word of nobody"},
        ],
        ids=str,
    )
    def test_leaves_a_job_that_is_not_to_be_had(self, traits: dict[str, Any]) -> None:
        job = SampleJobFactory(**traits)

        assert claim(SampleJob, job.pk) is None

        version = job.version
        job.refresh_from_db()
        assert job.version == version

    def test_takes_a_running_job_that_has_no_lease_at_all(self) -> None:
        assert claimed(status="running").lease_token == 1

    def test_leaves_a_job_of_a_paused_type(self) -> None:
        PausedJobType.objects.create(name="sample.samplejob:count")

        assert claim(SampleJob, SampleJobFactory().pk) is None

    def test_leaves_a_message_while_all_are_paused(self) -> None:
        PausedJobType.objects.create(name="jobs.outboxmessage")
        message = OutboxMessageFactory()

        assert claim(type(message), message.pk) is None

    def test_logs_the_first_start_and_every_new_attempt_only(self) -> None:
        first = claimed()
        release(first)
        after_a_slice = claim(SampleJob, first.pk)
        assert after_a_slice is not None
        release(after_a_slice, changes={"attempts": 1})
        after_a_failure = claim(SampleJob, first.pk)

        assert after_a_failure is not None
        assert log_messages(first) == ["Job started (attempt 1)", "Job started (attempt 2)"]

    @pytest.mark.django_db(transaction=True)
    def test_never_waits_for_a_row_that_somebody_holds(self) -> None:
        job = SampleJobFactory()
        gate = Gate()

        def hold() -> None:
            with transaction.atomic():
                SampleJob.objects.select_for_update().get(pk=job.pk)
                gate.stop_here()

        with in_thread(hold):
            gate.wait_until_reached()
            answer = claim(SampleJob, job.pk)
            gate.open()

        assert answer is None

    @pytest.mark.django_db(transaction=True)
    def test_has_one_winner_among_many(self) -> None:
        job = SampleJobFactory()

        answers = run_together([partial(claim, SampleJob, job.pk)] * 10)

        assert sum(answer is not None for answer in answers) == 1


class TestLock:
    def test_reads_the_job_with_the_databases_clock(self) -> None:
        before = timezone.now()
        job = lock(lease_of(claimed()))

        assert job.kernel_is_paused is False
        assert abs(job.kernel_now - before) < timedelta(minutes=1)

    def test_tells_that_the_type_was_paused(self) -> None:
        lease = lease_of(claimed())
        PausedJobType.objects.create(name="sample.samplejob:count")

        assert lock(lease).kernel_is_paused is True

    @pytest.mark.parametrize(
        "changes",
        [{"lease_token": F("lease_token") + 1}, {"status": "cancelled"}, {"status": "queued"}],
        ids=["taken over", "ended", "given back"],
    )
    def test_refuses_a_job_that_is_not_ours_any_more(self, changes: dict[str, Any]) -> None:
        lease = lease_of(claimed())
        SampleJob.objects.update(**changes)

        with pytest.raises(LeaseLost):
            lock(lease)

    def test_refuses_a_job_that_was_deleted(self) -> None:
        lease = lease_of(claimed())
        SampleJob.objects.all().delete()

        with pytest.raises(LeaseLost):
            lock(lease)

    def test_is_still_ours_when_the_lease_ran_out_and_nobody_took_it(self) -> None:
        lease = lease_of(claimed())
        SampleJob.objects.update(lease_expires_at=Now() - timedelta(hours=1))

        assert lock(lease).pk == lease.job_id


class TestRenew:
    def test_forgives_failures_and_crashes(self) -> None:
        job = claimed(attempts=2, crash_count=2)

        renew(job, progress=None, changes={"written": 5})

        job.refresh_from_db()
        assert (job.attempts, job.crash_count, job.written) == (0, 0, 5)

    @pytest.mark.parametrize(("progress", "expected"), [(30, 40), (40, 40), (70, 70), (None, 40)])
    def test_never_moves_progress_back(self, progress: int | None, expected: int) -> None:
        job = claimed(progress=40)

        renew(job, progress=progress, changes={})

        job.refresh_from_db()
        assert job.progress == expected


class TestBeat:
    def test_prolongs_our_lease(self) -> None:
        job = claimed()
        SampleJob.objects.update(lease_expires_at=Now())

        assert beat(lease_of(job)) is True

        assert not SampleJob.objects.lease_expired().exists()

    def test_leaves_a_lease_that_is_not_ours_any_more(self) -> None:
        job = claimed()
        SampleJob.objects.update(lease_token=9, lease_expires_at=Now())

        assert beat(lease_of(job)) is False

        assert SampleJob.objects.lease_expired().exists()


class TestRelease:
    def test_puts_the_job_back_for_later(self) -> None:
        before = timezone.now()
        job = claimed()

        release(job, after_seconds=120)

        job.refresh_from_db()
        assert job.status == "queued"
        assert (job.lease_owner, job.lease_expires_at, job.crash_count) == ("", None, 0)
        assert 120 <= (job.run_after - before).total_seconds() < 150

    def test_leaves_a_job_that_is_not_ours_any_more(self) -> None:
        job = claimed()
        SampleJob.objects.update(lease_token=9)

        release(job)

        job.refresh_from_db()
        assert job.status == "running"


@pytest.mark.django_db(transaction=True)
class TestKeepLease:
    def test_renews_the_lease_of_a_long_step(self, handle: Handle, settings: Any) -> None:
        settings.JOBS_LEASE_SECONDS = 0.4
        gate = Gate()
        handle(lambda job, ctx: gate.stop_here(), atomic=False)
        job = SampleJobFactory(kind="probe")

        with in_thread(partial(run_job, job)):
            gate.wait_until_reached()
            job.refresh_from_db()
            first = job.lease_expires_at
            renewed = _poll_until_renewed(job, first)
            taken = claim(SampleJob, job.pk)
            gate.open()

        assert renewed > first
        assert taken is None

    def test_lets_the_watchdog_hear_of_it(
        self, handle: Handle, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.JOBS_LEASE_SECONDS = 0.4
        gate = Gate()
        heard: list[bool] = []
        monkeypatch.setattr(context.heartbeat, "beat", lambda: heard.append(True))
        handle(lambda job, ctx: gate.stop_here(), atomic=False)
        job = SampleJobFactory(kind="probe")

        with in_thread(partial(run_job, job)):
            gate.wait_until_reached()
            job.refresh_from_db()
            _poll_until_renewed(job, job.lease_expires_at)
            gate.open()

        assert heard

    def test_stops_renewing_what_was_taken_over(self, handle: Handle, settings: Any) -> None:
        settings.JOBS_LEASE_SECONDS = 0.2
        beats: list[bool] = []
        gate = Gate()

        def note_beat(lease: Lease) -> bool:
            beats.append(beat(lease))
            gate.open()
            return beats[-1]

        handle(lambda job, ctx: gate.stop_here(), atomic=False)
        job = SampleJobFactory(kind="probe")
        with pytest.MonkeyPatch.context() as patch, in_thread(partial(run_job, job)):
            gate.wait_until_reached()
            SampleJob.objects.update(lease_token=F("lease_token") + 1)
            patch.setattr(leases, "beat", note_beat)

        assert beats == [False]


def _poll_until_renewed(job: SampleJob, first: Any) -> Any:
    deadline = timezone.now() + timedelta(seconds=30)
    while job.lease_expires_at == first and timezone.now() < deadline:
        job.refresh_from_db()
    return job.lease_expires_at
