from datetime import timedelta
from functools import partial

import pytest
import structlog
from django.db import connection, transaction
from django.db.models.functions import Now

from jobs import leases, services
from jobs.errors import (
    HandlerMissing,
    JobFinished,
    JobNotFailed,
    JobNotStuck,
    JobNotWaiting,
    PriorityInvalid,
)
from jobs.logs import list_log
from jobs.models import PausedJobType
from jobs.runner import run_job
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.chaos.arena import wait_until
from tests.jobs.conftest import Handle
from tests.jobs.factories import SampleJobFactory
from tests.jobs.observe import count_doorbells, effect_numbers, list_doorbells, log_messages
from tests.jobs.parallel import Gate, in_thread, run_together
from tests.jobs.sample.models import SAMPLE_STATES, SampleJob
from tests.jobs.sample.tasks import count

pytestmark = pytest.mark.django_db

COUNT = "sample.samplejob:count"


def is_anybody_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone() is not None


ENDED = ["completed", "failed", "cancelled"]


class TestSubmitJob:
    @pytest.mark.usefixtures("doorbell")
    def test_writes_the_job_and_its_doorbell(self) -> None:
        job = services.submit_job(SampleJob(organization=OrganizationFactory()))

        assert SampleJob.objects.get().pk == job.pk
        assert list_doorbells() == [
            ("default", "jobs.tasks.deliver", "sample.samplejob", "default")
        ]

    @pytest.mark.usefixtures("doorbell")
    def test_leaves_neither_when_the_caller_rolls_back(self) -> None:
        organization = OrganizationFactory()

        with transaction.atomic():
            services.submit_job(SampleJob(organization=organization))
            transaction.set_rollback(True)

        assert not SampleJob.objects.exists()
        assert count_doorbells() == 0

    @pytest.mark.django_db(transaction=True)
    def test_rings_inline_only_after_the_commit(self, settings: object) -> None:
        settings.JOBS_DOORBELL = "inline"  # type: ignore[attr-defined]
        organization = OrganizationFactory()

        with transaction.atomic():
            job = services.submit_job(SampleJob(organization=organization, total=4))
            job.refresh_from_db()
            assert job.status == "queued"

        job.refresh_from_db()
        assert job.status == "completed"

    def test_takes_the_correlation_id_of_the_request(self) -> None:
        with structlog.contextvars.bound_contextvars(correlation_id="request-1"):
            job = services.submit_job(SampleJob(organization=OrganizationFactory()))

        run_job(job)
        assert job.correlation_id == "request-1"
        assert {line.correlation_id for line in list_log(job)} == {"request-1"}


