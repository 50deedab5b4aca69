"""Packing plans beside people who pack: real threads, each with a transaction of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from accounts.models import User
from jobs.runner import run_job
from jobs.services import cancel_job
from qrtracking import errors
from qrtracking.errors import plans as plan_errors
from qrtracking.models import Batch, PackingPlan, ScanEvent, UnitCode
from qrtracking.services import plan_applying
from qrtracking.services.case_locks import hold_cases
from qrtracking.services.completing import complete_production
from qrtracking.services.linking import LinkResult
from qrtracking.services.named_units import lock_units
from qrtracking.services.packing import PackResult, link_scanned
from qrtracking.services.packing_plans import apply_packing_plan, submit_plan_text
from qrtracking.services.verifying import list_differences
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.plans import READY, check, counters, lines, manager_of, outcomes
from tests.qrtracking.queue import case_of, link, prepare, sequences_in
from tests.qrtracking.test_linking_concurrency import WAIT_SECONDS, at_once, beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10, with a destination."""
    return make_generated_batch(units=40, per_case=10, warehouse_org=OrganizationFactory())


@pytest.fixture
def manager(batch) -> User:
    return manager_of(batch)


@pytest.fixture
def packer(batch) -> User:
    packer = make_member(organization=batch.organization)
    assert packer.organization == batch.organization
    return packer


def scan_into(actor, batch, number, *codes):
    return link_scanned(
        actor=actor,
        master_code=case_of(batch, number).master_code,
        unique_codes=codes,
        skip_case_validation=True,
    )


def assert_sound(batch, plan) -> None:
    """Every unit lies in one case at most, no case is overfull, and all counters are right."""
    found = [one for one in list_differences(batch_id=batch.pk) if one.kind != "job_prepared_count"]
    assert found == []
    plan.refresh_from_db()
    _, ready, refused, packed = counters(plan)
    assert (plan.ready_count, plan.refused_count, plan.packed_count) == (ready, refused, packed)
    events = ScanEvent.objects.filter(batch=batch, kind="plan_import")
    assert sum(events.values_list("unit_count", flat=True)) == packed
    assert UnitCode.objects.filter(packed_event__in=events).count() == packed


