import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qrtracking.models import Batch, MasterCode, PackingPlan, PackingPlanRow, ScanEvent, UnitCode
from qrtracking.services import plan_checking
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.plans import (
    READY,
    check,
    counters,
    label,
    lines,
    outcomes,
    outcomes_by_line,
    refused,
    run,
)
from tests.qrtracking.queue import case_of, make_jas_mint_batch, pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """20 MINT in 2 cases of 10, spares 21 and 22."""
    return make_generated_batch(units=20, per_case=10)


def code_of(batch: Batch, sequence: int) -> str:
    return str(UnitCode.objects.get(batch=batch, sequence_number=sequence).code)


class TestCheck:
    def test_tells_that_every_unit_of_a_good_plan_can_be_packed(self, batch):
        plan = check(batch, lines(batch, {1: range(1, 11), 2: ["11-20"]}))

        assert plan.status == "completed"
        assert (plan.phase, plan.progress) == ("check", 100)
        assert outcomes(plan) == [READY] * 20
        assert (plan.row_count, plan.ready_count, plan.refused_count) == (2, 20, 0)
        assert (plan.case_count, plan.packed_count) == (2, 0)
        assert plan.result_summary == {
            "rows": 2, "units": 20, "ready": 20, "refused": 0, "cases": 2,
            "reasons": {}, "header": None,
        }  # fmt: skip

    def test_packs_nothing(self, batch):
        check(batch, lines(batch, {1: ["1-10"]}))

        assert not UnitCode.objects.exclude(master_code=None).exists()
        assert not ScanEvent.objects.exists()
        assert case_of(batch, 1).actual_unit_count == 0
        batch.refresh_from_db()
        assert batch.status == "generated"

    def test_takes_one_unit_a_row_as_well(self, batch):
        text = "\n".join(f"{label(batch, 1)}\t{number}" for number in range(1, 11))

        plan = check(batch, text)

        assert outcomes(plan) == [READY] * 10
        assert (plan.row_count, plan.case_count) == (10, 1)

    def test_takes_every_form_of_the_normaliser(self, batch):
        full = code_of(batch, 3)
        texts = ["1", "SEQ:2", full.lower(), f"http://x/track/product/{code_of(batch, 4)}", "5-6"]

        plan = check(
            batch, f"CASE:1,{','.join(texts)}\nhttps://y/track/master/{label(batch, 2)},11"
        )

        assert outcomes(plan) == [READY] * 7

    def test_takes_shipping_labels_for_cases(self, batch):
        MasterCode.objects.filter(pk=case_of(batch, 2).pk).update(sscc="340123450000000017")

        plan = check(batch, "00340123450000000017,11\n]C100340123450000000017,12")

        assert outcomes_by_line(plan) == {1: [READY], 2: [READY]}

    def test_ignores_a_first_row_that_names_no_case(self, batch):
        plan = check(batch, f"Case,Unit\n{label(batch, 1)},1")

        assert outcomes_by_line(plan) == {2: [READY]}
        assert plan.row_count == 1
        assert plan.result_summary["header"] == "Case"

    def test_refuses_a_later_row_that_names_no_case(self, batch):
        plan = check(batch, f"{label(batch, 1)},1\nnonsense,2,zzz\n{label(batch, 1)},3")

        assert outcomes_by_line(plan) == {
            1: [READY], 2: [refused("unknown_master")] * 2, 3: [READY],
        }  # fmt: skip

    def test_refuses_a_row_without_units(self, batch):
        plan = check(batch, f"{label(batch, 1)}\n{label(batch, 2)},11")

        assert outcomes(plan) == [refused("no_units"), READY]

    def test_refuses_cases_and_units_of_other_batches(self, batch):
        other = make_generated_batch(
            units=10, per_case=10, organization=batch.organization, order_no="ORD-OTHER"
        )
        foreign = make_generated_batch(units=10, per_case=10, order_no="ORD-FOREIGN")

        plan = check(
            batch,
            f"{label(batch, 1)},1,{code_of(other, 1)},{code_of(foreign, 1)},nonsense\n"
            f"{label(other, 1)},2\n{label(foreign, 1)},3",
        )

        assert outcomes(plan) == [
            READY,
            refused("wrong_batch", "ORD-OTHER"),
            refused("not_found"),
            refused("not_found"),
            refused("master_of_other_batch", "ORD-OTHER"),
            refused("unknown_master"),
        ]

    def test_refuses_a_unit_of_two_rows_in_both(self, batch):
        plan = check(batch, f"{lines(batch, {1: ['1-3'], 2: [11, 2]})}\n{label(batch, 1)},4,11")

        assert outcomes_by_line(plan) == {
            1: [READY, refused("in_other_row", 2), READY],
            2: [refused("in_other_row", 3), refused("in_other_row", 1)],
            3: [READY, refused("in_other_row", 2)],
        }

    def test_takes_a_unit_that_a_row_names_in_two_ways_once(self, batch):
        plan = check(batch, f"{label(batch, 1)},1,2,{code_of(batch, 2)},2-3")

        assert outcomes(plan) == [READY, READY, refused("repeated"), refused("repeated"), READY]

    def test_refuses_what_is_packed_and_says_where(self, batch):
        pack(batch, 2, [11])

        plan = check(batch, lines(batch, {2: [11, 12]}))

        assert outcomes(plan) == [refused("already_linked", 2), READY]

    @pytest.mark.parametrize("status", ["spoiled", "activated"])
    def test_refuses_what_is_not_free(self, batch, status):
        UnitCode.objects.filter(batch=batch, sequence_number=1).update(status=status)

        plan = check(batch, lines(batch, {1: [1, 2]}))

        assert outcomes(plan) == [refused("not_available", status), READY]

    def test_takes_free_spares(self, batch):
        plan = check(batch, lines(batch, {1: [*range(1, 10), 21]}))

        assert outcomes(plan) == [READY] * 10

    def test_refuses_the_surplus_of_a_case(self, batch):
        pack(batch, 1, [1, 2])

        plan = check(batch, lines(batch, {1: ["3-10", 21, 22]}))

        assert outcomes(plan) == [READY] * 8 + [refused("case_full", 10)] * 2
        assert (plan.ready_count, plan.refused_count) == (8, 2)

    def test_refuses_other_variants(self):
        batch = make_jas_mint_batch()

        plan = check(batch, lines(batch, {1: [1, 252], 3: [201, 251], 4: [301]}))

        assert outcomes(plan) == [READY, refused("wrong_variant", "MINT"), READY, READY, READY]

    def test_goes_by_the_variant_that_lies_in_the_case(self):
        batch = make_jas_mint_batch()
        pack(batch, 1, [301])

        plan = check(batch, lines(batch, {1: [1, 302]}), skip_case_validation=True)

        assert outcomes(plan) == [refused("wrong_variant", "JAS"), READY]

    def test_goes_by_most_of_the_units_where_nothing_is_planned(self):
        batch = make_jas_mint_batch()
        MasterCode.objects.filter(batch=batch, case_number=1).update(planned_variant=None)

        plan = check(batch, lines(batch, {1: [1, 301, 302]}), skip_case_validation=True)

        assert outcomes(plan) == [refused("wrong_variant", "JAS"), READY, READY]

    def test_refuses_units_planned_for_other_cases_unless_told_otherwise(self, batch):
        text = lines(batch, {1: [1, 11]})

        strict, lenient = check(batch, text), check(batch, text, skip_case_validation=True)

        assert outcomes(strict) == [READY, refused("wrong_sequence", 2)]
        assert outcomes(lenient) == [READY, READY]

    @pytest.mark.parametrize("text", ["nonsense", "a,b,c\n", "=HYPERLINK(1)"])
    def test_ends_with_nothing_for_a_text_that_is_no_plan(self, batch, text):
        plan = check(batch, text)

        assert (plan.status, outcomes(plan)) == ("completed", [])
        assert (plan.row_count, plan.ready_count, plan.case_count) == (0, 0, 0)

    def test_costs_a_bad_row_itself_only(self, batch):
        bad = ["=cmd|' /C calc'!A0,1", "<script>,2", "\u202e,3", "x" * 3000, ",4", "0,5", "1-5,6"]

        plan = check(batch, "\n".join([lines(batch, {1: [7]}), *bad, lines(batch, {1: [8]})]))

        assert plan.status == "completed"
        found = outcomes_by_line(plan)
        assert found[1] == found[len(bad) + 2] == [READY]
        assert plan.ready_count == 2
        assert set(found) == set(range(1, len(bad) + 3))

    def test_fails_for_more_units_than_a_plan_may_name(self, batch, monkeypatch):
        monkeypatch.setattr(plan_checking, "MAX_UNITS", 15)

        plan = check(batch, lines(batch, {1: ["1-10"], 2: ["11-20"]}))

        assert (plan.status, plan.error_code) == ("failed", "plan_too_many_units")
        assert not PackingPlanRow.objects.filter(plan=plan).exists()

    def test_fails_when_its_file_is_gone(self, batch):
        plan = check(batch, lines(batch, {1: ["1-10"]}))
        PackingPlan.objects.filter(pk=plan.pk).update(status="queued", cursor={})
        plan.file.storage.delete(plan.file.name)

        assert run(plan).error_code == "plan_file_missing"