class TestCancelJob:
    def test_ends_a_waiting_job_at_once(self) -> None:
        actor = UserFactory(username="ada")
        job = services.cancel_job(SampleJobFactory(), actor=actor)

        job.refresh_from_db()
        assert job.status == "cancelled"
        assert job.completed_at is not None
        assert job.cancel_requested_by == actor
        assert job.ends == 1
        assert log_messages(job) == ["Cancelled by ada"]

    def test_forgets_the_failure_that_a_job_was_waiting_for(self) -> None:
        job = SampleJobFactory(error_code="temporary_failure", error_message="No answer.")

        services.cancel_job(job, actor=None)

        job.refresh_from_db()
        assert (job.status, job.error_code, job.error_message) == ("cancelled", "", None)

    def test_is_seen_by_a_running_job_before_its_next_slice(self, handle: Handle) -> None:
        def cancel_after_the_first_slice(job: SampleJob, ctx: object) -> object:
            if job.written:
                raise AssertionError("a second slice ran")
            outcome = count(job, ctx)  # type: ignore[arg-type]
            services.cancel_job(job, actor=None)
            return outcome

        handle(cancel_after_the_first_slice, slice_size=3)
        job = run_job(SampleJobFactory(kind="probe"))

        assert job is not None
        assert job.status == "cancelled"
        assert effect_numbers(job) == [0, 1, 2]
        assert log_messages(job)[-1] == "Cancelled by the system"

    def test_asks_a_running_job_only_once(self) -> None:
        job = SampleJobFactory(running=True)
        first = services.cancel_job(job, actor=UserFactory(username="ada"))
        requested_at = first.cancel_requested_at

        again = services.cancel_job(job, actor=UserFactory(username="bob"))

        assert again.cancel_requested_at == requested_at
        assert again.cancel_requested_by.get_username() == "ada"

    def test_is_seen_by_a_commit_outside_of_transactions(self, handle: Handle) -> None:
        def fail(job: SampleJob, ctx: object) -> object:
            services.cancel_job(job, actor=None)
            ctx.commit(lambda locked: count(locked, ctx))  # type: ignore[attr-defined, arg-type]
            raise AssertionError("not reached")

        handle(fail, atomic=False)
        job = run_job(SampleJobFactory(kind="probe"))

        assert job is not None
        assert job.status == "cancelled"
        assert effect_numbers(job) == []

    @pytest.mark.parametrize("fault", ["transient", "bug"])
    def test_wins_over_a_failure_of_the_slice(self, handle: Handle, fault: str) -> None:
        def cancel_and_fail(job: SampleJob, ctx: object) -> object:
            services.cancel_job(job, actor=None)
            raise TimeoutError if fault == "transient" else KeyError

        handle(cancel_and_fail, atomic=False)
        job = run_job(SampleJobFactory(kind="probe"))

        assert job is not None
        assert job.status == "cancelled"

    def test_wins_over_the_end_of_the_time_budget(self, handle: Handle) -> None:
        def cancel_and_go_on(job: SampleJob, ctx: object) -> object:
            outcome = count(job, ctx)  # type: ignore[arg-type]
            services.cancel_job(job, actor=None)
            return outcome

        handle(cancel_and_go_on, slice_size=3)
        job = run_job(SampleJobFactory(kind="probe"), budget_seconds=0)

        assert job is not None
        assert job.status == "cancelled"

    @pytest.mark.parametrize("status", ENDED)
    def test_refuses_a_job_that_has_ended(self, status: str) -> None:
        job = SampleJobFactory(status=status)

        with pytest.raises(JobFinished, match=f"already {status}"):
            services.cancel_job(job, actor=None)

        job.refresh_from_db()
        assert job.status == status

    @pytest.mark.django_db(transaction=True)
    def test_against_completion_has_exactly_one_winner(self) -> None:
        for _ in range(20):
            job = SampleJobFactory(total=3)

            def cancel(job: SampleJob = job) -> bool:
                try:
                    services.cancel_job(SampleJob.objects.get(pk=job.pk), actor=None)
                except JobFinished:
                    return False
                return True

            cancelled, _ = run_together([cancel, partial(run_job, job)])

            job.refresh_from_db()
            # A request that came during the last slice is answered by its completion.
            assert job.status in ({"cancelled", "completed"} if cancelled else {"completed"})
            assert effect_numbers(job) == ([] if job.status == "cancelled" else [0, 1, 2])
            assert job.ends == 1

    @pytest.mark.django_db(transaction=True)
    def test_waits_for_the_slice_in_hand_and_is_never_undone(self, handle: Handle) -> None:
        gate = Gate()

        def stop_in_the_middle(job: SampleJob, ctx: object) -> object:
            if not job.written:
                gate.stop_here()
            return count(job, ctx)  # type: ignore[arg-type]

        handle(stop_in_the_middle, slice_size=3)
        job = SampleJobFactory(kind="probe", total=300)

        with in_thread(partial(run_job, job)) as run:
            gate.wait_until_reached()
            with in_thread(partial(services.cancel_job, job, actor=None)):
                wait_until(is_anybody_waiting_for_a_lock, seconds=30, what="the request waits")
                gate.open()
            run.result(30)

        job.refresh_from_db()
        assert job.status == "cancelled"
        assert len(effect_numbers(job)) < job.total


class TestRetryJob:
    @pytest.mark.usefixtures("doorbell")
    def test_puts_a_failed_job_back_in_line_with_all_its_attempts(self) -> None:
        failed = SampleJobFactory(
            failed=True, attempts=3, crash_count=4, error_message="no", error_fingerprint="f" * 16
        )

        job = services.retry_job(failed, actor=UserFactory(username="ada"), reason="fixed")

        assert job.status == "queued"
        assert (job.attempts, job.crash_count) == (0, 0)
        assert (job.error_code, job.error_message, job.error_fingerprint) == ("", None, "")
        assert job.completed_at is None
        assert log_messages(job) == ["Retried by ada: fixed"]
        assert count_doorbells() == 1

    def test_goes_on_after_the_last_committed_slice(self) -> None:
        failed = run_job(SampleJobFactory(fault="refused"))
        SampleJob.objects.update(fault="")

        assert failed is not None
        job = run_job(services.retry_job(failed, actor=None))

        assert job is not None
        assert job.status == "completed"
        assert effect_numbers(job) == list(range(10))

    def test_forgets_an_old_request_to_cancel(self) -> None:
        job = SampleJobFactory(failed=True, cancel_requested_at=Now())

        done = run_job(services.retry_job(job, actor=None))

        assert done is not None
        assert done.status == "completed"

    @pytest.mark.parametrize("status", [word for word in SAMPLE_STATES if word != "failed"])
    def test_refuses_a_job_that_has_not_failed(self, status: str) -> None:
        job = SampleJobFactory(status=status)

        with pytest.raises(JobNotFailed):
            services.retry_job(job, actor=None)

        job.refresh_from_db()
        assert job.status == status


