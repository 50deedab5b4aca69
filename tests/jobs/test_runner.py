import threading
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from jobs import leases, runner
from jobs.logs import list_log
from jobs.models import Level
from jobs.registry import Continue, Done, Later
from jobs.runner import is_stopping, run_due_jobs, run_job, run_next
from jobs.services import cancel_job, pause_job_type
from tests.accounts.factories import OrganizationFactory
from tests.jobs.conftest import Handle
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory
from tests.jobs.observe import count_doorbells, effect_numbers, log_messages
from tests.jobs.parallel import Gate, in_thread, run_together
from tests.jobs.sample.models import Effect, SampleJob
from tests.jobs.sample.tasks import count

pytestmark = pytest.mark.django_db


def work(job: SampleJob, **options: Any) -> SampleJob:
    """Run the job and read it again, also when it could not be claimed."""
    run_job(job, **options)
    job.refresh_from_db()
    return job


def make_due(job: SampleJob) -> None:
    SampleJob.objects.filter(pk=job.pk).update(run_after=Now())


class TestRunJob:
    @pytest.mark.parametrize("kind", ["count", "outside"])
    def test_works_a_job_off_to_its_end(self, kind: str) -> None:
        job = work(SampleJobFactory(kind=kind))

        assert job.status == "completed"
        assert job.progress == 100
        assert job.result_summary == {"written": 10}
        assert (job.lease_owner, job.lease_expires_at) == ("", None)
        assert job.started_at <= job.completed_at
        assert job.ends == 1
        assert effect_numbers(job) == list(range(10))

    def test_writes_what_happened_into_the_log(self) -> None:
        job = work(SampleJobFactory(total=4))

        assert log_messages(job) == [
            "Job started (attempt 1)",
            "Wrote 3 of 4",
            "Wrote 4 of 4",
            "Job completed",
        ]

    @pytest.mark.parametrize("kind", ["count", "outside"])
    def test_has_one_effect_when_it_is_delivered_twice(self, kind: str) -> None:
        job = work(SampleJobFactory(kind=kind))

        assert run_job(job) is None
        assert effect_numbers(job) == list(range(10))
        assert work(job).ends == 1

    @pytest.mark.parametrize("kind", ["count", "outside"])
    @pytest.mark.usefixtures("doorbell")
    def test_gives_the_job_back_when_its_time_is_spent(self, kind: str) -> None:
        job = work(SampleJobFactory(kind=kind, attempts=0), budget_seconds=0)

        assert job.status == "queued"
        assert job.attempts == 0
        assert job.crash_count == 0
        assert job.completed_at is None
        assert count_doorbells() == 1

    @pytest.mark.parametrize("kind", ["count", "outside"])
    def test_resumes_where_it_was_stopped_between_two_slices(self, kind: str) -> None:
        job = SampleJobFactory(kind=kind)
        states = [work(job, budget_seconds=0).status for _ in range(6)]

        assert states[0] == "queued"
        assert states[-1] == "completed"
        assert effect_numbers(job) == list(range(10))
        assert job.ends == 1

    def test_takes_over_a_job_whose_worker_is_gone(self) -> None:
        job = work(SampleJobFactory(stuck=True))

        assert job.status == "completed"
        assert job.lease_token == 8

    def test_leaves_a_job_alone_that_another_worker_has(self) -> None:
        assert run_job(SampleJobFactory(running=True)) is None

    def test_fails_a_job_that_no_program_can_do(self) -> None:
        job = work(SampleJobFactory(kind="unheard_of"))

        assert job.status == "failed"
        assert job.error_code == "handler_missing"
        assert job.error_message == "No program is installed that can do this job."

    def test_leaves_the_job_waiting_until_the_handler_says(self, handle: Handle) -> None:
        handle(lambda job, ctx: Later(at=ctx.now + timedelta(minutes=5), changes={"written": 2}))
        before = timezone.now()

        job = work(SampleJobFactory(kind="probe", attempts=2, crash_count=2))

        assert job.status == "queued"
        assert job.written == 2
        assert (job.attempts, job.crash_count) == (0, 0)
        assert timedelta(minutes=4) < job.run_after - before < timedelta(minutes=6)

    def test_runs_at_once_what_should_have_been_done_earlier(self, handle: Handle) -> None:
        handle(lambda job, ctx: Later(at=ctx.now - timedelta(days=1)))

        job = work(SampleJobFactory(kind="probe"))

        assert SampleJob.objects.due().get() == job

    def test_never_moves_progress_backwards(self, handle: Handle) -> None:
        steps = iter([Continue(progress=60), Continue(progress=20), TimeoutError])

        def step(job: SampleJob, ctx: object) -> object:
            outcome = next(steps)
            if outcome is TimeoutError:
                raise TimeoutError
            return outcome

        handle(step)
        job = work(SampleJobFactory(kind="probe"))

        assert job.progress == 60

    def test_adapts_the_size_of_its_slices(self, handle: Handle) -> None:
        sizes: list[int] = []

        def note_size(job: SampleJob, ctx: Any) -> object:
            sizes.append(ctx.slice_size)
            return Done() if len(sizes) == 4 else Continue()

        handle(note_size)
        work(SampleJobFactory(kind="probe"))

        assert sizes == [500, 750, 1125, 1687]

    def test_limits_the_time_of_a_statement(self, handle: Handle) -> None:
        def note_timeout(job: SampleJob, ctx: object) -> object:
            with connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                return Done(summary={"timeout": cursor.fetchone()[0]})

        handle(note_timeout, statement_timeout_seconds=7)

        assert work(SampleJobFactory(kind="probe")).result_summary == {"timeout": "7s"}

    @pytest.mark.django_db(transaction=True)
    def test_backs_off_when_a_statement_takes_too_long(self, handle: Handle) -> None:
        def sleep(job: SampleJob, ctx: object) -> object:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
            return Done()

        handle(sleep, statement_timeout_seconds=1)
        job = work(SampleJobFactory(kind="probe"))

        assert job.status == "queued"
        assert job.error_code == "temporary_failure"

    @pytest.mark.django_db(transaction=True)
    def test_leaves_no_limit_behind_on_the_connection(self) -> None:
        work(SampleJobFactory())

        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone()[0] == "0"

    def test_costs_two_statements_per_slice_besides_the_handlers(
        self, handle: Handle, django_assert_num_queries: Any
    ) -> None:
        """Lock with fence, timeout, clock and pause in one; renewal in the other."""

        def until_five(job: SampleJob, ctx: object) -> object:
            written = job.written + 1
            changes = {"written": written}
            return Done(changes=changes) if written == 5 else Continue(changes=changes)

        handle(until_five)
        job = SampleJobFactory(kind="probe")
        claim = ["SAVEPOINT", "UPDATE", "SELECT", "INSERT log", "RELEASE"]
        slice_ = ["SAVEPOINT", "SELECT FOR UPDATE", "UPDATE", "RELEASE"]
        end = [*slice_, "SELECT", "INSERT log"]
        read_again = ["SELECT"]

        expected = len(claim) + 4 * len(slice_) + len(end) + len(read_again)
        with django_assert_num_queries(expected):
            run_job(job)


