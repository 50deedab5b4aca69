from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.messages import get_messages
from django.utils import timezone

from jobs.models import JobEvent, OutboxMessage, PausedJobType, WebhookEndpoint, WorkerHost
from tests.accounts.factories import OrganizationFactory, UserFactory, grant, make_member
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory, WebhookEndpointFactory

pytestmark = pytest.mark.django_db

TYPES = "/admin/jobs/pausedjobtype/"
COUNT = "sample.samplejob:count"
ENDPOINTS = "/admin/jobs/webhookendpoint/"
VERBS = ["pause", "resume"]


def staff(*codenames):
    return grant(UserFactory(staff=True), *codenames)


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


class TestJobTypes:
    def test_sends_the_anonymous_to_the_login(self, client):
        for path in [TYPES, *(f"{TYPES}{COUNT}/{verb}/" for verb in VERBS)]:
            assert client.get(path).url.startswith("/admin/login/")

    def test_refuses_staff_without_permissions(self, client):
        client.force_login(staff())

        for path in [TYPES, *(f"{TYPES}{COUNT}/{verb}/" for verb in VERBS)]:
            assert client.get(path).status_code == 403

    def test_shows_viewers_every_type_and_no_button(self, client):
        client.force_login(staff("view_pausedjobtype"))
        SampleJobFactory.create_batch(2)
        SampleJobFactory(kind="slow", running=True)
        PausedJobType.objects.create(name=COUNT, reason="The supplier is closed")

        answer = client.get(TYPES)

        loads = {load.name: load for load in answer.context["types"]}
        assert (loads[COUNT].waiting, loads[COUNT].active) == ("2", "0")
        assert (loads["sample.samplejob:slow"].waiting, loads["sample.samplejob:slow"].active) == (
            "0",
            "1",
        )
        assert "The supplier is closed" in answer.content.decode()
        assert "/pause/" not in answer.content.decode()

    @pytest.mark.parametrize("verb", VERBS)
    def test_refuses_viewers_the_verbs(self, client, verb):
        client.force_login(staff("view_pausedjobtype"))

        assert client.get(f"{TYPES}{COUNT}/{verb}/").status_code == 403
        assert client.post(f"{TYPES}{COUNT}/{verb}/", {"reason": "x"}).status_code == 403
        assert not PausedJobType.objects.exists()

    def test_asking_changes_nothing(self, client):
        client.force_login(staff("pause_job_type"))
        PausedJobType.objects.create(name="sample.samplejob:slow")

        pause = client.get(f"{TYPES}{COUNT}/pause/")
        resume = client.get(f"{TYPES}sample.samplejob:slow/resume/")

        assert "are you sure?" in pause.content.decode()
        assert "are you sure?" in resume.content.decode()
        assert PausedJobType.objects.get().name == "sample.samplejob:slow"

    def test_pauses_with_name_and_reason(self, client):
        person = staff("pause_job_type")
        client.force_login(person)

        answer = client.post(f"{TYPES}{COUNT}/pause/", {"reason": "Wrong price list"})

        paused = PausedJobType.objects.get()
        assert (paused.name, paused.reason, paused.paused_by) == (
            COUNT,
            "Wrong price list",
            person,
        )
        assert answer.url == TYPES
        assert messages_of(answer) == [f"{COUNT} is paused."]

    def test_resumes(self, client):
        client.force_login(staff("pause_job_type"))
        PausedJobType.objects.create(name=COUNT)

        answer = client.post(f"{TYPES}{COUNT}/resume/")

        assert not PausedJobType.objects.exists()
        assert messages_of(answer) == [f"{COUNT} goes on."]

    def test_asks_again_for_a_reason_that_is_too_long(self, client):
        client.force_login(staff("pause_job_type"))

        answer = client.post(f"{TYPES}{COUNT}/pause/", {"reason": "x" * 501})

        assert answer.status_code == 200
        assert not PausedJobType.objects.exists()

    @pytest.mark.parametrize("verb", VERBS)
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_knows_registered_types_only(self, client, verb, method):
        client.force_login(staff("pause_job_type"))

        answer = getattr(client, method)(f"{TYPES}nobody.knows/{verb}/", {"reason": ""})

        assert answer.status_code == 404

    def test_counts_only_jobs_that_the_person_may_see(self, client):
        SampleJobFactory()
        stranger = grant(make_member(is_staff=True), "view_pausedjobtype")
        client.force_login(stranger)

        loads = {load.name: load for load in client.get(TYPES).context["types"]}

        assert loads[COUNT].waiting == "0"

    def test_takes_the_same_number_of_queries_whatever_the_number_of_types(
        self, client, django_assert_max_num_queries
    ):
        client.force_login(staff("view_pausedjobtype"))

        # Session, user, memberships (two), permissions (two), counts, paused.
        with django_assert_max_num_queries(8):
            client.get(TYPES)


