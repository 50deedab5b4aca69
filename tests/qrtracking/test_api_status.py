import pytest
from django.test import Client

from accounts.models import Role
from jobs.runner import run_next
from jobs.services import cancel_job
from qrtracking.models import ReverseJob
from tests.accounts.factories import UserFactory, make_member
from tests.qrtracking.api import NOBODY, STATUS, assert_error, client_of, make_batch, submit
from tests.qrtracking.factories import ReverseJobFactory

pytestmark = pytest.mark.django_db

KEYS = [
    "success",
    "job_id",
    "status",
    "progress",
    "prepared_count",
    "remaining_to_prepare",
    "total_available_in_batch",
    "result_summary",
    "error_message",
    "created_at",
    "updated_at",
    "error_code",
    "attempts",
    "batch_id",
    "order_id",
    "started_at",
    "completed_at",
    "can_cancel",
    "can_retry",
]


def status_of(client, job_id):
    return client.get(STATUS, {"job_id": str(job_id)})


class TestStatus:
    @pytest.mark.parametrize("role", list(Role))
    def test_tells_every_member_how_far_the_job_is(self, role):
        batch = make_batch()
        job = ReverseJobFactory(batch=batch)

        answer = status_of(client_of(batch, role), job.pk)

        body = answer.json()
        assert answer.status_code == 200
        assert list(body) == KEYS
        assert body["success"] is True
        assert (body["job_id"], body["status"], body["progress"]) == (str(job.pk), "queued", 0)
        assert (body["batch_id"], body["order_id"]) == (str(batch.pk), str(batch.order_id))

    def test_has_no_numbers_before_the_units_are_counted(self):
        job = ReverseJobFactory()

        body = status_of(client_of(job.batch), job.pk).json()

        names = ("remaining_to_prepare", "total_available_in_batch", "result_summary")
        assert [body[name] for name in names] == [None, None, None]
        assert (body["error_message"], body["error_code"], body["started_at"]) == (None, None, None)

    def test_has_the_result_when_completed(self):
        batch = make_batch()
        client = client_of(batch)
        job_id = submit(client, batch, exclude_codes=["3", "zzz"]).json()["job_id"]
        run_next(ReverseJob)

        body = status_of(client, job_id).json()

        assert (body["status"], body["progress"], body["prepared_count"]) == ("completed", 100, 19)
        assert (body["total_available_in_batch"], body["remaining_to_prepare"]) == (20, 0)
        assert body["result_summary"] == {
            "prepared": 19,
            "duplicates": 0,
            "invalid": 0,
            "total_available": 20,
            "excluded_count": 2,
            "excluded_matched": 1,
            "excluded_not_found": ["zzz"],
            "excluded_not_found_count": 1,
            "excluded_already_packed": [],
            "excluded_already_packed_count": 0,
            "excluded_not_needed": 0,
            "invalidated": 0,
        }

    @pytest.mark.parametrize(
        ("status", "can_cancel", "can_retry"),
        [
            ("queued", True, False),
            ("running", True, False),
            ("completed", False, False),
            ("failed", False, True),
            ("cancelled", False, False),
        ],
    )
    def test_says_what_may_be_done(self, status, can_cancel, can_retry):
        job = ReverseJobFactory(status=status)

        body = status_of(client_of(job.batch), job.pk).json()

        assert (body["can_cancel"], body["can_retry"]) == (can_cancel, can_retry)

    def test_tells_why_a_job_failed(self):
        job = ReverseJobFactory(failed=True, error_message="The batch is gone.")

        body = status_of(client_of(job.batch), job.pk).json()

        assert (body["error_code"], body["error_message"]) == (
            "internal_error",
            "The batch is gone.",
        )

    def test_stays_when_the_job_is_cancelled(self):
        job = ReverseJobFactory()
        cancel_job(job, actor=None)

        assert status_of(client_of(job.batch), job.pk).json()["status"] == "cancelled"

    def test_takes_three_statements_and_reads_no_excludes(self, django_assert_max_num_queries):
        job = ReverseJobFactory(exclude_codes=["code"] * 1000)
        client = client_of(job.batch)
        status_of(client, job.pk)

        with django_assert_max_num_queries(3) as statements:
            status_of(client, job.pk)

        assert not any("exclude_codes" in query["sql"] for query in statements.captured_queries)

    def test_is_reached_under_its_function_name(self):
        job = ReverseJobFactory()

        answer = client_of(job.batch).get(
            "/functions/v1/reverse-job-status", {"job_id": str(job.pk)}
        )

        assert answer.json()["job_id"] == str(job.pk)


class TestOrderOfChecks:
    def test_refuses_the_anonymous_first(self):
        assert_error(Client().get(STATUS), 401, "Unauthorized")

    @pytest.mark.parametrize("query", [{}, {"job_id": ""}])
    def test_then_misses_the_id(self, query):
        answer = client_of(make_batch()).get(STATUS, query)

        assert_error(answer, 400, "Missing job_id parameter")

    @pytest.mark.parametrize("job_id", ["nonsense", "42", NOBODY, "' OR 1=1 --", "x" * 2000, "é"])
    def test_then_misses_the_job(self, job_id):
        answer = client_of(make_batch()).get(STATUS, {"job_id": job_id})

        assert_error(answer, 404, "Job not found", "job_not_found")

    def test_does_not_know_the_job_of_another_organization(self):
        foreign = ReverseJobFactory()

        answer = status_of(client_of(make_batch()), foreign.pk)

        assert_error(answer, 404, "Job not found", "job_not_found")

    def test_does_not_know_the_job_of_a_deleted_batch(self):
        job = ReverseJobFactory()
        client = client_of(job.batch)
        job.batch.delete()

        assert_error(status_of(client, job.pk), 404, "Job not found")

    def test_then_refuses_people_who_may_read_nothing(self):
        client = Client()
        client.force_login(UserFactory())

        assert_error(
            status_of(client, ReverseJobFactory().pk), 403, "Unauthorized to view this job"
        )

    def test_refuses_zero_bytes(self):
        answer = client_of(make_batch()).get(f"{STATUS}?job_id=%00")

        assert_error(answer, 400, "Invalid characters in request")

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_must_be_get(self, method):
        answer = getattr(client_of(make_batch()), method)(STATUS)

        assert_error(answer, 405, "Method not allowed")


class TestReaders:
    def test_may_be_staff_of_the_whole_product(self):
        client = Client()
        client.force_login(UserFactory(superuser=True))

        assert status_of(client, ReverseJobFactory().pk).status_code == 200

    def test_may_come_with_a_session_and_no_origin(self):
        job = ReverseJobFactory()
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_member(Role.VIEWER, organization=job.organization))

        assert status_of(client, job.pk).status_code == 200