class TestFailures:
    def test_leave_the_job_waiting_when_they_pass_by_themselves(self) -> None:
        before = timezone.now()
        job = work(SampleJobFactory(fault="transient"))

        assert job.status == "queued"
        assert job.attempts == 1
        assert job.crash_count == 0
        assert job.error_code == "temporary_failure"
        wait = (job.run_after - before).total_seconds()
        assert 0.8 <= wait <= 30
        assert log_messages(job)[-1] == "Retrying in 1 s: temporary_failure"
        assert list_log(job)[-1].level == Level.WARN

    def test_are_not_tried_again_before_their_time(self) -> None:
        job = work(SampleJobFactory(fault="transient"))
        SampleJob.objects.update(run_after=Now() + timedelta(hours=1))

        assert run_job(job) is None

    def test_keep_what_earlier_slices_committed_and_nothing_of_their_own(
        self, handle: Handle
    ) -> None:
        def write_and_fail(job: SampleJob, ctx: Any) -> object:
            outcome = count(job, ctx)
            if job.written:
                raise TimeoutError
            return outcome

        handle(write_and_fail, slice_size=3)
        job = work(SampleJobFactory(kind="probe"))

        assert job.written == 3
        assert effect_numbers(job) == [0, 1, 2]
        assert "Wrote 6 of 10" not in log_messages(job)

    def test_wait_longer_from_one_to_the_next(self) -> None:
        job = SampleJobFactory(fault="transient", total=1)
        for _ in range(4):
            make_due(work(job))

        waits = [line for line in log_messages(job) if line.startswith("Retrying")]
        seconds = [int(line.split()[2]) for line in waits]
        assert job.attempts == 4
        assert seconds == sorted(seconds)
        assert seconds[0] == 1
        assert 6 <= seconds[-1] <= 10

    def test_are_forgotten_once_a_slice_commits(self) -> None:
        job = work(SampleJobFactory(fault="transient", total=1))
        SampleJob.objects.update(fault="", run_after=Now())

        work(job)

        assert job.status == "completed"
        assert (job.attempts, job.error_code, job.error_message) == (0, "", None)

    def test_never_use_a_job_up_when_they_are_transient(self) -> None:
        job = work(SampleJobFactory(fault="transient", attempts=300, max_attempts=3))

        assert job.status == "queued"

    def test_use_a_job_up_when_its_handler_limits_them(self, handle: Handle) -> None:
        def fail(job: SampleJob, ctx: object) -> object:
            raise OperationalError("server closed the connection unexpectedly")

        handle(fail, limit_transient=True)
        job = work(SampleJobFactory(kind="probe", attempts=2, max_attempts=3))

        assert job.status == "failed"
        assert job.error_code == "temporary_failure"

    def test_end_a_job_at_once_with_a_readable_message_when_expected(self) -> None:
        job = work(SampleJobFactory(fault="refused"))

        assert job.status == "failed"
        assert job.attempts == 1
        assert job.error_code == "sample_refused"
        assert job.error_message == "The sample was refused."
        assert job.ends == 1
        assert log_messages(job)[-1] == "Job failed: The sample was refused."
        assert list_log(job)[-1].level == Level.ERROR

    def test_end_a_job_after_max_attempts_when_unknown(self) -> None:
        job = SampleJobFactory(fault="bug", max_attempts=3)
        states = []
        for _ in range(3):
            states.append(work(job).status)
            make_due(job)

        assert states == ["queued", "queued", "failed"]
        assert job.attempts == 3
        assert job.error_code == "internal_error"

    def test_show_nobody_the_text_of_an_unknown_error(self) -> None:
        job = work(SampleJobFactory(fault="bug", max_attempts=1))

        shown = [job.error_message, *log_messages(job)]
        assert job.error_message == "An unexpected error stopped this job. The log has the details."
        assert len(job.error_fingerprint) == 16
        assert not any("secret detail" in text for text in shown)

    def test_of_the_announcement_leave_the_job_to_be_done_again(self, handle: Handle) -> None:
        def break_down(job: SampleJob) -> None:
            raise KeyError("the mail template is missing")

        handle(count, slice_size=100, on_end=break_down)
        job = work(SampleJobFactory(kind="probe"))

        assert job.status == "queued"
        assert effect_numbers(job) == []

    def test_of_the_announcement_cannot_keep_a_failed_job_from_its_end(
        self, handle: Handle
    ) -> None:
        def break_down(job: SampleJob) -> None:
            SampleJob.objects.update(ends=F("ends") + 1)
            raise KeyError("the mail template is missing")

        handle(count, slice_size=100, on_end=break_down)
        job = work(SampleJobFactory(kind="probe", max_attempts=1))

        assert job.status == "failed"
        assert job.ends == 0
        assert log_messages(job)[-1] == "The end of this job could not be announced"

    @pytest.mark.django_db(transaction=True)
    def test_of_the_connection_are_recorded_by_a_new_one(self, handle: Handle) -> None:
        def lose_the_connection(job: SampleJob, ctx: object) -> object:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return Done()

        handle(lose_the_connection)
        job = work(SampleJobFactory(kind="probe"))

        assert job.status == "queued"
        assert job.attempts == 1
        assert job.error_code == "temporary_failure"

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize(
        ("times", "patience", "status"), [(2, 60, "queued"), (1_000, 0, "running")]
    )
    def test_wait_a_while_for_a_database_that_is_away(
        self,
        handle: Handle,
        monkeypatch: pytest.MonkeyPatch,
        times: int,
        patience: int,
        status: str,
    ) -> None:
        away = iter(range(times))

        def lock_later(*args: Any, **options: Any) -> Any:
            if next(away, None) is not None:
                raise OperationalError("the database system is starting up")
            return lock(*args, **options)

        def lose_the_database(job: SampleJob, ctx: object) -> object:
            monkeypatch.setattr(leases, "lock", lock_later)
            raise OperationalError("server closed the connection unexpectedly")

        lock = leases.lock
        monkeypatch.setattr(runner, "RECORD_PAUSE_SECONDS", 0)
        monkeypatch.setattr(runner, "RECORD_SECONDS", patience)
        handle(lose_the_database)
        job = work(SampleJobFactory(kind="probe"))

        assert job.status == status