class TestWorkerHosts:
    def test_tells_the_living_from_the_silent(self, client):
        client.force_login(staff("view_workerhost"))
        facts = {"host": "h", "queue": "default", "workers": 2}
        WorkerHost.objects.create(name="living", **facts)
        WorkerHost.objects.create(
            name="silent", seen_at=timezone.now() - timedelta(hours=1), **facts
        )

        rows = client.get("/admin/jobs/workerhost/").context["cl"].result_list

        assert {host.name: host.alive for host in rows} == {"living": True, "silent": False}

    def test_is_read_only(self, admin_client):
        host = WorkerHost.objects.create(name="h", host="h", queue="default", workers=2)

        assert admin_client.get("/admin/jobs/workerhost/add/").status_code == 403
        answer = admin_client.post(f"/admin/jobs/workerhost/{host.pk}/change/", {"name": "x"})

        assert answer.status_code == 403
        assert admin_client.get(f"/admin/jobs/workerhost/{host.pk}/change/").status_code == 200


class TestEngine:
    def test_shows_nothing_of_the_engine_but_its_schedules(self):
        shown = {m.__name__ for m in admin.site._registry if m._meta.app_label == "django_q"}

        assert shown == {"Schedule"}

    def test_lets_nobody_change_a_schedule(self, admin_client):
        schedule = apps.get_model("django_q", "Schedule").objects.create(
            name="probe", func="jobs.tasks.run_schedule", schedule_type="I", minutes=5
        )
        path = f"/admin/django_q/schedule/{schedule.pk}/change/"

        assert "every 5 min" in admin_client.get(path).content.decode()
        assert admin_client.post(path, {"func": "os.system"}).status_code == 403
        assert admin_client.get("/admin/django_q/schedule/add/").status_code == 403
        schedule.refresh_from_db()
        assert schedule.func == "jobs.tasks.run_schedule"


class TestJobEvents:
    def make(self, level, message, **fields):
        return JobEvent.objects.create(
            organization=fields.pop("organization", None) or OrganizationFactory(),
            job_label="sample.samplejob",
            job_id=SampleJobFactory().pk,
            level=level,
            message=message,
            **fields,
        )

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, {"fine", "careful", "broken"}),
            ({"level": "trouble"}, {"careful", "broken"}),
            ({"level": "error"}, {"broken"}),
            ({"level": "info"}, set()),
        ],
    )
    def test_filters_by_level(self, client, query, expected):
        client.force_login(staff("view_jobevent"))
        for level, message in (("info", "fine"), ("warn", "careful"), ("error", "broken")):
            self.make(level, message)

        rows = client.get("/admin/jobs/jobevent/", query).context["cl"].result_list

        assert {event.message for event in rows} == expected

    def test_finds_the_lines_of_a_job(self, client):
        client.force_login(staff("view_jobevent"))
        event = self.make("info", "mine")
        self.make("info", "other")

        rows = client.get("/admin/jobs/jobevent/", {"q": str(event.job_id)})

        assert list(rows.context["cl"].result_list) == [event]

    def test_leads_to_the_job_where_it_has_a_page(self, client):
        client.force_login(staff("view_jobevent"))
        event = self.make("info", "known")
        JobEvent.objects.filter(pk=self.make("info", "unknown").pk).update(job_label="gone.job")

        shown = client.get("/admin/jobs/jobevent/").content.decode()

        assert f"/admin/sample/samplejob/{event.job_id}/change/" in shown
        assert "gone.job …" in shown

    def test_hides_other_organizations(self, client):
        client.force_login(grant(make_member(is_staff=True), "view_jobevent"))
        event = self.make("info", "foreign")

        assert list(client.get("/admin/jobs/jobevent/").context["cl"].result_list) == []
        assert client.get(f"/admin/jobs/jobevent/{event.pk}/change/").status_code == 404

    def test_is_read_only(self, admin_client):
        event = self.make("info", "said")

        path = f"/admin/jobs/jobevent/{event.pk}/change/"

        assert admin_client.post(path, {"message": "unsaid"}).status_code == 403
        assert admin_client.get("/admin/jobs/jobevent/add/").status_code == 403