class TestApply:
    @pytest.mark.parametrize("attempt", range(3))
    def test_shares_a_case_with_a_station(self, batch, manager, packer, attempt):
        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"]}))
        plan = apply_packing_plan(plan=plan, actor=manager)

        ran, scanned = at_once(
            lambda: run_job(plan), lambda: scan_into(packer, batch, 1, "1-4", "31-34")
        )

        assert ran.status == "completed"
        assert len(sequences_in(batch, 1)) == 10
        assert sequences_in(batch, 2) == list(range(11, 21))
        if isinstance(scanned, PackResult):
            assert scanned.linked_count == 8
        else:
            assert isinstance(scanned, errors.CaseFull)
        assert_sound(batch, plan)

    @pytest.mark.parametrize("attempt", range(3))
    def test_goes_through_crossing_lists_without_a_deadlock(self, batch, manager, packer, attempt):
        crossing = {4: ["1-5"], 3: ["6-10"], 2: ["21-25"], 1: ["31-35"]}
        plan = check(batch, lines(batch, crossing), skip_case_validation=True)
        plan = apply_packing_plan(plan=plan, actor=manager)
        backwards = [str(number) for number in range(40, 0, -1)]

        ran, one, other = at_once(
            lambda: run_job(plan),
            lambda: scan_into(packer, batch, 1, *backwards[:20]),
            lambda: scan_into(manager, batch, 3, *backwards[20:]),
        )

        assert ran.status == "completed"
        assert all(isinstance(result, PackResult) for result in (one, other))
        assert_sound(batch, plan)

    def test_shares_units_with_the_queue(self, batch, manager, packer):
        prepare(batch)
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        plan = apply_packing_plan(plan=plan, actor=manager)

        ran, linked = at_once(lambda: run_job(plan), lambda: link(packer, batch, 2))

        assert ran.status == "completed"
        assert isinstance(linked, LinkResult)
        assert linked.linked_count == 10
        assert_sound(batch, plan)

    def test_is_said_by_two_people_at_once(self, batch, manager):
        plan = check(batch, lines(batch, {1: ["1-10"]}))

        results = at_once(*[lambda: apply_packing_plan(plan=plan, actor=manager)] * 2)

        kinds = {type(result) for result in results}
        assert kinds == {PackingPlan, plan_errors.PlanAlreadyApplied}

    def test_is_worked_on_by_one_worker_only(self, batch, manager):
        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"]}))
        plan = apply_packing_plan(plan=plan, actor=manager)

        results = at_once(*[lambda: run_job(plan)] * 3)

        assert sum(result is not None for result in results) >= 1
        assert ScanEvent.objects.filter(batch=batch).count() == 2
        assert_sound(batch, plan)

    def test_meets_the_end_of_production(self, batch, manager, monkeypatch):
        monkeypatch.setattr(plan_applying, "SLICE_CASES", 1)
        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"], 3: ["21-30"]}))
        scan_into(manager, batch, 4, "31-40")
        plan = apply_packing_plan(plan=plan, actor=manager)

        ran, _ = at_once(
            lambda: run_job(plan),
            lambda: complete_production(
                actor=manager, batch_id=batch.pk, allow_incomplete=True, reason="Friday"
            ),
        )

        assert ran.status in {"completed", "failed"}
        assert ran.status == "completed" or ran.error_code == "batch_state"
        assert_sound(batch, plan)

    def test_waits_for_no_unit_once_the_batch_is_completed(self, batch, manager):
        """Units then follow their cases in a sequence of their own: a circle, if it waited."""
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        plan = apply_packing_plan(plan=plan, actor=manager)
        scan_into(manager, batch, 4, "31-40")
        complete_production(
            actor=manager, batch_id=batch.pk, allow_incomplete=True, reason="Friday"
        )

        def follow(held: Event, done: Event) -> None:
            with transaction.atomic():
                lock_units(UnitCode.objects.filter(batch=batch).values_list("pk", flat=True))
                held.set()
                assert done.wait(WAIT_SECONDS), "the plan waited for a unit"

        ran = beside(follow, lambda: run_job(plan))

        assert (ran.status, ran.error_code) == ("failed", "batch_state")

    def test_is_cancelled_between_two_slices(self, batch, manager, monkeypatch):
        monkeypatch.setattr(plan_applying, "SLICE_CASES", 1)
        plan = check(batch, lines(batch, {n: [f"{n * 10 - 9}-{n * 10}"] for n in range(1, 5)}))
        plan = apply_packing_plan(plan=plan, actor=manager)

        at_once(lambda: run_job(plan), lambda: cancel_job(plan, actor=manager))

        plan.refresh_from_db()
        assert plan.status in {"cancelled", "completed"}
        assert plan.packed_count % 10 == 0
        assert_sound(batch, plan)


class TestCheck:
    def test_waits_for_nobody(self, batch, manager):
        """Somebody holds every case and unit of the plan; the check ends all the same."""
        plan = submit_plan_text(
            actor=manager, batch_id=batch.pk, text=lines(batch, {1: ["1-10"], 2: ["11-20"]})
        )

        def work():
            try:
                return run_job(plan)
            finally:
                connection.close()

        with transaction.atomic(), ThreadPoolExecutor(1) as threads:
            cases = [case_of(batch, number).pk for number in range(1, 5)]
            assert hold_cases(organization_id=batch.organization_id, case_ids=cases)
            lock_units(UnitCode.objects.filter(batch=batch).values_list("pk", flat=True))
            checked = threads.submit(work).result(WAIT_SECONDS)

        assert outcomes(checked) == [READY] * 20