class TestPoison:
    def test_takes_a_job_out_of_service_at_its_fourth_claim_without_a_slice(self) -> None:
        job = SampleJobFactory()
        for _ in range(3):
            # What a killed process leaves behind: a claim without a slice.
            assert leases.claim(SampleJob, job.pk) is not None
            SampleJob.objects.update(lease_expires_at=Now())

        work(job)

        assert job.status == "failed"
        assert job.error_code == "poison"
        assert "stopped its worker process" in job.error_message
        assert effect_numbers(job) == []
        assert job.ends == 1

    def test_forgives_crashes_once_a_slice_commits(self) -> None:
        job = work(SampleJobFactory(stuck=True, crash_count=2))

        assert job.status == "completed"
        assert job.crash_count == 0

    def test_is_not_found_in_a_job_that_was_only_paused_often(self) -> None:
        job = SampleJobFactory()
        for _ in range(5):
            claimed = leases.claim(SampleJob, job.pk)
            assert claimed is not None
            leases.release(claimed, wake=False)

        assert work(job).status == "completed"


class TestRunNext:
    def test_finds_nothing_to_do(self) -> None:
        SampleJobFactory(later=True)
        SampleJobFactory(running=True)
        SampleJobFactory(failed=True)

        assert run_next(SampleJob) is None

    def test_takes_the_most_urgent_job_first(self) -> None:
        organization = OrganizationFactory()
        for priority in (5, 1, 9, 3):
            SampleJobFactory(organization=organization, priority=priority, total=1)

        order = [run_next(SampleJob).priority for _ in range(4)]  # type: ignore[union-attr]

        assert order == [1, 3, 5, 9]

    def test_takes_turns_between_organizations(self) -> None:
        large, small = OrganizationFactory(), OrganizationFactory()
        SampleJobFactory.create_batch(6, organization=large, total=1)
        SampleJobFactory.create_batch(2, organization=small, total=1)

        order = [run_next(SampleJob).organization_id for _ in range(8)]  # type: ignore[union-attr]

        assert Counter(order[:4]) == {large.pk: 2, small.pk: 2}

    def test_leaves_the_jobs_of_another_queue(self) -> None:
        SampleJobFactory()

        assert run_next(SampleJob, queue="heavy") is None
        assert run_next(SampleJob, queue="default") is not None

    @pytest.mark.django_db(transaction=True)
    def test_gives_three_due_jobs_to_three_of_twenty_workers(self) -> None:
        jobs = SampleJobFactory.create_batch(3, organization=OrganizationFactory())

        answers = run_together([partial(run_next, SampleJob)] * 20)

        done = [job for job in answers if job is not None]
        assert {job.pk for job in done} == {job.pk for job in jobs}
        assert answers.count(None) == 17
        assert [job.status for job in done] == ["completed"] * 3
        assert Effect.objects.count() == 30
        assert set(SampleJob.objects.values_list("ends", "lease_token")) == {(1, 1)}

    @pytest.mark.django_db(transaction=True)
    def test_gives_one_job_to_one_of_many_workers(self) -> None:
        job = SampleJobFactory(stuck=True)

        answers = run_together([partial(run_job, job)] * 12)

        assert sum(answer is not None for answer in answers) == 1
        assert effect_numbers(job) == list(range(10))

    @pytest.mark.django_db(transaction=True)
    def test_passes_over_a_job_that_a_stopped_worker_holds(
        self, handle: Handle, settings: Any
    ) -> None:
        settings.JOBS_LEASE_SECONDS = 0
        gate = Gate()

        def stop_with_the_row_locked(job: SampleJob, ctx: object) -> object:
            gate.stop_here()
            return Done()

        handle(stop_with_the_row_locked)
        held = SampleJobFactory(kind="probe", priority=1)
        with in_thread(partial(run_job, held)):
            gate.wait_until_reached()
            other = SampleJobFactory(organization=held.organization)

            began = time.monotonic()
            done = run_next(SampleJob)
            nothing = run_next(SampleJob)
            seconds = time.monotonic() - began
            gate.open()

        assert done == other
        assert nothing is None
        assert seconds < 10


