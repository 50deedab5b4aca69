import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_httpserver import HTTPServer
from standardwebhooks.webhooks import Webhook
from werkzeug import Request, Response

from jobs import outbox
from jobs.models import OutboxMessage, WebhookEndpoint
from jobs.outbox import new_webhook_secret, queue_email, queue_event
from jobs.runner import run_due_jobs, run_job
from tests.accounts.factories import OrganizationFactory
from tests.jobs.factories import OutboxMessageFactory, WebhookEndpointFactory
from tests.jobs.observe import count_doorbells, log_messages

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def email(organization: Any, key: str = "job-1-done") -> OutboxMessage | None:
    return queue_email(
        organization_id=organization.pk,
        to=["buyer@example.com"],
        subject="Your batch is ready",
        body="12,000 codes",
        key=key,
    )


def event(endpoint: WebhookEndpoint, key: str = "job-1-done", **data: Any) -> list[OutboxMessage]:
    return queue_event(
        organization_id=endpoint.organization_id,
        event="job.done",
        data=data or {"written": 10},
        key=key,
        at=AT,
    )


def send(message: OutboxMessage) -> OutboxMessage:
    run_job(message)
    message.refresh_from_db()
    return message


class TestQueueEmail:
    @pytest.mark.usefixtures("doorbell")
    def test_writes_a_message_and_rings(self) -> None:
        message = email(OrganizationFactory())

        assert message is not None
        assert message.status == "pending"
        assert count_doorbells() == 1
        assert mail.outbox == []

    @pytest.mark.usefixtures("doorbell")
    def test_writes_nothing_for_a_cause_that_happens_again(self) -> None:
        organization = OrganizationFactory()
        email(organization)

        assert email(organization) is None

        assert OutboxMessage.objects.count() == 1
        assert count_doorbells() == 1

    def test_is_taken_back_with_its_cause(self) -> None:
        organization = OrganizationFactory()

        with transaction.atomic():
            email(organization)
            transaction.set_rollback(True)

        assert not OutboxMessage.objects.exists()


class TestQueueEvent:
    def test_writes_one_message_for_each_endpoint_that_wants_it(self) -> None:
        organization = OrganizationFactory()
        for number, events in enumerate([[], ["job.done", "job.failed"], ["job.failed"]]):
            WebhookEndpointFactory(
                organization=organization, url=f"http://localhost/{number}", events=events
            )
        WebhookEndpointFactory(organization=organization, url="http://off/", is_active=False)
        endpoint = WebhookEndpointFactory()

        messages = queue_event(
            organization_id=organization.pk, event="job.done", data={}, key="k", at=AT
        )

        assert len(messages) == 2
        assert not any(message.key.endswith(str(endpoint.pk)) for message in messages)

    def test_writes_nothing_for_a_cause_that_happens_again(self) -> None:
        endpoint = WebhookEndpointFactory()
        event(endpoint)

        assert event(endpoint) == []


