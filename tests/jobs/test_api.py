from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import OrganizationKind, Role
from jobs.models import JobEvent, OutboxMessage
from tests.accounts.factories import OrganizationFactory, UserFactory, bearer, make_member
from tests.jobs.factories import SampleJobFactory
from tests.jobs.sample.models import SAMPLE_STATES, SampleJob

pytestmark = pytest.mark.django_db

JOBS = "/api/v1/jobs"
STATES = {
    "queued": "waiting",
    "running": "active",
    "completed": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def manager(organization):
    return make_member(Role.MANAGER, organization=organization)


def grant(user, *codenames):
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


def make_message(organization, key="message", **fields):
    return OutboxMessage.objects.create(
        organization=organization, kind="email", key=key, payload={"body": "secret"}, **fields
    )


def read(client, user, path=JOBS, **query):
    return client.get(path, query, headers=bearer(user))


def post(client, user, job, verb, body=None, **headers):
    return client.post(
        f"{JOBS}/{job.pk}/{verb}",
        body or {},
        content_type="application/json",
        headers=bearer(user) | headers,
    )


class TestListJobs:
    def test_refuses_the_anonymous_in_json(self, client):
        answer = client.get(JOBS)

        assert answer.status_code == 401
        assert answer.json() == {"error": "Unauthorized", "code": "unauthenticated"}

    def test_refuses_a_user_without_an_organization(self, client):
        user = UserFactory()
        client.force_login(user)

        answer = client.get(JOBS)

        assert answer.status_code == 403
        assert answer.json()["code"] == "organization_required"

    def test_tells_what_every_job_has(self, client, manager, organization):
        job = SampleJobFactory(organization=organization, created_by=manager, correlation_id="c-1")

        (row,) = read(client, manager).json()["results"]

        assert row["id"] == str(job.pk)
        assert row["url"] == f"{JOBS}/{job.pk}"
        assert row["type"] == "sample.samplejob:count"
        assert (row["status"], row["state"]) == ("queued", "waiting")
        assert row["organization"] == str(organization.pk)
        assert row["created_by"] == str(manager.pk)
        assert row["correlation_id"] == "c-1"
        assert (row["can_cancel"], row["can_retry"]) == (True, False)
        assert "cursor" not in row
        assert "lease_token" not in row

    def test_merges_all_models_newest_first(self, client, manager, organization):
        now = timezone.now()
        oldest = SampleJobFactory(organization=organization, created_at=now - timedelta(hours=3))
        message = make_message(organization, created_at=now - timedelta(hours=2))
        newest = SampleJobFactory(organization=organization, created_at=now - timedelta(hours=1))

        rows = read(client, manager).json()["results"]

        assert [row["id"] for row in rows] == [str(newest.pk), str(message.pk), str(oldest.pk)]

    def test_hides_other_organizations(self, client, manager):
        SampleJobFactory()

        assert read(client, manager).json()["results"] == []

    def test_shows_staff_of_the_operator_everything(self, client):
        operator = OrganizationFactory(kind=OrganizationKind.OPERATOR)
        staff = make_member(Role.VIEWER, organization=operator, is_staff=True)
        SampleJobFactory.create_batch(2)

        assert len(read(client, staff).json()["results"]) == 2

    def test_filters_by_organization_within_what_is_visible(self, client, manager, organization):
        own = SampleJobFactory(organization=organization)
        foreign = SampleJobFactory()

        own_rows = read(client, manager, organization=organization.pk).json()["results"]
        foreign_rows = read(client, manager, organization=foreign.organization_id).json()["results"]

        assert [row["id"] for row in own_rows] == [str(own.pk)]
        assert foreign_rows == []

    @pytest.mark.parametrize(("status", "state"), STATES.items())
    def test_filters_by_state(self, client, manager, organization, status, state):
        jobs = {word: SampleJobFactory(organization=organization, status=word) for word in STATES}

        rows = read(client, manager, state=state).json()["results"]

        assert [(row["id"], row["state"]) for row in rows] == [(str(jobs[status].pk), state)]

    def test_takes_several_states_in_both_spellings(self, client, manager, organization):
        for word in SAMPLE_STATES:
            SampleJobFactory(organization=organization, status=word)

        with_comma = read(client, manager, state="done,failed").json()["results"]
        repeated = read(client, manager, state=["done", "failed"]).json()["results"]

        assert {row["state"] for row in with_comma} == {"done", "failed"}
        assert with_comma == repeated

    def test_filters_by_model_and_by_kind(self, client, manager, organization):
        count = SampleJobFactory(organization=organization, kind="count")
        slow = SampleJobFactory(organization=organization, kind="slow")
        make_message(organization)

        by_model = read(client, manager, type="sample.samplejob").json()["results"]
        by_kind = read(client, manager, type="sample.samplejob:slow").json()["results"]

        assert {row["id"] for row in by_model} == {str(count.pk), str(slow.pk)}
        assert [row["id"] for row in by_kind] == [str(slow.pk)]

    def test_filters_by_time_of_creation(self, client, manager, organization):
        now = timezone.now()
        SampleJobFactory(organization=organization, created_at=now - timedelta(days=3))
        recent = SampleJobFactory(organization=organization, created_at=now - timedelta(days=1))

        rows = read(client, manager, created_from=(now - timedelta(days=2)).isoformat()).json()[
            "results"
        ]

        assert [row["id"] for row in rows] == [str(recent.pk)]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"state": "queued"}, "state"),
            ({"type": "nobody.knows"}, "type"),
            ({"organization": "7"}, "organization"),
            ({"limit": "0"}, "limit"),
            ({"limit": "101"}, "limit"),
            ({"limit": "many"}, "limit"),
            ({"created_from": "yesterday"}, "created_from"),
            ({"cursor": "%%%"}, "cursor"),
            ({"cursor": "é"}, "cursor"),
            ({"cursor": urlsafe_b64encode(b"f|2026-01-01|7").decode()}, "cursor"),
            ({"cursor": urlsafe_b64encode(b"f|2026-01-01T00:00:00|7").decode()}, "cursor"),
            ({"cursor": urlsafe_b64encode(b"x").decode()}, "cursor"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, client, manager, query, field):
        answer = read(client, manager, **query)

        assert answer.status_code == 400
        assert answer.json()["code"] == "validation_error"
        assert list(answer.json()["fields"]) == [field]

    def test_pages_forth_and_back_without_gap_or_repeat(self, client, manager, organization):
        now = timezone.now()
        # Ties in time across both tables: only the id tells them apart.
        for number in range(4):
            SampleJobFactory(organization=organization, created_at=now)
            make_message(organization, key=f"m-{number}", created_at=now)
        expected = [row["id"] for row in read(client, manager).json()["results"]]

        pages = [read(client, manager, limit=3).json()]
        while pages[-1]["next"]:
            pages.append(client.get(pages[-1]["next"], headers=bearer(manager)).json())
        back = client.get(pages[-1]["previous"], headers=bearer(manager)).json()
        first = client.get(back["previous"], headers=bearer(manager)).json()

        assert [row["id"] for page in pages for row in page["results"]] == expected
        assert [len(page["results"]) for page in pages] == [3, 3, 2]
        assert back["results"] == pages[1]["results"]
        assert first["results"] == pages[0]["results"]
        assert pages[0]["previous"] is None
        assert first["previous"] is None
        assert client.get(back["next"], headers=bearer(manager)).json() == pages[2]

    def test_pages_within_one_model(self, client, manager, organization):
        SampleJobFactory.create_batch(3, organization=organization)
        query = {"type": "sample.samplejob", "limit": 2}

        first = read(client, manager, **query).json()
        second = client.get(first["next"], headers=bearer(manager)).json()
        back = client.get(second["previous"], headers=bearer(manager)).json()

        assert [len(page["results"]) for page in (first, second)] == [2, 1]
        assert back["results"] == first["results"]

    def test_reads_each_table_once_whatever_the_number_of_jobs(
        self, client, manager, organization, django_assert_max_num_queries
    ):
        SampleJobFactory.create_batch(20, organization=organization)
        make_message(organization)
        headers = bearer(manager)

        # Token, user's membership, its last use; then the keys and one query per table.
        with django_assert_max_num_queries(6):
            answer = client.get(JOBS, headers=headers)

        assert len(answer.json()["results"]) == 21


