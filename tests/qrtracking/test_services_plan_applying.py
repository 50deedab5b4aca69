import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.logs import list_log
from jobs.runner import run_job
from jobs.services import cancel_job, retry_job
from qrtracking.models import Batch, PackingPlan, PreparedCode, ScanEvent, UnitCode
from qrtracking.services import plan_applying
from qrtracking.services.packing_plans import apply_packing_plan
from qrtracking.services.undoing import undo_last
from qrtracking.services.unlinking import unlink_case
from qrtracking.services.verifying import list_differences
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.plans import (
    PACKED,
    READY,
    apply,
    check,
    counters,
    lines,
    manager_of,
    outcomes,
    refused,
    run,
)
from tests.qrtracking.queue import case_of, live_sequences, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """40 MINT in 4 cases of 10, spares 41 to 44, with a destination."""
    return make_generated_batch(units=40, per_case=10, warehouse_org=OrganizationFactory())


def broken(batch) -> list[object]:
    found = list_differences(batch_id=batch.pk)
    return [one for one in found if one.kind != "job_prepared_count"]


class TestApply:
    def test_packs_the_cases_of_the_plan(self, batch):
        manager = manager_of(batch)
        plan = check(batch, lines(batch, {1: ["1-10"], 3: ["21-23", 41]}))

        plan = apply(plan, actor=manager)

        assert (plan.status, plan.phase, plan.progress) == ("completed", "apply", 100)
        assert (plan.ready_count, plan.packed_count, plan.refused_count) == (0, 14, 0)
        assert outcomes(plan) == [PACKED] * 14
        assert plan.applied_by == manager
        assert plan.applied_at is not None
        assert plan.result_summary["packed"] == 14
        assert plan.result_summary["cases"] == 2
        assert sequences_in(batch, 1) == list(range(1, 11))
        assert sequences_in(batch, 3) == [21, 22, 23, 41]
        assert broken(batch) == []

    def test_leaves_what_scan_and_pack_leaves(self, batch):
        manager = manager_of(batch)

        apply(check(batch, lines(batch, {1: ["1-9", 41], 2: [11]})), actor=manager)

        full, partial = case_of(batch, 1), case_of(batch, 2)
        assert (full.status, full.actual_unit_count) == ("packed", 10)
        assert full.warehouse_org_id == batch.order.warehouse_org_id
        assert full.manufacturer_scanned_by_id == manager.pk
        assert (partial.status, partial.actual_unit_count) == ("generated", 1)
        unit = UnitCode.objects.get(batch=batch, sequence_number=1)
        assert (unit.status, unit.previous_status) == ("packed", "generated")
        assert unit.current_location_org_id == batch.organization_id
        spare = UnitCode.objects.get(batch=batch, sequence_number=41)
        assert spare.status == "buffer_used"
        batch.refresh_from_db()
        assert batch.status == "in_production"

    def test_writes_an_event_for_each_case(self, batch):
        manager = manager_of(batch)

        apply(check(batch, lines(batch, {1: ["1-10"], 2: [11]})), actor=manager)

        events = ScanEvent.objects.filter(batch=batch).order_by("master_code__case_number")
        assert [(one.kind, one.unit_count, one.actor_id) for one in events] == [
            ("plan_import", 10, manager.pk),
            ("plan_import", 1, manager.pk),
        ]

    def test_takes_its_units_out_of_the_queue(self, batch):
        prepare(batch)

        apply(check(batch, lines(batch, {1: ["1-10"]})))

        assert live_sequences(batch) == list(range(11, 41))
        rows = PreparedCode.objects.filter(batch=batch, status="invalid")
        assert set(rows.values_list("invalid_reason", flat=True)) == {"packed_elsewhere"}
        assert broken(batch) == []

    def test_can_be_undone_and_unlinked(self, batch):
        manager = manager_of(batch)
        apply(check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"]})), actor=manager)

        undo_last(actor=manager, batch_id=batch.pk)
        unlink_case(actor=manager, case_id=case_of(batch, 1).pk)

        assert not UnitCode.objects.exclude(master_code=None).exists()
        assert broken(batch) == []

    def test_leaves_refused_rows_alone(self, batch):
        plan = check(batch, lines(batch, {1: [1, "zz", 11], 2: ["11-12", 1]}))

        plan = apply(plan)

        assert outcomes(plan) == [
            refused("in_other_row", 2),
            refused("not_found"),
            refused("in_other_row", 2),
            refused("in_other_row", 1),
            PACKED,
            refused("in_other_row", 1),
        ]

    def test_tells_in_its_log_what_it_did(self, batch):
        plan = apply(check(batch, lines(batch, {1: ["1-10"], 2: ["11-13", 1]})))

        messages = [line.message for line in list_log(plan)]
        assert messages[:3] == [
            "Job started (attempt 1)",
            "Read 2 rows: 14 units",
            "Job completed: 12 units in 2 cases can be packed, 2 refused",
        ]
        assert messages[3].startswith("Applied by ")
        assert messages[4:] == [
            "Job started (attempt 1)",
            "Packed 12 units, 2 of 2 cases done",
            "Job completed: 12 units packed into 2 cases, 2 refused",
        ]


class TestJudgesAgain:
    def test_what_was_packed_after_the_check(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        pack(batch, 2, [3])

        plan = apply(plan)

        assert outcomes(plan) == [PACKED] * 2 + [refused("already_linked", 2)] + [PACKED] * 7
        assert (plan.ready_count, plan.packed_count, plan.refused_count) == (0, 9, 1)

    def test_what_was_spoiled_after_the_check(self, batch):
        plan = check(batch, lines(batch, {1: ["1-2"]}))
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="spoiled")

        assert outcomes(apply(plan)) == [PACKED, refused("not_available", "spoiled")]

    def test_the_room_of_the_case(self, batch):
        plan = check(batch, lines(batch, {1: ["1-3"]}))
        pack(batch, 1, range(4, 11))
        pack(batch, 1, [41])

        assert outcomes(apply(plan)) == [PACKED] * 2 + [refused("case_full", 10)]

    def test_a_case_that_is_full_by_now(self, batch):
        plan = check(batch, lines(batch, {1: ["1-3"], 2: [11]}), skip_case_validation=True)
        pack(batch, 1, range(21, 31))

        plan = apply(plan)

        assert outcomes(plan) == [refused("case_full", 10)] * 3 + [PACKED]
        assert sequences_in(batch, 1) == list(range(21, 31))
        assert ScanEvent.objects.count() == 1

    def test_the_variant_of_the_case(self):
        batch = make_generated_batch(variants={"JAS": 20, "MINT": 20}, per_case=10)
        plan = check(batch, lines(batch, {1: [1, 2]}))
        pack(batch, 1, [21])

        assert outcomes(apply(plan)) == [refused("wrong_variant", "JAS")] * 2

    @pytest.mark.parametrize("happening", ["completed", "locked"])
    def test_whether_the_order_is_open(self, batch, monkeypatch, happening):
        monkeypatch.setattr(plan_applying, "SLICE_CASES", 1)
        plan = apply_packing_plan(
            plan=check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"]})), actor=manager_of(batch)
        )
        assert run_job(plan, budget_seconds=0).status == "queued"
        if happening == "completed":
            Batch.objects.update(status="completed")
        else:
            case = case_of(batch, 4)
            type(case).objects.filter(pk=case.pk).update(status="received_warehouse")

        plan = run(plan)

        code = "batch_state" if happening == "completed" else "order_locked"
        assert (plan.status, plan.error_code) == ("failed", code)
        assert (plan.packed_count, plan.ready_count) == (10, 10)
        assert outcomes(plan) == [PACKED] * 10 + [READY] * 10


class TestSlices:
    def test_hold_twenty_cases(self):
        batch = make_generated_batch(units=210, per_case=5)
        plan = check(batch, lines(batch, {case: [case * 5] for case in range(1, 43)}))

        plan = apply(plan)

        told = [line.message for line in list_log(plan) if line.message.startswith("Packed")]
        assert told == [
            "Packed 20 units, 20 of 42 cases done",
            "Packed 20 units, 40 of 42 cases done",
            "Packed 2 units, 42 of 42 cases done",
        ]

    def test_end_sooner_when_cases_are_large(self, batch, monkeypatch):
        monkeypatch.setattr(plan_applying, "SLICE_UNITS", 15)
        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"], 3: ["21-25"]}))

        plan = apply(plan)

        told = [line.message for line in list_log(plan) if line.message.startswith("Packed")]
        assert told[0] == "Packed 10 units, 1 of 3 cases done"
        assert plan.packed_count == 25

    def test_that_fail_are_done_again_without_a_second_effect(self, batch, monkeypatch):
        monkeypatch.setattr(plan_applying, "SLICE_CASES", 1)
        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"], 3: ["21-30"]}))
        write, calls = plan_applying._write, []

        def fail_once(*arguments):
            write(*arguments)
            calls.append(arguments)
            if len(calls) == 2:
                raise ConnectionError

        monkeypatch.setattr(plan_applying, "_write", fail_once)
        plan = apply(plan)
        assert (plan.status, plan.packed_count) == ("queued", 10)
        PackingPlan.objects.filter(pk=plan.pk).update(run_after="2020-01-01T00:00Z")

        plan = run(plan)

        assert (plan.status, plan.packed_count) == ("completed", 30)
        assert ScanEvent.objects.filter(batch=batch).count() == 3
        assert broken(batch) == []

    def test_take_as_many_statements_for_many_units_as_for_few(self):
        batch = make_generated_batch(units=2_000, per_case=1_000)
        few = check(batch, lines(batch, {1: [1], 2: [1001]}))
        many = check(batch, lines(batch, {1: ["2-900"], 2: ["1002-1900"]}))

        counts = []
        for plan in (few, many):
            with CaptureQueriesContext(connection) as queries:
                apply(plan)
            counts.append(len(queries))

        assert counts[0] == counts[1]


class TestCancel:
    def test_before_the_next_slice_keeps_what_is_packed(self, batch, monkeypatch):
        monkeypatch.setattr(plan_applying, "SLICE_CASES", 1)
        manager = manager_of(batch)
        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"]}))
        plan = apply_packing_plan(plan=plan, actor=manager)
        run_job(plan, budget_seconds=0)

        plan = cancel_job(plan, actor=manager)

        assert (plan.status, plan.phase) == ("cancelled", "apply")
        assert (plan.packed_count, plan.ready_count) == (10, 10)
        assert case_of(batch, 1).status == "packed"
        assert case_of(batch, 2).actual_unit_count == 0
        assert run_job(plan) is None


class TestRetry:
    def test_goes_on_where_it_failed(self, batch, monkeypatch):
        monkeypatch.setattr(plan_applying, "SLICE_CASES", 1)
        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"]}))
        plan = apply_packing_plan(plan=plan, actor=manager_of(batch))
        run_job(plan, budget_seconds=0)
        Batch.objects.update(status="completed")
        plan = run(plan)
        assert plan.status == "failed"
        Batch.objects.update(status="in_production")

        plan = run(retry_job(plan, actor=None))

        assert (plan.status, plan.packed_count) == ("completed", 20)
        assert ScanEvent.objects.filter(batch=batch, kind="plan_import").count() == 2

    def test_needs_somebody_who_packs(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        plan = apply_packing_plan(plan=plan, actor=manager_of(batch))
        PackingPlan.objects.update(applied_by=None)

        assert run(plan).error_code == "plan_applier_gone"


ROWS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.lists(st.sampled_from([*map(str, range(1, 46)), "7-12", "zz"]), max_size=14),
    ),
    min_size=1,
    max_size=6,
)


class TestWhatTheCheckSays:
    @settings(
        max_examples=10,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(rows=ROWS, packed=st.sets(st.integers(1, 40), max_size=8), any_case=st.booleans())
    def test_comes_true_when_nothing_happens_meanwhile(self, rows, packed, any_case):
        batch = make_generated_batch(variants={"JAS": 25, "MINT": 15}, per_case=10)
        pack(batch, 3, packed)
        text = "\n".join(",".join([f"CASE:{case}", *units]) for case, units in rows)
        plan = check(batch, text, skip_case_validation=any_case)
        before, said = counters(plan), outcomes(plan)

        if plan.ready_count:
            plan = apply(plan)

        total, ready, refused_count, packed_count = counters(plan)
        assert (total, 0, before[2], before[1]) == (total, ready, refused_count, packed_count)
        assert [PACKED if one == READY else one for one in said] == outcomes(plan)
        for number in range(1, 5):
            case = case_of(batch, number)
            assert len(sequences_in(batch, number)) <= case.expected_unit_count or packed
