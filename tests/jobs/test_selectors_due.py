from typing import Any

import pytest
from django.db.models.functions import Now

from jobs.models import OutboxMessage, PausedJobType
from jobs.selectors import CANDIDATES, list_next_due, only_open
from tests.accounts.factories import OrganizationFactory
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory
from tests.jobs.sample.models import SampleJob

pytestmark = pytest.mark.django_db


class TestListNextDue:
    def test_leads_with_the_smallest_priority_number(self) -> None:
        low, high = SampleJobFactory(priority=9), SampleJobFactory(priority=1)

        assert list_next_due(SampleJob) == [high.pk, low.pk]

    def test_names_one_job_of_each_organization_the_longest_waiting(self) -> None:
        first = SampleJobFactory()
        SampleJobFactory.create_batch(3, organization=first.organization)
        other = SampleJobFactory()

        assert set(list_next_due(SampleJob)) == {first.pk, other.pk}

    def test_prefers_the_organization_with_the_fewest_running_jobs(self) -> None:
        busy, idle = SampleJobFactory(), SampleJobFactory()
        SampleJobFactory(organization=busy.organization, running=True)

        assert list_next_due(SampleJob) == [idle.pk, busy.pk]

    def test_puts_priority_above_fairness(self) -> None:
        urgent = SampleJobFactory(priority=1)
        SampleJobFactory(organization=urgent.organization, running=True)
        SampleJobFactory()

        assert list_next_due(SampleJob)[0] == urgent.pk

    def test_gives_each_organization_its_turn(self) -> None:
        organizations = sorted(OrganizationFactory.create_batch(3), key=lambda o: o.pk)
        for organization in organizations:
            SampleJobFactory(organization=organization)
        last = None
        turns = []
        for _ in range(6):
            first = list_next_due(SampleJob, served_last=last)[0]
            last = SampleJob.objects.get(pk=first).organization_id
            turns.append(last)

        assert turns == [organization.pk for organization in organizations] * 2

    def test_takes_over_what_a_lost_worker_left_before_anything_else(self) -> None:
        SampleJobFactory(priority=1)
        stuck = SampleJobFactory(stuck=True, priority=9)

        assert list_next_due(SampleJob) == [stuck.pk]

    def test_leaves_out_what_was_passed_over(self) -> None:
        first = SampleJobFactory()
        second = SampleJobFactory(organization=first.organization)
        stuck = SampleJobFactory(stuck=True)

        assert list_next_due(SampleJob, passed_over={stuck.pk, first.pk}) == [second.pk]

    @pytest.mark.parametrize(
        "traits",
        [{"later": True}, {"running": True}, {"failed": True}, {"kind": "unheard_of"}],
        ids=str,
    )
    def test_leaves_out_what_cannot_run(self, traits: dict[str, Any]) -> None:
        SampleJobFactory(**traits)

        assert list_next_due(SampleJob) == []

    def test_leaves_out_a_paused_type(self) -> None:
        SampleJobFactory()
        slow = SampleJobFactory(kind="slow")
        PausedJobType.objects.create(name="sample.samplejob:count")

        assert list_next_due(SampleJob) == [slow.pk]

    @pytest.mark.parametrize(("queue", "number"), [(None, 1), ("io", 1), ("default", 0)])
    def test_knows_the_queue_of_a_model_with_one_handler(
        self, queue: str | None, number: int
    ) -> None:
        OutboxMessageFactory()

        assert len(list_next_due(OutboxMessage, queue=queue)) == number

    @pytest.mark.parametrize(("queue", "number"), [(None, 1), ("default", 1), ("heavy", 0)])
    def test_knows_the_queue_of_a_type(self, queue: str | None, number: int) -> None:
        SampleJobFactory()

        assert len(list_next_due(SampleJob, queue=queue)) == number

    def test_names_no_more_than_a_handful(self) -> None:
        for organization in OrganizationFactory.create_batch(CANDIDATES + 3):
            SampleJobFactory(organization=organization)

        assert len(list_next_due(SampleJob)) == CANDIDATES

    def test_reads_three_short_lists_and_no_backlog(self, django_assert_num_queries: Any) -> None:
        """Paused types, expired leases, the head of each organization, and their order."""
        SampleJobFactory.create_batch(3)

        with django_assert_num_queries(4):
            list_next_due(SampleJob)


class TestOnlyOpen:
    def test_is_empty_when_every_type_is_paused(self) -> None:
        OutboxMessageFactory()
        PausedJobType.objects.create(name="jobs.outboxmessage", paused_at=Now())

        assert not only_open(OutboxMessage.objects.all()).exists()
