import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from jobs.models import PausedJobType
from jobs.services import cancel_job
from qrtracking.api.views import worker
from qrtracking.models import PreparedCode, ReverseJob
from qrtracking.services import preparing
from tests.accounts.factories import bearer, make_member
from tests.qrtracking.api import STATUS, WORKER, assert_error, client_of, make_batch, submit
from tests.qrtracking.factories import ReverseJobFactory

pytestmark = pytest.mark.django_db

SECRET = "test-worker-secret-of-32-characters"
NO_JOBS = {"success": True, "message": "No jobs to process"}


def work(secret=SECRET, **extra):
    return Client(headers={"Authorization": f"Bearer {secret}"}).post(WORKER, **extra)


def queue_job(batch=None, **changes):
    batch = batch or make_batch()
    answer = submit(client_of(batch), batch, **changes)
    return ReverseJob.objects.get(pk=answer.json()["job_id"])


class TestSecret:
    @pytest.fixture
    def job(self):
        return queue_job()

    def assert_closed(self, answer, job):
        assert_error(answer, 401, "Unauthorized")
        job.refresh_from_db()
        assert (job.status, job.started_at) == ("queued", None)

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer x",
            "bearer x",
            SECRET,
            f"bearer {SECRET}",
            f"Basic {SECRET}",
            f"Bearer {SECRET}x",
            f"Bearer {SECRET[:-1]}",
            "Bearer test-\u00e9",
        ],
    )
    def test_must_be_the_configured_one(self, header, job):
        headers = {} if header is None else {"Authorization": header}

        self.assert_closed(Client(headers=headers).post(WORKER), job)

    @pytest.mark.parametrize("place", ["secret", "token", "authorization", "access_token"])
    def test_does_not_count_in_query_or_body(self, place, job):
        answer = Client().post(
            f"{WORKER}?{place}={SECRET}", {place: SECRET}, content_type="application/json"
        )

        self.assert_closed(answer, job)

    def test_is_not_replaced_by_a_session(self, job):
        client = Client()
        client.force_login(make_member("owner", organization=job.organization))

        self.assert_closed(client.post(WORKER), job)

    def test_is_not_replaced_by_the_token_of_a_member(self, job):
        client = Client(headers=bearer(make_member("owner", organization=job.organization)))

        self.assert_closed(client.post(WORKER), job)

    @pytest.mark.parametrize("unset", ["", "  "])
    def test_has_no_default(self, unset, job, settings):
        settings.QR_WORKER_SECRET = settings.CRON_SECRET = unset

        self.assert_closed(work(), job)
        self.assert_closed(work(unset), job)
        self.assert_closed(work("None"), job)

    def test_may_be_that_of_the_cron_service(self, job, settings):
        settings.QR_WORKER_SECRET = ""
        settings.CRON_SECRET = "cron-" + "c" * 32

        assert work(settings.CRON_SECRET).json()["job_id"] == str(job.pk)
        self.assert_untouched_by(work(SECRET))

    def assert_untouched_by(self, answer):
        assert_error(answer, 401, "Unauthorized")

    def test_needs_neither_csrf_header_nor_content_type_nor_body(self, job):
        client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {SECRET}"})
        client.force_login(make_member())

        answer = client.post(
            WORKER,
            "nonsense",
            content_type="text/plain",
            headers={"Origin": "https://evil.example"},
        )

        assert answer.json()["job_id"] == str(job.pk)


