import pytest
from django.test import Client

from accounts.models import Role
from qrtracking.models import (
    ReverseJob,
    ReverseJobLog,
)
from tests.accounts.factories import UserFactory, bearer, make_member
from tests.qrtracking.api import (
    JOBS,
    NOBODY,
    NOT_FOUND,
    ROLE_REFUSED,
    client_of,
    link,
    listed,
    make_batch,
    post,
    prepare,
)
from tests.qrtracking.factories import (
    ReverseJobFactory,
    ReverseJobLogFactory,
)

pytestmark = pytest.mark.django_db


def patch(client, path, body):
    return client.patch(path, body, content_type="application/json")


class TestReverseJobList:
    def test_holds_the_jobs_of_the_organization_newest_first(self):
        batch = make_batch()
        older, newer = ReverseJobFactory(batch=batch), ReverseJobFactory(batch=batch)
        ReverseJobFactory()

        answer = client_of(batch, Role.VIEWER).get(JOBS)

        assert listed(answer) == [str(newer.pk), str(older.pk)]

    def test_is_read_page_by_page(self):
        batch = make_batch()
        jobs = [ReverseJobFactory(batch=batch) for _ in range(5)]
        client = client_of(batch)

        found, address = [], f"{JOBS}?page_size=2"
        while address:
            answer = client.get(address)
            found.extend(listed(answer))
            address = answer.json()["next"]

        assert found == [str(job.pk) for job in reversed(jobs)]

    def test_filters_by_batch_and_status(self):
        batch = make_batch()
        wanted = ReverseJobFactory(batch=batch, failed=True)
        ReverseJobFactory(batch=batch)
        other = ReverseJobFactory(batch__order__organization=batch.organization, failed=True)
        client = client_of(batch)

        one = client.get(JOBS, {"batch": str(batch.pk), "status": "failed"})
        both = client.get(JOBS, {"status": ["failed", "cancelled"]})

        assert listed(one) == [str(wanted.pk)]
        assert listed(both) == [str(other.pk), str(wanted.pk)]

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ({"batch": "nonsense"}, 400),
            ({"status": "nonsense"}, 400),
            ({"batch": NOBODY}, 200),
            ({"cursor": "nonsense"}, 400),
            ({"cursor": "cD1ub25zZW5zZQ=="}, 400),
            ({"page_size": "nonsense"}, 200),
            ({"unknown": "x"}, 400),
        ],
    )
    def test_answers_nonsense_calmly(self, query, status):
        answer = client_of(make_batch()).get(JOBS, query)

        assert answer.status_code == status
        assert status == 200 or answer.json()["error"]

    def test_does_not_grow_in_statements(self, django_assert_max_num_queries):
        batch = make_batch()
        for _ in range(20):
            ReverseJobFactory(batch=batch)
        client = client_of(batch)
        client.get(JOBS)

        with django_assert_max_num_queries(3):
            client.get(JOBS)


