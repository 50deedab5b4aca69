"""What was done in a batch, and its undo on the page of the batch."""

import pytest
from django.urls import reverse

from accounts.models import Role
from qrtracking.models import ScanEvent
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.factories import ScanEventFactory, make_generated_batch
from tests.qrtracking.pages import log_in, words
from tests.qrtracking.test_views_perfect import mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def batch(organization):
    return make_generated_batch(units=30, per_case=10, organization=organization)


@pytest.fixture
def operator(organization):
    return log_in(Role.OPERATOR, organization, username="olive")


def undo(client, batch):
    return client.post(reverse("scan:undo", args=[batch.pk]), follow=True)


def history(client, batch, **query):
    return client.get(reverse("scan:history", args=[batch.pk]), query)


class TestHistory:
    def test_says_what_was_done_and_who_undid_it(self, operator, batch):
        mark(operator, batch, "2")
        undo(operator, batch)

        text = words(history(operator, batch))

        assert "Perfect case · Case #2 · 10 units · olive · undone by olive" in text

    def test_shows_one_kind(self, operator, batch):
        mark(operator, batch, "2")
        undo(operator, batch)

        text = words(history(operator, batch, kind="undo"))

        assert "Undone · Case #2" in text
        assert "Perfect case · Case #2" not in text

    def test_leads_to_what_is_older(self, operator, batch):
        for number in range(51):
            ScanEventFactory(batch=batch, note=f"note {number}.")

        newest = history(operator, batch)
        older = history(operator, batch, before=str(newest.context["older"]))

        assert "note 0." not in words(newest)
        assert "note 0." in words(older)
        assert older.context["older"] is None

    @pytest.mark.parametrize("query", [{"kind": "x' OR 1=1"}, {"before": "abc"}])
    def test_ignores_a_damaged_address(self, operator, batch, query):
        assert "Nothing was done yet." in words(history(operator, batch, **query))


class TestUndo:
    def test_takes_back_the_last_action(self, operator, batch):
        mark(operator, batch, "2")

        text = words(undo(operator, batch))

        assert "Undone: 10 units taken out of Case #2." in text
        assert "0 of 30 units" in text

    def test_says_that_nothing_is_left(self, operator, batch):
        assert "Nothing to undo" in words(undo(operator, batch))
        assert not ScanEvent.objects.exists()