class TestWork:
    def test_says_when_there_is_nothing_to_do(self):
        answer = work()

        assert (answer.status_code, answer.json()) == (200, NO_JOBS)

    def test_runs_a_job_to_its_end(self):
        job = queue_job(exclude_codes=["1"])

        answer = work()

        job.refresh_from_db()
        assert answer.status_code == 200
        assert answer.json() == {
            "success": True,
            "job_id": str(job.pk),
            "result": job.result_summary,
        }
        assert job.result_summary["prepared"] == 19

    def test_takes_one_job_a_call_the_urgent_and_old_ones_first(self):
        batch = make_batch()
        late = queue_job(batch)
        early = queue_job(batch)
        urgent = queue_job(batch, priority=1)
        ReverseJob.objects.filter(pk=early.pk).update(run_after=timezone.now() - timedelta(hours=1))

        taken = [work().json()["job_id"] for _ in range(3)]

        assert taken == [str(urgent.pk), str(early.pk), str(late.pk)]
        assert work().json() == NO_JOBS

    def test_takes_over_a_job_whose_worker_is_gone(self):
        job = queue_job()
        ReverseJob.objects.filter(pk=job.pk).update(
            status="running", lease_expires_at=timezone.now() - timedelta(seconds=1)
        )

        assert work().json()["result"]["prepared"] == 20

    @pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
    def test_leaves_jobs_alone_that_are_over(self, status):
        ReverseJobFactory(status=status)

        assert work().json() == NO_JOBS

    def test_leaves_jobs_alone_that_another_worker_holds_or_that_wait(self):
        held, waiting = ReverseJobFactory(running=True), ReverseJobFactory()
        later = timezone.now() + timedelta(minutes=1)
        ReverseJob.objects.filter(pk=held.pk).update(lease_expires_at=later)
        ReverseJob.objects.filter(pk=waiting.pk).update(run_after=later)

        assert work().json() == NO_JOBS

    def test_leaves_paused_jobs_alone(self):
        queue_job()
        PausedJobType.objects.create(name="qrtracking.reversejob")

        assert work().json() == NO_JOBS

    def test_puts_a_job_back_when_the_time_is_over(self, settings):
        settings.QR_WORKER_BUDGET_SECONDS = 0
        job = queue_job()

        answer = work()

        assert answer.status_code == 200
        assert answer.json() == {
            "success": True,
            "job_id": str(job.pk),
            "status": "queued",
            "continue": True,
            "progress": 5,
            "message": "Time limit reached",
        }

    def test_finishes_a_job_over_several_calls(self, settings):
        settings.QR_WORKER_BUDGET_SECONDS = 0
        queue_job()

        answers = [work().json() for _ in range(12)]

        progress = [answer["progress"] for answer in answers if answer.get("continue")]
        assert progress == sorted(progress)
        results = [answer["result"]["prepared"] for answer in answers if "result" in answer]
        assert results == [20]
        assert answers[-1] == NO_JOBS

    def test_says_when_a_job_will_be_tried_again(self, monkeypatch):
        job = queue_job()
        monkeypatch.setattr(preparing, "run_slice", fail)

        answer = work()

        job.refresh_from_db()
        assert answer.status_code == 200
        assert answer.json() == {
            "success": True,
            "job_id": str(job.pk),
            "status": "queued",
            "retry_at": job.run_after.isoformat().replace("+00:00", "Z"),
            "message": "Job will be retried",
        }
        assert job.run_after > timezone.now()

    def test_says_when_a_job_has_failed_for_good(self, monkeypatch):
        job = queue_job()
        ReverseJob.objects.filter(pk=job.pk).update(attempts=2)
        monkeypatch.setattr(preparing, "run_slice", fail)

        answer = work()

        job.refresh_from_db()
        body = answer.json()
        assert answer.status_code == 500
        assert body == {
            "success": False,
            "job_id": str(job.pk),
            "error": job.error_message,
            "code": "internal_error",
        }
        assert "secret detail" not in answer.content.decode()

    def test_says_when_the_job_was_cancelled_meanwhile(self, monkeypatch):
        job = queue_job()
        original = preparing.run_slice

        def cancel_first(running, **options):
            cancel_job(ReverseJob.objects.get(pk=job.pk), actor=None)
            return original(running, **options)

        monkeypatch.setattr(preparing, "run_slice", cancel_first)

        answer = work().json()

        assert (answer["success"], answer["status"]) == (True, "cancelled")

    def test_says_when_another_worker_has_the_job_now(self):
        job = ReverseJobFactory.build(status="running")

        answer, status = worker.describe_run(job)

        assert (status, answer["status"]) == (200, "running")

    def test_is_reached_under_its_function_name(self):
        answer = Client(headers={"Authorization": f"Bearer {SECRET}"}).post(
            "/functions/v1/reverse-job-worker"
        )

        assert answer.json() == NO_JOBS


def fail(job, **options):
    raise RuntimeError("secret detail")


class TestGet:
    def test_tells_what_it_is_to_anybody_and_does_nothing(self):
        job = queue_job()

        answer = Client().get(WORKER)

        job.refresh_from_db()
        assert answer.status_code == 200
        assert answer.json() == {
            "worker": "Reverse Batch Job Processor",
            "version": "1.0.0",
            "status": "ready",
            "info": "POST with Bearer token to process queued jobs",
        }
        assert job.status == "queued"

    @pytest.mark.parametrize("query", ["", "?run=0", "?run=", "?run=true", "?other=1"])
    def test_does_nothing_without_run(self, query):
        job = queue_job()

        answer = Client(headers={"Authorization": f"Bearer {SECRET}"}).get(f"{WORKER}{query}")

        job.refresh_from_db()
        assert answer.json()["status"] == "ready"
        assert job.status == "queued"

    def test_works_with_run_and_the_secret(self):
        job = queue_job()

        answer = Client(headers={"Authorization": f"Bearer {SECRET}"}).get(f"{WORKER}?run=1")

        assert answer.json()["job_id"] == str(job.pk)

    def test_is_closed_with_run_and_no_secret(self):
        queue_job()

        assert_error(Client().get(f"{WORKER}?run=1"), 401, "Unauthorized")

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_knows_no_other_method(self, method):
        client = Client(headers={"Authorization": f"Bearer {SECRET}"})

        assert_error(getattr(client, method)(WORKER), 405, "Method not allowed")


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    def test_twenty_calls_do_three_jobs_once_each(self):
        jobs = [queue_job() for _ in range(3)]

        answers = self.call_in_threads(20)

        done = [answer["job_id"] for answer in answers if "job_id" in answer]
        assert sorted(done) == sorted(str(job.pk) for job in jobs)
        assert answers.count(NO_JOBS) == 17
        for job in jobs:
            job.refresh_from_db()
            assert (job.status, job.lease_token) == ("completed", 1)
            assert PreparedCode.objects.filter(job=job).count() == 20

    def test_polling_never_fails_while_a_job_runs(self, settings):
        settings.QR_PREPARE_SLICE = 5
        job = queue_job(make_batch(units=500, per_case=50))
        poller = client_of(job.batch)
        worker_thread = threading.Thread(target=self.work_and_close)
        seen = []

        worker_thread.start()
        while worker_thread.is_alive():
            answer = poller.get(STATUS, {"job_id": str(job.pk)})
            assert answer.status_code == 200
            seen.append(answer.json()["progress"])
        worker_thread.join()

        assert seen == sorted(seen)
        assert poller.get(STATUS, {"job_id": str(job.pk)}).json()["status"] == "completed"

    def call_in_threads(self, count):
        barrier, answers = threading.Barrier(count), []

        def call():
            barrier.wait()
            answers.append(self.work_and_close())

        threads = [threading.Thread(target=call) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def work_and_close(self):
        try:
            return work().json()
        finally:
            connection.close()
