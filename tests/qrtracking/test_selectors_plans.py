import pytest

from accounts.models import Role
from qrtracking.errors.plans import PlanNotFound
from qrtracking.models import Batch, PlanOutcome
from qrtracking.selectors.plans import (
    find_applied_twin,
    get_plan,
    list_lines,
    list_plan_cases,
    list_plans,
    list_plans_of_batch,
    list_reasons,
    list_row_counts,
)
from tests.accounts.factories import make_member
from tests.qrtracking.factories import PackingPlanFactory, make_generated_batch
from tests.qrtracking.plans import check, lines
from tests.qrtracking.queue import case_of, pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """20 MINT in 2 cases of 10, and 2 spares."""
    return make_generated_batch(units=20, per_case=10)


class TestPlans:
    def test_are_seen_by_their_organization_only(self, batch):
        plan = PackingPlanFactory(batch=batch)
        member = make_member(Role.VIEWER, organization=batch.organization)
        stranger = make_member(Role.OWNER)

        assert list(list_plans(user=member)) == [plan]
        assert get_plan(user=member, plan_id=plan.pk) == plan
        assert not list_plans(user=stranger).exists()
        with pytest.raises(PlanNotFound):
            get_plan(user=stranger, plan_id=plan.pk)

    def test_of_a_batch_come_newest_first(self, batch):
        plans = [PackingPlanFactory(batch=batch) for _ in range(3)]
        member = make_member(Role.VIEWER, organization=batch.organization)

        assert list_plans_of_batch(user=member, batch=batch) == plans[::-1]


class TestAppliedTwin:
    def test_is_another_plan_of_the_batch_with_the_same_content(self, batch):
        twin = PackingPlanFactory(batch=batch, applied=True)
        PackingPlanFactory(batch=batch, applied=True, sha256="1" * 64)
        PackingPlanFactory(batch=batch, checked=True)
        plan = PackingPlanFactory(batch=batch)

        assert find_applied_twin(plan=plan) == twin
        assert find_applied_twin(plan=twin) is None


class TestLines:
    def test_go_on_behind_a_place(self, batch):
        plan = check(batch, lines(batch, {1: [1, "zz", 2, "yy"], 2: ["xx", 11]}))

        def places(**options):
            return [(one.row_no, one.position) for one in list_lines(plan=plan, **options)]

        assert places(limit=3) == [(1, 1), (1, 2), (1, 3)]
        assert places(limit=9, after=(1, 3)) == [(1, 4), (2, 1), (2, 2)]
        refused = {"outcome": PlanOutcome.REFUSED, "limit": 9}
        assert places(**refused) == [(1, 2), (1, 4), (2, 1)]
        assert places(**refused, after=(1, 2)) == [(1, 4), (2, 1)]
        assert places(**refused, after=(2, 1)) == []

    def test_have_words(self, batch):
        pack(batch, 2, [11])
        plan = check(batch, lines(batch, {2: [11]}))

        (line,) = list_lines(plan=plan, limit=9)

        assert (line.case_number, line.unit) == (2, "11")
        assert line.text == "Already packed in Case #2"


class TestRowCounts:
    def test_count_the_units_of_each_row(self, batch):
        plan = check(batch, f"{lines(batch, {1: ['1-3', 'zz']})}\n\nnonsense,4,5")

        rows = list_row_counts(plan=plan, limit=9)

        found = [(row.row_no, row.case_number, row.units, row.ready, row.refused) for row in rows]
        assert found == [(1, 1, 4, 3, 1), (3, None, 2, 0, 2)]
        assert [row.row_no for row in list_row_counts(plan=plan, after=1, limit=9)] == [3]
        assert len(list_row_counts(plan=plan, limit=1)) == 1


class TestCases:
    def test_tell_how_full_they_will_be(self, batch):
        pack(batch, 1, [1, 2])
        case = case_of(batch, 1)
        type(case).objects.filter(pk=case.pk).update(actual_unit_count=2)
        plan = check(batch, f"{lines(batch, {1: [2, 3, 4]})}\nCASE:2,11\nCASE:1,5")

        first, second = list_plan_cases(plan=plan, limit=9)

        assert (first.case_number, first.actual, first.ready, first.refused) == (1, 2, 3, 1)
        assert (first.after, first.expected) == (5, 10)
        assert (second.case_number, second.ready) == (2, 1)
        assert list_plan_cases(plan=plan, after=first.case_id, limit=9) == [second]


class TestReasons:
    def test_come_most_frequent_first(self, batch):
        plan = check(batch, lines(batch, {1: ["zz", "yy", 11]}))

        reasons = [(one.reason, one.count, one.text) for one in list_reasons(plan=plan)]

        assert reasons == [
            ("not_found", 2, "Unknown code"),
            ("wrong_sequence", 1, "Planned for another case"),
        ]

    def test_are_none_before_the_check(self, batch):
        assert list_reasons(plan=PackingPlanFactory(batch=batch)) == []
