"""The life of reverse jobs as those see it who wait for them."""

from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from jobs.runner import run_job
from jobs.services import cancel_job, retry_job
from qrtracking.models import (
    Batch,
    PreparedCode,
    ReverseJob,
    ReverseJobExclude,
    ReverseJobLog,
    UnitCode,
)
from qrtracking.services.reverse_jobs import submit_reverse_job
from tests.accounts.factories import bearer, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import link

pytestmark = pytest.mark.django_db

STATUS = "/api/manufacturer/reverse-job/status"


@pytest.fixture(autouse=True)
def small_slices(settings):
    settings.QR_PREPARE_SLICE = 100


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch()


@pytest.fixture
def operator(batch) -> User:
    return make_member(Role.OPERATOR, organization=batch.organization)


def submit(operator: User, batch: Batch, *excludes: str) -> ReverseJob:
    return submit_reverse_job(
        actor=operator, batch_id=batch.pk, order_id=batch.order_id, exclude_codes=list(excludes)
    )


def run_slice(job: ReverseJob) -> ReverseJob:
    worked = run_job(job, budget_seconds=0)
    assert worked is not None
    return worked


def prepare_in_part(job: ReverseJob, units: int) -> ReverseJob:
    while job.prepared_count < units:
        job = run_slice(job)
    return job


class TestProgress:
    def test_never_falls_also_over_a_failure(self, batch, operator):
        job = submit(operator, batch, "1-5")
        seen = [job.progress]
        while job.prepared_count < 400:
            job = run_slice(job)
            seen.append(job.progress)
        Batch.objects.filter(pk=batch.pk).update(status="cancelled")
        job = run_slice(job)
        assert job.status == "failed"
        seen.append(job.progress)
        Batch.objects.filter(pk=batch.pk).update(status="generated")
        retry_job(job, actor=operator)
        while job.status != "completed":
            job = run_slice(job)
            seen.append(job.progress)

        assert all(before <= after for before, after in pairwise(seen))
        # Claimed, resolved, counted, and the first of eleven stretches (the spares are the last).
        assert seen[:5] == [0, 5, 10, 30, 35]
        assert (seen[-1], job.prepared_count) == (100, 995)

    def test_shows_totals_that_add_up_after_every_slice(self, batch, operator):
        job = submit(operator, batch, "1-5", "500")

        while job.status != "completed":
            job = run_slice(job)
            done = job.prepared_count + job.duplicate_count + job.invalid_count
            if job.total_available_in_batch is not None and job.progress >= 30:
                left = job.total_available_in_batch - job.excluded_matched_count - done
                assert job.remaining_to_prepare == left
            assert PreparedCode.objects.filter(job=job).count() == job.prepared_count


class TestDeletedBatch:
    def test_takes_its_jobs_with_it_in_the_middle_of_their_work(self, client, batch, operator):
        other = make_generated_batch(organization=batch.organization, units=100)
        job = prepare_in_part(submit(operator, batch, "1-5"), 300)
        others = submit(operator, other)

        Batch.objects.filter(pk=batch.pk).delete()

        answer = client.get(STATUS, {"job_id": str(job.pk)}, headers=bearer(operator))
        assert (answer.status_code, answer.json()["error"]) == (404, "Job not found")
        assert run_job(job) is None
        for model in (PreparedCode, ReverseJobExclude, ReverseJobLog):
            assert not model.objects.filter(job_id=job.pk).exists()
        assert not UnitCode.objects.filter(batch_id=batch.pk).exists()
        done = run_job(others)
        assert (done.status, done.prepared_count) == ("completed", 100)

    def test_is_refused_once_something_is_packed(self, batch, operator):
        job = prepare_in_part(submit(operator, batch), 300)
        link(operator, batch, 1)

        with pytest.raises(IntegrityError, match="qr_batches_nothing_packed"), transaction.atomic():
            Batch.objects.filter(pk=batch.pk).delete()

        done = run_job(job)
        assert (done.status, done.prepared_count) == ("completed", 1000)


class TestCancelled:
    def test_is_final_and_keeps_what_is_packed(self, batch, operator):
        job = prepare_in_part(submit(operator, batch), 300)
        link(operator, batch, 1)

        cancel_job(job, actor=operator)

        assert run_job(job) is None
        job.refresh_from_db()
        assert (job.status, job.prepared_count) == ("cancelled", 300)
        rows = PreparedCode.objects.filter(job=job)
        assert rows.filter(status="consumed").count() == 100
        assert rows.filter(status="invalid", invalid_reason="job_cancelled").count() == 200
        assert UnitCode.objects.filter(batch=batch, status="packed").count() == 100
