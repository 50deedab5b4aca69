from datetime import timedelta

import factory
from django.db.models.functions import Now

from jobs.models import OutboxMessage, WebhookEndpoint
from tests.accounts.factories import OrganizationFactory
from tests.jobs.sample.models import SampleJob


class SampleJobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SampleJob

    class Params:
        failed = factory.Trait(status="failed", error_code="sample_refused")
        # A worker has it, and is alive.
        running = factory.Trait(
            status="running",
            lease_token=7,
            lease_owner="host:1:other",
            lease_expires_at=Now() + timedelta(minutes=1),
        )
        # A worker had it, and is gone.
        stuck = factory.Trait(
            status="running",
            lease_token=7,
            lease_owner="host:1:gone",
            lease_expires_at=Now() - timedelta(seconds=1),
        )
        later = factory.Trait(run_after=Now() + timedelta(hours=1))

    organization = factory.SubFactory(OrganizationFactory)

    @classmethod
    def _create(cls, model_class: type[SampleJob], *args: object, **kwargs: object) -> SampleJob:
        job: SampleJob = super()._create(model_class, *args, **kwargs)
        job.refresh_from_db()
        return job


class OutboxMessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxMessage

    organization = factory.SubFactory(OrganizationFactory)
    kind = OutboxMessage.Kind.EMAIL
    key = factory.Sequence(lambda number: f"message-{number}")
    payload = factory.LazyFunction(
        lambda: {"to": ["buyer@example.com"], "subject": "Done", "body": "It is done."}
    )


class WebhookEndpointFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WebhookEndpoint

    organization = factory.SubFactory(OrganizationFactory)
    url = "http://localhost/hook"
    secret = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtMTI="
