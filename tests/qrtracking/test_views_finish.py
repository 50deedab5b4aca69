"""The checklist before the end of production, and the end."""

import pytest
from django.urls import reverse

from accounts.models import Role
from qrtracking.models import MasterCode
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.pages import log_in, words
from tests.qrtracking.test_views_perfect import mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(organization):
    return make_generated_batch(
        units=20, per_case=10, organization=organization, warehouse_org=OrganizationFactory()
    )


def complete(client, batch, **fields):
    return client.post(reverse("scan:complete", args=[batch.pk]), fields, follow=True)


def status(batch):
    batch.refresh_from_db()
    return batch.status


class TestFinish:
    def test_completes_a_packed_batch(self, manager, batch):
        mark(manager, batch, "1, 2")

        text = words(complete(manager, batch))

        assert "Production completed successfully." in text
        assert status(batch) == "completed"

    def test_asks_for_a_reason_when_cases_are_missing(self, manager, batch):
        mark(manager, batch, "1")
        shown = words(manager.get(reverse("scan:finish", args=[batch.pk])))

        refused = words(complete(manager, batch))

        assert "no All cases are packed" in shown
        assert "Empty #2" in shown
        assert "Batch is not complete: 1 of 2 cases are packed." in refused
        assert status(batch) == "in_production"

    def test_completes_an_incomplete_batch_with_a_reason(self, manager, batch):
        mark(manager, batch, "1")

        complete(manager, batch, reason="Roll is used up")

        assert status(batch) == "completed"
        assert MasterCode.objects.get(batch=batch, case_number=1).status == "ready_to_ship"

    def test_offers_operators_no_button(self, manager, organization, batch):
        mark(manager, batch, "1, 2")
        operator = log_in(Role.OPERATOR, organization)

        shown = operator.get(reverse("scan:finish", args=[batch.pk]))

        assert "A manager can complete the production." in words(shown)
        assert complete(operator, batch).status_code == 403
        assert status(batch) == "in_production"
