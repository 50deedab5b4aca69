from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import TenantModel
from jobs.models.job import Job, kernel_constraints, kernel_indexes, kernel_permissions
from jobs.states import States

OUTBOX_STATES = States(
    waiting="pending", active="sending", done="sent", failed="failed", cancelled="cancelled"
)


class OutboxMessage(Job):
    """An e-mail or a webhook call, written with its cause and sent by a worker afterwards."""

    class Kind(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"

    states: ClassVar[States] = OUTBOX_STATES

    status = models.CharField(
        max_length=20,
        choices=[(w, w) for w in OUTBOX_STATES],
        default="pending",
        db_default="pending",
    )
    max_attempts = models.SmallIntegerField(default=10, db_default=10)
    kind = models.CharField(max_length=10, choices=Kind)
    # The receiver sees it too: a message sent twice after a crash carries the same key.
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField()

    class Meta:
        db_table = "jobs_outbox"
        indexes = kernel_indexes("jobs_outbox", OUTBOX_STATES)
        constraints = [
            *kernel_constraints("jobs_outbox"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["email", "webhook"]), name="jobs_outbox_kind_valid"
            ),
        ]
        permissions = kernel_permissions("outboxmessage", "message")

    def __str__(self) -> str:
        return self.key


class WebhookEndpoint(TenantModel):
    """Where an organization wants its events; deliveries are signed (Standard Webhooks)."""

    url = models.URLField(max_length=500)
    # "whsec_" and base64: needed in clear to sign, so it is never shown again after creation.
    secret = models.CharField(max_length=100)
    events = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Names of events, or empty for all.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "jobs_webhook_endpoint"
        constraints = [
            models.UniqueConstraint("organization", "url", name="jobs_webhook_endpoint_once")
        ]

    def __str__(self) -> str:
        return self.url