class TestRequeueJob:
    @pytest.mark.usefixtures("doorbell")
    def test_takes_a_job_from_a_worker_that_is_gone(self) -> None:
        stuck = SampleJobFactory(stuck=True)

        job = services.requeue_job(stuck, actor=UserFactory(username="ada"))

        assert job.status == "queued"
        assert job.lease_owner == ""
        assert log_messages(job) == ["Requeued by ada"]
        assert count_doorbells() == 1

    def test_shuts_the_old_worker_out(self) -> None:
        stuck = SampleJobFactory(stuck=True)
        old = leases.Lease(SampleJob, stuck.pk, stuck.lease_token)

        services.requeue_job(stuck, actor=None)
        leases.claim(SampleJob, stuck.pk)

        assert leases.beat(old) is False

    @pytest.mark.parametrize("traits", [{"running": True}, {"failed": True}, {}], ids=str)
    def test_refuses_a_job_that_is_not_stuck(self, traits: dict[str, bool]) -> None:
        with pytest.raises(JobNotStuck):
            services.requeue_job(SampleJobFactory(**traits), actor=None)


class TestSetPriority:
    def test_moves_a_waiting_job_and_says_so(self) -> None:
        job = services.set_priority(
            SampleJobFactory(), priority=1, actor=UserFactory(username="ada")
        )

        assert job.priority == 1
        assert log_messages(job) == ["Priority set to 1 by ada"]

    @pytest.mark.parametrize("priority", [0, 11, -5])
    def test_refuses_a_number_out_of_range(self, priority: int) -> None:
        with pytest.raises(PriorityInvalid):
            services.set_priority(SampleJobFactory(), priority=priority, actor=None)

    @pytest.mark.parametrize("status", [word for word in SAMPLE_STATES if word != "queued"])
    def test_refuses_a_job_that_does_not_wait(self, status: str) -> None:
        with pytest.raises(JobNotWaiting):
            services.set_priority(SampleJobFactory(status=status), priority=1, actor=None)


class TestPauseJobType:
    def test_holds_waiting_jobs_of_this_type_only(self) -> None:
        held, other = SampleJobFactory(), SampleJobFactory(kind="slow", total=3)

        services.pause_job_type(COUNT, actor=None, reason="a wrong price")

        assert run_job(held) is None
        assert run_job(other) is not None

    def test_takes_a_running_job_back_after_its_slice(self, handle: Handle) -> None:
        def pause_after_the_first_slice(job: SampleJob, ctx: object) -> object:
            services.pause_job_type("sample.samplejob:probe", actor=None)
            return count(job, ctx)  # type: ignore[arg-type]

        handle(pause_after_the_first_slice, slice_size=3)
        job = run_job(SampleJobFactory(kind="probe"))

        assert job is not None
        assert job.status == "queued"
        assert effect_numbers(job) == [0, 1, 2]

    def test_still_lets_a_held_job_be_cancelled(self) -> None:
        services.pause_job_type(COUNT, actor=None)

        assert services.cancel_job(SampleJobFactory(), actor=None).status == "cancelled"

    def test_keeps_the_first_reason_when_it_is_paused_twice(self) -> None:
        services.pause_job_type(COUNT, actor=None, reason="first")

        services.pause_job_type(COUNT, actor=None, reason="second")

        assert PausedJobType.objects.get().reason == "first"

    def test_refuses_a_type_that_nobody_handles(self) -> None:
        with pytest.raises(HandlerMissing):
            services.pause_job_type("sample.samplejob:unheard_of", actor=None)


class TestResumeJobType:
    def test_releases_what_was_held(self) -> None:
        job = SampleJobFactory()
        services.pause_job_type(COUNT, actor=None)

        services.resume_job_type(COUNT)

        done = run_job(job)
        assert done is not None
        assert done.status == "completed"

    @pytest.mark.usefixtures("doorbell")
    def test_rings_for_the_due_jobs_of_this_type_only(self) -> None:
        SampleJobFactory.create_batch(2)
        SampleJobFactory(kind="slow", priority=1)
        SampleJobFactory(run_after=Now() + timedelta(hours=1))
        services.pause_job_type(COUNT, actor=None)

        services.resume_job_type(COUNT)

        assert count_doorbells() == 2

    def test_does_nothing_to_a_type_that_is_not_paused(self) -> None:
        services.resume_job_type(COUNT)

        assert not PausedJobType.objects.exists()