class TestOutboxMessages:
    def test_shows_message_state_and_advice(self, client):
        client.force_login(staff("view_outboxmessage"))
        message = OutboxMessageFactory(status="failed", error_code="webhook_refused")

        listed = client.get("/admin/jobs/outboxmessage/").content.decode()
        shown = client.get(f"/admin/jobs/outboxmessage/{message.pk}/change/").content.decode()

        assert message.key in listed
        assert "ask for the reason there" in shown

    def test_is_sent_again_by_a_person_with_the_permission(self, client):
        client.force_login(staff("view_outboxmessage", "retry_outboxmessage"))
        message = OutboxMessageFactory(status="failed")

        client.post(f"/admin/jobs/outboxmessage/{message.pk}/retry/", {"reason": "Address fixed"})

        message.refresh_from_db()
        assert message.status == "pending"

    def test_is_found_by_its_key(self, client):
        client.force_login(staff("view_outboxmessage"))
        message, _ = OutboxMessageFactory(key="invoice:7"), OutboxMessageFactory()

        rows = client.get("/admin/jobs/outboxmessage/", {"q": "invoice:7"})

        assert list(rows.context["cl"].result_list) == [message]

    def test_hides_other_organizations(self, client):
        client.force_login(grant(make_member(is_staff=True), "view_outboxmessage"))
        message = OutboxMessageFactory()

        assert list(client.get("/admin/jobs/outboxmessage/").context["cl"].result_list) == []
        path = f"/admin/jobs/outboxmessage/{message.pk}/change/"
        assert client.get(path).status_code == 404
        assert OutboxMessage.objects.get().status == "pending"


class TestWebhookEndpoints:
    RIGHTS = ["add_webhookendpoint", "change_webhookendpoint", "view_webhookendpoint"]

    def test_shows_the_secret_once_when_it_is_made(self, client):
        client.force_login(staff(*self.RIGHTS))
        organization = OrganizationFactory()

        answer = client.post(
            f"{ENDPOINTS}add/",
            {
                "organization": str(organization.pk),
                "url": "https://example.com/hook",
                "events": "job.completed,job.failed",
                "is_active": "on",
            },
        )

        endpoint = WebhookEndpoint.objects.get()
        assert endpoint.secret.startswith("whsec_")
        assert endpoint.events == ["job.completed", "job.failed"]
        assert endpoint.secret in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]

    def test_never_shows_it_again(self, client):
        client.force_login(staff(*self.RIGHTS))
        endpoint = WebhookEndpointFactory()

        pages = [
            ENDPOINTS,
            f"{ENDPOINTS}{endpoint.pk}/change/",
            f"{ENDPOINTS}{endpoint.pk}/history/",
        ]

        for path in pages:
            assert endpoint.secret not in client.get(path).content.decode()

    def test_asks_before_a_new_secret(self, client):
        client.force_login(staff(*self.RIGHTS))
        endpoint = WebhookEndpointFactory()

        answer = client.get(f"{ENDPOINTS}{endpoint.pk}/new-secret/")

        assert "are you sure?" in answer.content.decode()
        assert WebhookEndpoint.objects.get().secret == endpoint.secret

    def test_makes_a_new_secret_and_shows_it(self, client):
        client.force_login(staff(*self.RIGHTS))
        endpoint = WebhookEndpointFactory()

        answer = client.post(f"{ENDPOINTS}{endpoint.pk}/new-secret/")

        renewed = WebhookEndpoint.objects.get().secret
        assert renewed != endpoint.secret
        assert renewed in answer.content.decode()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_refuses_viewers_a_new_secret(self, client, method):
        client.force_login(staff("view_webhookendpoint"))
        endpoint = WebhookEndpointFactory()

        answer = getattr(client, method)(f"{ENDPOINTS}{endpoint.pk}/new-secret/")

        assert answer.status_code == 403
        assert WebhookEndpoint.objects.get().secret == endpoint.secret

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_hides_other_organizations(self, client, method):
        client.force_login(grant(make_member("owner", is_staff=True), *self.RIGHTS))
        endpoint = WebhookEndpointFactory()

        for page in ("change", "new-secret"):
            assert getattr(client, method)(f"{ENDPOINTS}{endpoint.pk}/{page}/").status_code == 404
        assert WebhookEndpoint.objects.get().secret == endpoint.secret

    def test_cannot_be_made_for_another_organization(self, client):
        client.force_login(grant(make_member("owner", is_staff=True), *self.RIGHTS))

        answer = client.post(
            f"{ENDPOINTS}add/",
            {"organization": str(OrganizationFactory().pk), "url": "https://example.com/hook"},
        )

        assert answer.status_code == 200
        assert not WebhookEndpoint.objects.exists()

    def test_stays_with_its_organization(self, client):
        client.force_login(staff(*self.RIGHTS))
        endpoint = WebhookEndpointFactory()

        client.post(
            f"{ENDPOINTS}{endpoint.pk}/change/",
            {"organization": str(OrganizationFactory().pk), "url": "https://example.com/new"},
        )

        changed = WebhookEndpoint.objects.get()
        assert changed.organization == endpoint.organization
        assert changed.url == "https://example.com/new"
        assert changed.secret == endpoint.secret
