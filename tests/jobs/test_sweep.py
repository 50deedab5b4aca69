from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from jobs import sweep as sweeping
from jobs.models import PausedJobType
from jobs.runner import run_job
from jobs.sweep import sweep
from jobs.tasks import deliver
from tests.accounts.factories import OrganizationFactory
from tests.jobs.factories import OutboxMessageFactory, SampleJobFactory
from tests.jobs.observe import count_doorbells, list_doorbells
from tests.jobs.parallel import run_together
from tests.jobs.sample.models import SampleJob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("doorbell")]


class TestSweep:
    def test_rings_for_a_due_job_whose_doorbell_was_lost(self) -> None:
        SampleJobFactory()

        assert sweep() == 1

        assert list_doorbells() == [
            ("default", "jobs.tasks.deliver", "sample.samplejob", "default")
        ]

    def test_rings_for_a_job_whose_worker_is_gone_and_it_is_taken_over(self) -> None:
        job = SampleJobFactory(stuck=True)
        sweep()

        deliver(*list_doorbells()[0][2:])

        job.refresh_from_db()
        assert job.status == "completed"

    def test_rings_in_the_queue_of_each_handler(self) -> None:
        SampleJobFactory()
        OutboxMessageFactory()

        assert sweep() == 2
        assert {queue for queue, *_ in list_doorbells()} == {"default", "io"}

    def test_runs_nothing_itself(self) -> None:
        job = SampleJobFactory()

        sweep()

        job.refresh_from_db()
        assert (job.status, job.lease_token) == ("queued", 0)

    @pytest.mark.parametrize(
        "traits",
        [
            {"later": True},
            {"running": True},
            {"failed": True},
            {"status": "a word of nobody"},
            {"kind": "unheard_of"},
        ],
        ids=str,
    )
    def test_leaves_alone_what_is_not_due_or_not_known(self, traits: dict[str, Any]) -> None:
        job = SampleJobFactory(**traits)

        assert sweep() == 0

        job.refresh_from_db()
        assert job.rung_at is None

    def test_leaves_a_paused_type_alone(self) -> None:
        SampleJobFactory()
        PausedJobType.objects.create(name="sample.samplejob:count")

        assert sweep() == 0

    def test_trusts_a_doorbell_of_the_latest_sweep(self) -> None:
        SampleJobFactory()
        sweep()

        assert sweep() == 0

    def test_rings_again_when_nobody_answered(self, settings: Any) -> None:
        SampleJobFactory(rung_at=Now() - timedelta(seconds=settings.JOBS_SWEEP_SECONDS))

        assert sweep() == 1

    def test_goes_through_a_backlog_page_by_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "PAGE", 5)
        SampleJobFactory.create_batch(12, organization=OrganizationFactory())

        assert sweep() == 12

    def test_rings_no_more_than_workers_can_hear(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "PAGE", 5)
        monkeypatch.setattr(sweeping, "ENOUGH_MESSAGES", 10)
        SampleJobFactory.create_batch(30, organization=OrganizationFactory())

        assert sweep() == 10

    def test_takes_organizations_in_turn_inside_a_priority(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeping, "PAGE", 5)
        monkeypatch.setattr(sweeping, "ENOUGH_MESSAGES", 1)
        large, small = OrganizationFactory(), OrganizationFactory()
        SampleJobFactory.create_batch(10, organization=large)
        SampleJobFactory.create_batch(2, organization=small)
        urgent = SampleJobFactory(organization=large, priority=1)

        sweep()

        rung = SampleJob.objects.exclude(rung_at=None)
        assert urgent in rung
        assert rung.filter(organization=large, priority=5).count() == 2
        assert rung.filter(organization=small).count() == 2

    def test_is_not_held_up_by_what_cannot_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "PAGE", 5)
        organization = OrganizationFactory()
        SampleJobFactory.create_batch(20, organization=organization, priority=1, kind="unheard_of")
        job = SampleJobFactory(organization=organization, priority=10)

        assert sweep() == 1

        job.refresh_from_db()
        assert job.rung_at is not None

    def test_leaves_what_another_sweep_rang_for_since_it_looked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        SampleJobFactory.create_batch(3)
        lock = sweeping._locked

        def lock_too_late(queryset: Any, limit: int) -> Any:
            if queryset.model is SampleJob:
                SampleJob.objects.update(rung_at=Now())
            return lock(queryset, limit)

        monkeypatch.setattr(sweeping, "_locked", lock_too_late)

        assert sweep() == 0

    @pytest.mark.django_db(transaction=True)
    def test_rings_once_for_each_job_when_two_run_at_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeping, "PAGE", 20)
        SampleJobFactory.create_batch(100, organization=OrganizationFactory())

        rung = run_together([sweep, sweep])

        assert sum(rung) == 100
        assert count_doorbells() == 100

    @pytest.mark.django_db(transaction=True)
    def test_and_a_doorbell_of_its_own_do_a_job_once(self) -> None:
        job = SampleJobFactory()
        sweep()

        run_together([lambda: run_job(job), lambda: deliver(*list_doorbells()[0][2:])])

        job.refresh_from_db()
        assert (job.status, job.ends) == ("completed", 1)