class TestRetrieveJob:
    def test_shows_the_job_with_its_log(self, client, manager, organization):
        job = SampleJobFactory(organization=organization, progress=40)
        for message in ("first", "second"):
            JobEvent.objects.create(
                organization=organization,
                job_label="sample.samplejob",
                job_id=job.pk,
                message=message,
                created_at=timezone.now(),
            )

        answer = read(client, manager, f"{JOBS}/{job.pk}")

        assert answer.status_code == 200
        assert answer.json()["progress"] == 40
        assert [line["message"] for line in answer.json()["log"]] == ["first", "second"]

    def test_finds_jobs_of_every_model(self, client, manager, organization):
        message = make_message(organization)

        answer = read(client, manager, f"{JOBS}/{message.pk}")

        assert answer.json()["type"] == "jobs.outboxmessage"
        assert "secret" not in answer.content.decode()

    @pytest.mark.parametrize("role", Role)
    def test_is_open_to_every_role(self, client, organization, role):
        job = SampleJobFactory(organization=organization)
        member = make_member(role, organization=organization)

        assert read(client, member, f"{JOBS}/{job.pk}").status_code == 200


class TestUnknownJobs:
    @pytest.mark.parametrize("verb", ["", "/cancel", "/retry"])
    def test_unknown_malformed_and_foreign_ids_look_alike(self, client, manager, verb):
        foreign = SampleJobFactory(status="failed")
        method = client.post if verb else client.get

        answers = [
            method(
                f"{JOBS}/{job_id}{verb}", headers=bearer(manager), content_type="application/json"
            )
            for job_id in (uuid4(), "nonsense", "1", foreign.pk)
        ]

        assert [answer.status_code for answer in answers] == [404] * 4
        assert {answer.content for answer in answers} == {
            b'{"error":"Job not found","code":"job_not_found"}'
        }
        foreign.refresh_from_db()
        assert (foreign.status, foreign.cancel_requested_at) == ("failed", None)

    @pytest.mark.parametrize("tail", ["/", f"/{UUID(int=7)}/", f"/{UUID(int=7)}/pause"])
    def test_there_is_no_other_path(self, client, manager, tail):
        answer = read(client, manager, f"{JOBS}{tail}")

        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("application/json")


