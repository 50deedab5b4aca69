"""What people and other programs hear of a job that has ended, word for word."""

import pytest
from django.core import mail

from accounts.models import Role
from jobs.models import OutboxMessage, WebhookEndpoint
from jobs.runner import run_due_jobs, run_job
from jobs.services import cancel_job, retry_job
from qrtracking.models import Batch, ReverseJob
from qrtracking.services.reverse_jobs import submit_reverse_job
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(order_no="ORD-HM-1125-02")


@pytest.fixture
def operator(batch):
    return make_member(Role.OPERATOR, organization=batch.organization, email="op@example.org")


@pytest.fixture
def webhook(batch) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        organization=batch.organization, url="https://example.com/hook", secret="whsec_x"
    )


def submit(operator, batch, *excludes, **options) -> ReverseJob:
    return submit_reverse_job(
        actor=operator,
        batch_id=batch.pk,
        order_id=batch.order_id,
        exclude_codes=list(excludes),
        **options,
    )


def fail(operator, batch, **options) -> ReverseJob:
    """A job whose batch leaves the packing before a worker has it."""
    job = submit(operator, batch, **options)
    Batch.objects.filter(pk=batch.pk).update(status="completed")
    return run_job(job)


def bodies() -> list[dict]:
    hooks = OutboxMessage.objects.filter(kind="webhook").order_by("created_at", "id")
    return [message.payload["body"] for message in hooks]


def read_mail():
    OutboxMessage.objects.filter(kind="webhook").delete()
    run_due_jobs()
    (message,) = mail.outbox
    return message


class TestEMail:
    def test_of_completion_gives_totals_what_was_not_found_and_a_link(self, batch, operator):
        pack(batch, 10, [7])
        job = run_job(submit(operator, batch, "5", "zzz", "20-15"))

        message = read_mail()

        assert message.subject == "Prepared 998 codes for ORD-HM-1125-02"
        assert message.to == ["op@example.org"]
        assert message.body == "\n".join(
            [
                "Prepared: 998",
                "Already in the queue: 0",
                "No longer available: 0",
                "Excluded: 1",
                "Available in the batch: 999",
                "",
                "Entries that name no unit of this batch (2):",
                "zzz",
                "20-15",
                "",
                f"http://testserver/scan/jobs/{job.pk}/",
                "",
            ]
        )

    def test_of_completion_says_nothing_of_entries_when_all_were_found(self, batch, operator):
        run_job(submit(operator, batch, "5"))

        assert "name no unit" not in read_mail().body

    def test_of_failure_gives_the_reason_and_what_to_do(self, batch, operator):
        job = fail(operator, batch)

        message = read_mail()

        assert message.subject == "Preparing codes failed for ORD-HM-1125-02"
        assert message.body == "\n".join(
            [
                "Batch is not ready for packing (completed)",
                "",
                "Prepared so far: 0",
                "What to do next: open the job, read its log and retry it.",
                "",
                f"http://testserver/scan/jobs/{job.pk}/",
                "",
            ]
        )

    def test_comes_again_after_a_retry(self, batch, operator):
        failed = fail(operator, batch)
        Batch.objects.filter(pk=batch.pk).update(status="generated")

        run_job(retry_job(failed, actor=operator))
        run_due_jobs()

        assert sorted(message.subject for message in mail.outbox) == [
            "Prepared 1000 codes for ORD-HM-1125-02",
            "Preparing codes failed for ORD-HM-1125-02",
        ]

    @pytest.mark.parametrize("end", ["completed", "failed"])
    def test_goes_to_nobody_who_did_not_want_it(self, batch, operator, end):
        if end == "failed":
            fail(operator, batch, notify_email=False)
        else:
            run_job(submit(operator, batch, notify_email=False))

        assert not OutboxMessage.objects.exists()

    def test_goes_to_nobody_without_an_address(self, batch):
        nowhere = make_member(Role.OPERATOR, organization=batch.organization, email="")

        run_job(submit(nowhere, batch))

        assert not OutboxMessage.objects.exists()

    def test_of_a_cancelled_job_is_not_sent(self, batch, operator, webhook):
        cancel_job(submit(operator, batch), actor=operator)

        assert not OutboxMessage.objects.exists()


class TestWebhook:
    def test_of_completion_has_the_summary(self, batch, operator, webhook):
        job = run_job(submit(operator, batch, "5", notify_email=False))

        (body,) = bodies()

        assert body["type"] == "qr.reverse_job.completed"
        assert body["timestamp"] == job.completed_at.isoformat()
        assert body["data"] == {
            "job_id": str(job.pk),
            "batch_id": str(batch.pk),
            "order_id": str(batch.order_id),
            "order_no": "ORD-HM-1125-02",
            "status": "completed",
            "result_summary": job.result_summary,
            "error_code": "",
            "error_message": None,
        }
        assert body["data"]["result_summary"]["prepared"] == 999

    def test_of_failure_has_code_and_reason(self, batch, operator, webhook):
        fail(operator, batch, notify_email=False)

        (body,) = bodies()

        assert body["type"] == "qr.reverse_job.failed"
        assert body["data"]["error_code"] == "batch_not_ready"
        assert body["data"]["error_message"] == "Batch is not ready for packing (completed)"
        assert body["data"]["result_summary"] is None

    def test_is_of_no_concern_to_other_organizations(self, batch, operator):
        WebhookEndpoint.objects.create(
            organization=OrganizationFactory(), url="https://example.com/hook", secret="whsec_x"
        )

        run_job(submit(operator, batch, notify_email=False))

        assert bodies() == []

    def test_goes_only_where_this_event_is_wanted(self, batch, operator, webhook):
        webhook.events = ["qr.reverse_job.failed"]
        webhook.save()

        run_job(submit(operator, batch, notify_email=False))

        assert bodies() == []
