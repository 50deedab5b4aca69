from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import QueueSlice
from inventory.selectors.pace import MINUTES, Pace, get_pace, list_minutes
from tests.accounts.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def add_slice(organization, *, seconds_ago, completed, failed=0, run_ms=0):
    QueueSlice.objects.create(
        organization=organization,
        finished_at=timezone.now() - timedelta(seconds=seconds_ago),
        completed=completed,
        failed=failed,
        run_ms=run_ms,
    )


class TestGetPace:
    def test_counts_from_the_start_of_the_work(self, organization):
        """300 items in the 30 s since the first slice began."""
        add_slice(organization, seconds_ago=20, completed=190, failed=10, run_ms=10_000)
        add_slice(organization, seconds_ago=1, completed=100)
        add_slice(organization, seconds_ago=200, completed=9_000)
        add_slice(OrganizationFactory(), seconds_ago=1, completed=9_000)

        assert get_pace(organization.pk).per_minute == pytest.approx(600, rel=0.1)

    def test_of_a_queue_at_rest_is_nothing(self, organization):
        assert get_pace(organization.pk).per_minute == 0

    def test_of_the_first_second_is_that_of_a_second(self, organization):
        add_slice(organization, seconds_ago=0, completed=5)

        assert get_pace(organization.pk).per_minute == 300


class TestPace:
    def test_tells_how_long_the_rest_takes(self):
        assert Pace(600).time_for(1_200) == timedelta(minutes=2)
        assert Pace(0).time_for(10) is None


class TestListMinutes:
    def test_has_every_minute_the_oldest_first(self, organization):
        add_slice(organization, seconds_ago=5, completed=3, failed=1)
        add_slice(organization, seconds_ago=150, completed=2)
        add_slice(organization, seconds_ago=60 * MINUTES + 5, completed=9)

        minutes = list_minutes(organization.pk)

        assert [minute.ago for minute in minutes] == list(reversed(range(MINUTES)))
        assert [(m.ago, m.completed, m.failed) for m in minutes if m.completed] == [
            *((2, 2, 0), (0, 3, 1)),
        ]