class TestRunDueJobs:
    def test_works_off_whatever_is_due_of_every_model(self) -> None:
        SampleJobFactory.create_batch(3)
        waiting = SampleJobFactory(later=True)
        message = OutboxMessageFactory()

        runs = run_due_jobs()

        message.refresh_from_db()
        waiting.refresh_from_db()
        assert runs == 4
        assert message.status == "sent"
        assert waiting.status == "queued"

    def test_is_not_held_up_by_jobs_that_cannot_run(self) -> None:
        """10,000 of them, more urgent and older, of every sort."""
        pause_job_type("sample.samplejob:slow", actor=None)
        organization = OrganizationFactory()
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO sample_job (
                    organization_id, priority, kind, status, run_after,
                    total, written, ends, fault, updated_at
                )
                SELECT %s, 1, kind, status, now() + delay, 10, 0, 0, '', now()
                FROM generate_series(1, 2500), (
                    VALUES ('slow', 'queued', interval '0'),
                        ('unheard_of', 'queued', interval '0'),
                        ('count', 'a word of nobody', interval '0'),
                        ('count', 'queued', interval '1 day')
                ) AS unrunnable (kind, status, delay)
                """,
                [organization.pk],
            )
        runnable = SampleJobFactory(organization=organization, priority=10)

        began = time.monotonic()
        assert run_due_jobs() == 1

        runnable.refresh_from_db()
        assert runnable.status == "completed"
        assert time.monotonic() - began < 30


class TestFence:
    """A worker whose lease was taken over can write nothing."""

    def take_over(self, job: SampleJob) -> None:
        SampleJob.objects.filter(pk=job.pk).update(lease_token=F("lease_token") + 1)

    def test_shuts_the_next_slice_out(self, handle: Handle) -> None:
        def lose_the_lease(job: SampleJob, ctx: Any) -> object:
            outcome = count(job, ctx)
            self.take_over(job)
            return outcome

        handle(lose_the_lease, slice_size=3)
        job = work(SampleJobFactory(kind="probe"))

        # The slice that held the lock was ours; the one after it was not.
        assert effect_numbers(job) == [0, 1, 2]
        assert job.status == "running"

    def test_shuts_a_commit_outside_of_transactions_out(self, handle: Handle) -> None:
        def lose_the_lease(job: SampleJob, ctx: Any) -> object:
            self.take_over(job)
            ctx.log("written by a ghost")
            ctx.commit(lambda locked: count(locked, ctx))
            return Done()

        handle(lose_the_lease, atomic=False)
        job = work(SampleJobFactory(kind="probe"))

        assert effect_numbers(job) == []
        assert job.status == "running"
        assert "written by a ghost" not in log_messages(job)

    def test_shuts_the_end_out(self, handle: Handle) -> None:
        def lose_the_lease(job: SampleJob, ctx: Any) -> object:
            self.take_over(job)
            return Done(summary={"by": "a ghost"})

        handle(lose_the_lease, atomic=False)
        job = work(SampleJobFactory(kind="probe"))

        assert job.status == "running"
        assert job.result_summary is None

    def test_shuts_the_record_of_a_failure_out(self, handle: Handle) -> None:
        def lose_the_lease(job: SampleJob, ctx: Any) -> object:
            self.take_over(job)
            raise KeyError("secret detail")

        handle(lose_the_lease, atomic=False)
        job = work(SampleJobFactory(kind="probe", max_attempts=1))

        assert job.status == "running"
        assert job.attempts == 0

    def test_shuts_the_return_of_the_job_out(self, handle: Handle) -> None:
        def lose_the_lease(job: SampleJob, ctx: Any) -> object:
            self.take_over(job)
            return Continue()

        handle(lose_the_lease)
        job = work(SampleJobFactory(kind="probe"), budget_seconds=0)

        assert job.status == "running"

    def test_lets_a_deleted_job_go(self, handle: Handle) -> None:
        def delete(job: SampleJob, ctx: Any) -> object:
            SampleJob.objects.filter(pk=job.pk).delete()
            ctx.commit(lambda locked: count(locked, ctx))
            return Done()

        handle(delete, atomic=False)
        job = SampleJobFactory(kind="probe")

        assert run_job(job) is None
        assert not Effect.objects.exists()


class TestClock:
    @pytest.mark.parametrize("minutes", [-5, 5])
    @pytest.mark.usefixtures("doorbell")
    def test_of_the_worker_may_be_wrong(self, minutes: int) -> None:
        due, later = (
            SampleJobFactory(total=4),
            SampleJobFactory(run_after=Now() + timedelta(minutes=2)),
        )
        running, stuck = SampleJobFactory(running=True), SampleJobFactory(stuck=True, total=4)
        failing = SampleJobFactory(fault="transient")
        before = timezone.now()

        with time_machine.travel(before + timedelta(minutes=minutes), tick=True):
            run_due_jobs()

        states = {}
        for job in (due, later, running, stuck, failing):
            job.refresh_from_db()
            states[job.pk] = job.status
        assert list(states.values()) == ["completed", "queued", "running", "completed", "queued"]
        assert abs(due.completed_at - before) < timedelta(minutes=1)
        assert abs(failing.run_after - before) < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
class TestObserver:
    """What somebody else sees while a job runs."""

    def test_never_sees_counters_that_differ_from_the_rows(self, handle: Handle) -> None:
        handle(count, slice_size=1)
        job = SampleJobFactory(kind="probe", total=150)
        stop = threading.Event()
        seen: list[tuple[int, int, int]] = []

        def observe() -> None:
            while not stop.is_set():
                with connection.cursor() as cursor:
                    # One statement is one snapshot.
                    cursor.execute(
                        "SELECT written, progress, (SELECT count(*) FROM sample_effect"
                        " WHERE job_id = sample_job.id) FROM sample_job"
                    )
                    seen.append(cursor.fetchone())

        with in_thread(observe):
            work(job)
            stop.set()

        assert job.status == "completed"
        assert all(written == rows for written, _, rows in seen)
        assert len({written for written, _, _ in seen}) > 5, "the observer came too late"
        assert [progress for _, progress, _ in seen] == sorted(p for _, p, _ in seen)

    def test_sees_a_cancelled_job_once_and_for_all(self) -> None:
        job = SampleJobFactory(kind="slow", total=2_000)

        with in_thread(partial(run_job, job)) as run:
            deadline = time.monotonic() + 30
            while not Effect.objects.exists() and time.monotonic() < deadline:
                continue
            cancel_job(SampleJob.objects.get(pk=job.pk), actor=None)
            run.result(30)

        job.refresh_from_db()
        assert job.status == "cancelled"
        assert job.written == len(effect_numbers(job)) < 2_000


class TestIsStopping:
    def test_is_told_by_the_watchdogs_file(self, settings: Any, tmp_path: Any) -> None:
        settings.JOBS_STOP_FILE = str(tmp_path / "stop")
        assert not is_stopping()

        (tmp_path / "stop").touch()

        assert is_stopping()

    def test_is_false_without_a_watchdog(self) -> None:
        assert not is_stopping()

    def test_makes_a_worker_give_its_job_back_after_the_slice_in_hand(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(runner, "is_stopping", lambda: True)

        job = work(SampleJobFactory())

        assert job.status == "queued"
        assert effect_numbers(job) == [0, 1, 2]