class TestSendEmail:
    def test_sends_it_once(self) -> None:
        message = email(OrganizationFactory())
        assert message is not None

        sent = send(message)
        run_due_jobs()

        assert sent.status == "sent"
        assert sent.result_summary == {"accepted": 1}
        assert [(letter.to, letter.subject, letter.body) for letter in mail.outbox] == [
            (["buyer@example.com"], "Your batch is ready", "12,000 codes")
        ]
        assert mail.outbox[0].extra_headers == {"X-Idempotency-Key": "job-1-done"}

    def test_comes_back_later_when_the_mail_server_is_away(
        self, settings: Any, unused_port: int
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port

        message = send(OutboxMessageFactory())

        assert message.status == "pending"
        assert message.error_code == "temporary_failure"


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def endpoint(httpserver: HTTPServer) -> WebhookEndpoint:
    return WebhookEndpointFactory(url=httpserver.url_for("/hook"), secret=new_webhook_secret())


class TestSendWebhook:
    def test_posts_a_body_whose_signature_the_receiver_can_verify(
        self, httpserver: HTTPServer, endpoint: WebhookEndpoint
    ) -> None:
        httpserver.expect_oneshot_request("/hook", method="POST").respond_with_data("ok")

        message = send(event(endpoint, name="Zoë")[0])

        assert message.status == "sent"
        assert message.result_summary == {"status": 200}
        request, _ = httpserver.log[0]
        body = request.get_data()
        verified = Webhook(endpoint.secret).verify(body, dict(request.headers))
        assert verified == {
            "type": "job.done",
            "timestamp": "2026-03-04T05:06:00+00:00",
            "data": {"name": "Zoë"},
        }
        assert request.headers["webhook-id"] == message.key
        assert request.headers["content-type"] == "application/json"
        assert json.loads(body) == verified

    @pytest.mark.parametrize(
        "host", ["localhost", "127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]"]
    )
    def test_calls_nobody_inside_our_own_network(self, settings: Any, host: str) -> None:
        settings.WEBHOOK_PRIVATE_ADDRESSES = False
        inside = WebhookEndpointFactory(url=f"http://{host}/", secret=new_webhook_secret())

        message = send(event(inside)[0])

        assert message.status == "failed"
        assert message.error_message == "The webhook's address is not on the public internet."

    def test_signs_every_try_with_its_own_time(
        self, httpserver: HTTPServer, endpoint: WebhookEndpoint
    ) -> None:
        """Receivers refuse a timestamp that is more than five minutes old."""
        httpserver.expect_request("/hook").respond_with_data("ok")
        before = timezone.now()

        send(event(endpoint)[0])

        stamp = int(httpserver.log[0][0].headers["webhook-timestamp"])
        assert abs(stamp - before.timestamp()) < 60

    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
    def test_comes_back_later_when_the_receiver_says_so(
        self, httpserver: HTTPServer, endpoint: WebhookEndpoint, status: int
    ) -> None:
        httpserver.expect_request("/hook").respond_with_data("no", status=status)

        message = send(event(endpoint)[0])

        assert message.status == "pending"
        assert message.attempts == 1
        assert log_messages(message)[-1] == "Retrying in 1 s: temporary_failure"

    def test_carries_the_same_id_in_every_try(
        self, httpserver: HTTPServer, endpoint: WebhookEndpoint
    ) -> None:
        answers = iter([503, 200])

        def answer(request: Request) -> Response:
            return Response(status=next(answers))

        httpserver.expect_request("/hook").respond_with_handler(answer)
        message = send(event(endpoint)[0])
        OutboxMessage.objects.update(run_after=Now())

        assert send(message).status == "sent"

        assert len({request.headers["webhook-id"] for request, _ in httpserver.log}) == 1

    @pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422])
    def test_fails_for_good_when_the_receiver_refuses_it(
        self, httpserver: HTTPServer, endpoint: WebhookEndpoint, status: int
    ) -> None:
        httpserver.expect_request("/hook").respond_with_data(
            "no", status=status, headers={"Location": httpserver.url_for("/elsewhere")}
        )

        message = send(event(endpoint)[0])

        assert message.status == "failed"
        assert message.error_code == "webhook_refused"
        assert str(status) in message.error_message
        assert len(httpserver.log) == 1

    def test_gives_up_on_a_receiver_that_stays_away(
        self, endpoint: WebhookEndpoint, unused_port: int
    ) -> None:
        WebhookEndpoint.objects.update(url=f"http://127.0.0.1:{unused_port}/")
        message = event(endpoint)[0]
        OutboxMessage.objects.update(attempts=9)

        failed = send(message)

        assert failed.status == "failed"
        assert failed.error_code == "temporary_failure"
        assert failed.error_message == "A service that this job needs did not answer."

    def test_comes_back_later_when_the_answer_takes_too_long(
        self, httpserver: HTTPServer, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outbox, "WEBHOOK_TIMEOUT_SECONDS", 0.1)
        gave_up = threading.Event()

        def answer_too_late(request: Request) -> Response:
            gave_up.wait(30)
            return Response()

        httpserver.expect_request("/hook").respond_with_handler(answer_too_late)

        message = send(event(endpoint)[0])
        gave_up.set()

        assert message.status == "pending"
        assert message.error_code == "temporary_failure"

    @pytest.mark.parametrize(
        "change",
        [{"is_active": False}, {"organization": "another"}],
        ids=["switched off", "of another organization"],
    )
    def test_sends_nothing_to_an_endpoint_that_is_gone(
        self, httpserver: HTTPServer, endpoint: WebhookEndpoint, change: dict[str, Any]
    ) -> None:
        message = event(endpoint)[0]
        if "organization" in change:
            change = {"organization": OrganizationFactory()}
        WebhookEndpoint.objects.update(**change)

        failed = send(message)

        assert failed.status == "failed"
        assert failed.error_code == "webhook_endpoint_gone"
        assert httpserver.log == []


class TestNewWebhookSecret:
    def test_is_new_each_time_and_signs(self) -> None:
        first, second = new_webhook_secret(), new_webhook_secret()

        assert first != second
        assert Webhook(first).sign("id", timezone.now() - timedelta(hours=1), "{}")
