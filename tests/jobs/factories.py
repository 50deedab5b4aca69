import factory

from tests.accounts.factories import OrganizationFactory
from tests.jobs.sample.models import SampleJob


class SampleJobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SampleJob

    class Params:
        failed = factory.Trait(status="failed", error_code="sample_refused")

    organization = factory.SubFactory(OrganizationFactory)