class TestReverseJobDetail:
    def test_is_the_kernels_job_with_the_columns_of_the_app(self):
        batch = make_batch()
        job = prepare(batch, exclude_codes=["1"], label="Roll 7", filter_case_numbers=[1])

        body = client_of(batch, Role.VIEWER).get(f"{JOBS}/{job.pk}").json()

        assert (body["id"], body["type"]) == (str(job.pk), "qrtracking.reversejob")
        assert (body["status"], body["state"]) == ("completed", "done")
        assert (body["batch_id"], body["order_id"]) == (str(batch.pk), str(batch.order_id))
        assert (body["label"], body["prepared_count"]) == ("Roll 7", 9)
        assert body["filter_case_numbers"] == [1]
        assert body["url"] == f"/api/v1/jobs/{job.pk}"

    def test_is_unknown_to_others(self):
        answer = client_of(make_batch()).get(f"{JOBS}/{ReverseJobFactory().pk}")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestReverseJobChange:
    def test_sets_priority_and_label_of_a_queued_job(self):
        job = ReverseJobFactory()

        answer = patch(
            client_of(job.batch, Role.MANAGER),
            f"{JOBS}/{job.pk}",
            {"priority": 1, "label": "First"},
        )

        job.refresh_from_db()
        assert answer.status_code == 200
        assert (answer.json()["priority"], answer.json()["label"]) == (1, "First")
        assert (job.priority, job.label) == (1, "First")

    @pytest.mark.parametrize("status", ["running", "completed", "failed", "cancelled"])
    def test_refuses_a_new_priority_once_the_job_has_begun(self, status):
        job = ReverseJobFactory(status=status, label="Old")

        answer = patch(
            client_of(job.batch, Role.MANAGER), f"{JOBS}/{job.pk}", {"priority": 1, "label": "New"}
        )

        job.refresh_from_db()
        assert (answer.status_code, answer.json()["code"]) == (409, "job_not_waiting")
        assert (job.priority, job.label) == (5, "Old")

    @pytest.mark.parametrize(
        "body",
        [
            {"priority": 0},
            {"priority": 11},
            {"priority": "x"},
            {"priority": None},
            {"priority": []},
            {"label": "x" * 201},
            {"label": None},
            {"label": {}},
        ],
    )
    def test_refuses_wrong_values(self, body):
        job = ReverseJobFactory()

        answer = patch(client_of(job.batch, Role.MANAGER), f"{JOBS}/{job.pk}", body)

        assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")

    def test_is_for_managers(self):
        job = ReverseJobFactory()

        answer = patch(client_of(job.batch), f"{JOBS}/{job.pk}", {"priority": 1})

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)

    def test_does_not_know_the_job_of_another_organization(self):
        answer = patch(
            client_of(make_batch(), Role.MANAGER),
            f"{JOBS}/{ReverseJobFactory().pk}",
            {"priority": 1},
        )

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestReverseJobCancel:
    def cancel(self, client, job):
        return post(client, f"{JOBS}/{job.pk}/cancel")

    def test_ends_a_queued_job_at_once(self):
        job = ReverseJobFactory()

        answer = self.cancel(client_of(job.batch, Role.MANAGER), job)

        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")

    def test_asks_a_running_job_to_stop(self):
        job = ReverseJobFactory(running=True)

        answer = self.cancel(client_of(job.batch, Role.MANAGER), job)

        assert answer.status_code == 202
        assert answer.json()["status"] == "running"
        assert answer.json()["cancel_requested_at"] is not None

    def test_takes_the_prepared_units_out_of_reach(self):
        batch = make_batch()
        job = prepare(batch)
        ReverseJob.objects.filter(pk=job.pk).update(status="running")

        self.cancel(client_of(batch, Role.MANAGER), job)

        assert link(client_of(batch), batch).json()["code"] == "queue_empty"

    @pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
    def test_refuses_a_job_that_is_over(self, status):
        job = ReverseJobFactory(status=status)

        answer = self.cancel(client_of(job.batch, Role.MANAGER), job)

        assert answer.status_code == 409
        assert answer.json()["error"] == f"Job is already {status}"

    @pytest.mark.parametrize(
        ("role", "own", "status"),
        [
            (Role.VIEWER, True, 403),
            (Role.OPERATOR, True, 200),
            (Role.OPERATOR, False, 403),
            (Role.MANAGER, False, 200),
            (Role.OWNER, False, 200),
        ],
    )
    def test_is_for_the_jobs_own_operator_and_managers(self, role, own, status):
        batch = make_batch()
        member = make_member(role, organization=batch.organization)
        job = ReverseJobFactory(batch=batch, created_by=member if own else UserFactory())

        answer = self.cancel(Client(headers=bearer(member)), job)

        assert answer.status_code == status
        assert status == 200 or answer.json() == ROLE_REFUSED

    def test_does_not_know_the_job_of_another_organization(self):
        job = ReverseJobFactory()

        answer = self.cancel(client_of(make_batch(), Role.OWNER), job)

        job.refresh_from_db()
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert job.status == "queued"

    def test_repeats_its_answer_for_the_same_key(self):
        job = ReverseJobFactory()
        client = client_of(job.batch, Role.MANAGER)
        headers = {"Idempotency-Key": "stop"}

        first = post(client, f"{JOBS}/{job.pk}/cancel", headers=headers)
        again = post(client, f"{JOBS}/{job.pk}/cancel", headers=headers)

        assert (first.status_code, again.status_code) == (200, 200)
        assert again.headers["Idempotent-Replayed"] == "true"


class TestReverseJobRetry:
    def retry(self, client, job, body=None):
        return post(client, f"{JOBS}/{job.pk}/retry", body or {})

    def test_sends_a_failed_job_to_work_again(self):
        job = ReverseJobFactory(failed=True)

        answer = self.retry(client_of(job.batch, Role.MANAGER), job, {"reason": "Disk is back"})

        assert (answer.status_code, answer.json()["status"]) == (202, "queued")
        assert "Disk is back" in ReverseJobLog.objects.get(job=job).message

    @pytest.mark.parametrize("status", ["queued", "running", "completed", "cancelled"])
    def test_refuses_every_other_job(self, status):
        job = ReverseJobFactory(status=status)

        answer = self.retry(client_of(job.batch, Role.MANAGER), job)

        assert answer.status_code == 409
        assert answer.json()["error"] == f"Job is already {status}"

    def test_is_for_managers_even_for_ones_own_job(self):
        batch = make_batch()
        member = make_member(organization=batch.organization)
        job = ReverseJobFactory(batch=batch, created_by=member, failed=True)

        answer = self.retry(Client(headers=bearer(member)), job)

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)


class TestReverseJobLogs:
    def test_tells_what_happened_oldest_first(self):
        batch = make_batch()
        job = prepare(batch)
        ReverseJobLogFactory(message="Of another job")

        lines = client_of(batch, Role.VIEWER).get(f"{JOBS}/{job.pk}/logs").json()["results"]

        assert lines[0]["message"] == "Job started (attempt 1)"
        assert lines[-1]["message"].startswith("Job completed: 20 codes prepared")
        assert set(lines[0]) == {"level", "message", "correlation_id", "created_at"}

    def test_is_read_page_by_page(self):
        batch = make_batch()
        job = prepare(batch)
        client = client_of(batch)

        first = client.get(f"{JOBS}/{job.pk}/logs?page_size=1").json()
        second = client.get(first["next"]).json()

        assert first["results"] != second["results"]

    def test_is_unknown_to_others(self):
        answer = client_of(make_batch()).get(f"{JOBS}/{ReverseJobFactory().pk}/logs")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestSession:
    """Beyond the fixed contract the session needs the CSRF header, as everywhere."""

    def test_reads_without_and_writes_only_with_a_csrf_header(self):
        job = ReverseJobFactory()
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_member(Role.MANAGER, organization=job.organization))

        assert client.get(JOBS).status_code == 200
        assert post(client, f"{JOBS}/{job.pk}/cancel").status_code == 403