class TestCancelJob:
    @pytest.mark.parametrize("verb", ["cancel", "retry"])
    def test_a_get_is_refused_and_changes_nothing(self, client, manager, organization, verb):
        job = SampleJobFactory(organization=organization, failed=verb == "retry")
        before = SampleJob.objects.filter(pk=job.pk).values().get()

        answer = read(client, manager, f"{JOBS}/{job.pk}/{verb}")

        assert answer.status_code == 405
        assert SampleJob.objects.filter(pk=job.pk).values().get() == before

    def test_ends_a_waiting_job_at_once(self, client, manager, organization):
        job = SampleJobFactory(organization=organization)

        answer = post(client, manager, job, "cancel")

        assert answer.status_code == 200
        assert answer.json()["state"] == "cancelled"

    def test_asks_the_worker_of_a_running_job(self, client, manager, organization):
        job = SampleJobFactory(organization=organization, status="running")

        answer = post(client, manager, job, "cancel")

        assert answer.status_code == 202
        assert answer.headers["Location"] == f"{JOBS}/{job.pk}"
        assert answer.json()["cancel_requested_at"] is not None
        job.refresh_from_db()
        assert job.cancel_requested_by == manager

    @pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
    def test_refuses_an_ended_job(self, client, manager, organization, status):
        job = SampleJobFactory(organization=organization, status=status)

        answer = post(client, manager, job, "cancel")

        assert answer.status_code == 409
        assert answer.json() == {"error": f"Job is already {status}", "code": "job_finished"}

    @pytest.mark.parametrize(
        ("role", "is_own", "expected"),
        [
            (Role.VIEWER, True, 403),
            (Role.VIEWER, False, 403),
            (Role.OPERATOR, True, 200),
            (Role.OPERATOR, False, 403),
            (Role.MANAGER, True, 200),
            (Role.MANAGER, False, 200),
            (Role.OWNER, False, 200),
        ],
    )
    def test_operators_cancel_their_own_and_managers_all(
        self, client, organization, role, is_own, expected
    ):
        member = make_member(role, organization=organization)
        job = SampleJobFactory(organization=organization, created_by=member if is_own else None)

        answer = post(client, member, job, "cancel")

        assert answer.status_code == expected
        if expected == 403:
            assert answer.json()["code"] == "role_not_allowed"
            job.refresh_from_db()
            assert job.status == "queued"

    def test_answers_a_repeated_request_from_memory(self, client, manager, organization):
        job = SampleJobFactory(organization=organization)
        key = {"Idempotency-Key": "cancel-1"}

        first = post(client, manager, job, "cancel", **key)
        second = post(client, manager, job, "cancel", **key)

        assert first.status_code == second.status_code == 200
        assert second.headers["Idempotent-Replayed"] == "true"
        assert second.json() == first.json()


