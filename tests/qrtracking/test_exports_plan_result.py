import pytest

from qrtracking.exports.plan_result import HEADER, file_stem, plan_rows, plan_sheet
from qrtracking.models import Batch
from tests.qrtracking.factories import PackingPlanFactory, make_generated_batch
from tests.qrtracking.plans import apply, check, lines
from tests.qrtracking.queue import case_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=20, per_case=10, order_no="ORD-HM-1125-02")


class TestPlanRows:
    @pytest.mark.parametrize("page_rows", [1, 2, 3, 100])
    def test_are_in_the_order_of_the_file_whatever_the_pages(self, batch, page_rows):
        plan = check(batch, lines(batch, {2: ["11-13"], 1: [1, "zz", 2]}))

        rows = list(plan_rows(plan=plan, page_rows=page_rows))

        assert [(row[0], row[2], row[3]) for row in rows] == [
            (1, 2, "11 of 11-13"),
            (1, 2, "12 of 11-13"),
            (1, 2, "13 of 11-13"),
            (2, 1, "1"),
            (2, 1, "zz"),
            (2, 1, "2"),
        ]

    def test_tell_what_became_of_a_unit(self, batch):
        plan = apply(check(batch, lines(batch, {1: [1, 11]})))

        packed, refused = plan_rows(plan=plan)

        unit = batch.units.get(sequence_number=1)
        label = case_of(batch, 1).master_code
        assert packed == (1, label, 1, "1", unit.code, "packed", "")
        assert refused[5:] == ("refused", "Planned for Case #2")

    def test_belong_to_one_plan(self, batch):
        check(batch, lines(batch, {1: [1]}))

        assert list(plan_rows(plan=PackingPlanFactory(batch=batch))) == []


class TestSheet:
    def test_has_a_width_for_each_column(self, batch):
        sheet = plan_sheet(plan=PackingPlanFactory(batch=batch))

        assert sheet.header == HEADER
        assert len(sheet.widths) == len(HEADER)

    def test_is_named_after_the_order(self, batch):
        plan = PackingPlanFactory(batch=batch)

        assert file_stem(plan=plan) == f"Packing_Plan_ORD-HM-1125-02_{str(plan.pk)[-8:]}"