class TestSlices:
    @pytest.mark.parametrize(("units", "cases"), [(1, 1), (3, 2), (7, 1)])
    def test_give_what_one_gives(self, batch, monkeypatch, units, cases):
        pack(batch, 1, [1])
        text = f"head\n{lines(batch, {1: ['1-5', 22], 2: [11, 3, 'zz']})}\n\n{label(batch, 1)},6,21"
        whole = check(batch, text)
        monkeypatch.setattr(plan_checking, "SLICE_UNITS", units)
        monkeypatch.setattr(plan_checking, "SLICE_CASES", cases)

        sliced = check(batch, text)

        assert outcomes_by_line(sliced) == outcomes_by_line(whole)
        assert sliced.result_summary == whole.result_summary
        assert sliced.row_count == whole.row_count == 3

    def test_do_the_same_when_one_is_done_twice(self, batch, monkeypatch):
        monkeypatch.setattr(plan_checking, "SLICE_UNITS", 2)
        read = plan_checking.write_rows
        calls = []

        def fail_once(plan, rows, **options):
            header = read(plan, rows, **options)
            calls.append(rows)
            if len(calls) == 2:
                raise ConnectionError
            return header

        monkeypatch.setattr(plan_checking, "write_rows", fail_once)
        plan = check(batch, lines(batch, {1: ["1-3"], 2: ["11-13"]}))
        assert plan.status == "queued"
        PackingPlan.objects.filter(pk=plan.pk).update(run_after="2020-01-01T00:00Z")

        plan = run(plan)

        assert (plan.status, outcomes(plan)) == ("completed", [READY] * 6)

    def test_take_as_many_statements_for_many_units_as_for_few(self):
        batch = make_generated_batch(units=2_000, per_case=100)
        few = lines(batch, {1: [1]})
        # The planner is told of plans from a thousand units on.
        many = lines(batch, {case: [f"{case * 100 - 99}-{case * 100}"] for case in range(1, 10)})

        counts = []
        for text in (few, many):
            with CaptureQueriesContext(connection) as queries:
                check(batch, text)
            counts.append(len(queries))

        assert counts[0] == counts[1]

    def test_tell_the_planner_of_a_large_plan(self, batch, monkeypatch):
        monkeypatch.setattr(plan_checking, "ANALYZE_FROM", 3)

        with CaptureQueriesContext(connection) as queries:
            plan = check(batch, lines(batch, {1: [1, 2, 3]}))

        assert "ANALYZE qr_packing_plan_rows" in [query["sql"] for query in queries]
        assert outcomes(plan) == [READY] * 3


class TestRows:
    @settings(
        max_examples=10,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["1", "2", "CASE:2", "9", "zz", "", "1-2"]),
                st.lists(
                    st.sampled_from([*map(str, range(24)), "3-6", "18-25", "zz", "x y", "#"]),
                    max_size=14,
                ),
            ),
            max_size=8,
        ),
        st.booleans(),
    )
    def test_add_up_whatever_the_plan_says(self, batch, rows, any_case):
        pack(batch, 2, [19, 20])
        text = "\n".join(";".join([case, *units]) for case, units in rows) or "1"

        plan = check(batch, f"1;1\n{text}", skip_case_validation=any_case)

        total, ready, refused_count, packed = counters(plan)
        assert (plan.ready_count, plan.refused_count, packed) == (ready, refused_count, 0)
        assert ready + refused_count == total == plan.result_summary["units"]
        assert sum(plan.result_summary["reasons"].values()) == refused_count
        named = PackingPlanRow.objects.filter(plan=plan, outcome="ready")
        assert named.values("unit").distinct().count() == ready
        for case in MasterCode.objects.filter(batch=batch):
            inside = UnitCode.objects.filter(master_code=case).count()
            assert inside + named.filter(master_code=case).count() <= case.expected_unit_count