class TestRetryJob:
    def test_sends_a_failed_job_to_work_again(self, client, manager, organization):
        job = SampleJobFactory(organization=organization, failed=True)

        answer = post(client, manager, job, "retry", {"reason": "The file is there now"})

        assert answer.status_code == 202
        assert answer.headers["Location"] == f"{JOBS}/{job.pk}"
        assert (answer.json()["state"], answer.json()["error_code"]) == ("waiting", "")
        (event,) = JobEvent.objects.filter(job_id=job.pk)
        assert event.message == f"Retried by {manager}: The file is there now"

    @pytest.mark.parametrize("status", ["queued", "running", "completed", "cancelled"])
    def test_refuses_a_job_that_has_not_failed(self, client, manager, organization, status):
        job = SampleJobFactory(organization=organization, status=status)

        answer = post(client, manager, job, "retry")

        assert answer.status_code == 409
        assert answer.json()["code"] == "job_not_failed"

    def test_refuses_a_reason_that_is_too_long(self, client, manager, organization):
        job = SampleJobFactory(organization=organization, failed=True)

        answer = post(client, manager, job, "retry", {"reason": "x" * 501})

        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == ["reason"]

    @pytest.mark.parametrize(
        ("role", "expected"), [(Role.VIEWER, 403), (Role.OPERATOR, 403), (Role.MANAGER, 202)]
    )
    def test_needs_a_manager_even_for_an_own_job(self, client, organization, role, expected):
        member = make_member(role, organization=organization)
        job = SampleJobFactory(organization=organization, failed=True, created_by=member)

        assert post(client, member, job, "retry").status_code == expected


class TestStaff:
    @pytest.mark.parametrize(("verb", "status"), [("cancel", "queued"), ("retry", "failed")])
    @pytest.mark.parametrize(
        ("codename", "is_allowed"), [("{verb}_samplejob", True), ("view_samplejob", False)]
    )
    def test_needs_the_models_permission(self, client, verb, status, codename, is_allowed):
        staff = make_member(
            Role.OWNER,
            organization=OrganizationFactory(kind=OrganizationKind.OPERATOR),
            is_staff=True,
        )
        grant(staff, codename.format(verb=verb))
        job = SampleJobFactory(status=status)

        answer = post(client, staff, job, verb)

        assert (answer.status_code < 300) is is_allowed
        job.refresh_from_db()
        assert (job.status == status) is not is_allowed

    def test_without_any_membership_acts_by_permission(self, client):
        staff = grant(UserFactory(staff=True), "cancel_samplejob")
        client.force_login(staff)
        job = SampleJobFactory()

        answer = client.post(f"{JOBS}/{job.pk}/cancel", content_type="application/json")

        assert answer.status_code == 200
        assert answer.json()["state"] == "cancelled"

    def test_acting_for_another_organization_sees_and_touches_no_foreign_job(self, client):
        staff = grant(make_member(Role.OWNER, is_staff=True), "cancel_samplejob")
        job = SampleJobFactory()

        assert post(client, staff, job, "cancel").status_code == 404
