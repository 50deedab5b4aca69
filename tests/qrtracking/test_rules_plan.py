from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.plan import Block, PlanItem, PlannedCase, plan_batch, spare_shares

percents = st.decimals(min_value=0, max_value=100, places=2)
plans = st.builds(
    plan_batch,
    st.lists(
        st.builds(
            PlanItem,
            variant=st.sampled_from("ABCDE"),
            quantity=st.integers(1, 400),
            units_per_case=st.none() | st.integers(1, 150),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda item: item.variant,
    ),
    units_per_case=st.integers(1, 150),
    percent=percents,
    use_item_case_sizes=st.booleans(),
)


def all_cases(plan):
    return list(plan.cases(1, plan.case_count))


def all_blocks(plan):
    return list(plan.blocks(1, plan.unit_count))


def unit_rows(blocks):
    return [
        (sequence, block.variant, block.case_number)
        for block in blocks
        for sequence in range(block.first, block.last + 1)
    ]


class TestSpareShares:
    def test_gives_what_is_left_to_the_first_item(self):
        assert spare_shares([333, 333, 334], Decimal(7)) == [24, 23, 23]

    @pytest.mark.parametrize(
        ("quantities", "percent", "shares"),
        [
            ([250, 100], "10", [25, 10]),
            ([250, 130], "10", [25, 13]),
            ([1000], "10.00", [100]),
            ([100], "0", [0]),
            ([9], "10", [0]),
            ([100], "100", [100]),
            ([10000], "0.29", [29]),
        ],
    )
    def test_rounds_down_from_exact_numbers(self, quantities, percent, shares):
        assert spare_shares(quantities, Decimal(percent)) == shares

    @given(st.lists(st.integers(1, 10**6), min_size=1, max_size=9), percents)
    def test_shares_out_every_spare(self, quantities, percent):
        shares = spare_shares(quantities, percent)

        assert sum(shares) == int(sum(quantities) * percent * 100) // 10000
        assert min(shares) >= 0


class TestPlanBatch:
    def test_numbers_units_then_spares(self):
        plan = plan_batch([PlanItem("MINT", 1000)], units_per_case=100, percent=Decimal(10))

        assert (plan.base_count, plan.spare_count, plan.case_count) == (1000, 100, 10)
        assert list(plan.blocks(995, 1003)) == [
            Block(995, 1000, "MINT", 10),
            Block(1001, 1003, "MINT", None),
        ]

    def test_lets_a_case_of_two_variants_be_mixed(self):
        items = [PlanItem("JAS", 250), PlanItem("MINT", 100)]

        plan = plan_batch(items, units_per_case=100, percent=Decimal(10))

        assert all_cases(plan) == [
            PlannedCase(1, 1, 100, "JAS"),
            PlannedCase(2, 101, 200, "JAS"),
            PlannedCase(3, 201, 300, None),
            PlannedCase(4, 301, 350, "MINT"),
        ]
        assert all_blocks(plan)[2:] == [
            Block(201, 250, "JAS", 3),
            Block(251, 300, "MINT", 3),
            Block(301, 350, "MINT", 4),
            Block(351, 375, "JAS", None),
            Block(376, 385, "MINT", None),
        ]

    def test_fills_full_cases_of_each_item_then_mixes_the_rest(self):
        items = [PlanItem("A", 250, 100), PlanItem("B", 130, 50)]

        plan = plan_batch(items, units_per_case=100, percent=Decimal(10), use_item_case_sizes=True)

        assert [case.unit_count for case in all_cases(plan)] == [100, 100, 50, 50, 80]
        assert [case.is_mixed for case in all_cases(plan)] == [False, False, False, False, True]
        assert all_blocks(plan)[-4:] == [
            Block(301, 350, "A", 5),
            Block(351, 380, "B", 5),
            Block(381, 405, "A", None),
            Block(406, 418, "B", None),
        ]

    def test_limits_mixed_cases_to_200_units(self):
        items = [PlanItem("A", 299, 300), PlanItem("B", 299, 300)]

        plan = plan_batch(items, units_per_case=1, percent=Decimal(0), use_item_case_sizes=True)

        assert all_cases(plan) == [
            PlannedCase(1, 1, 200, "A"),
            PlannedCase(2, 201, 400, None),
            PlannedCase(3, 401, 598, "B"),
        ]

    def test_uses_the_order_size_for_an_item_without_its_own(self):
        items = [PlanItem("A", 20), PlanItem("B", 20, 10)]

        plan = plan_batch(items, units_per_case=20, percent=Decimal(0), use_item_case_sizes=True)

        assert [case.unit_count for case in all_cases(plan)] == [20, 10, 10]

    def test_stays_small_for_a_million_units(self):
        plan = plan_batch([PlanItem("A", 1_000_000)], units_per_case=100, percent=Decimal(0))

        assert len(plan.segments) == len(plan.runs) == 1
        assert list(plan.cases(10_000, 10_005)) == [PlannedCase(10_000, 999_901, 1_000_000, "A")]
        assert list(plan.blocks(999_950, 1_000_001)) == [Block(999_950, 1_000_000, "A", 10_000)]

    @pytest.mark.parametrize(
        ("items", "units_per_case", "percent"),
        [
            ([], 100, 10),
            ([PlanItem("A", 0)], 100, 10),
            ([PlanItem("A", 5)], 0, 10),
            ([PlanItem("A", 5, 0)], 100, 10),
            ([PlanItem("A", 5)], 100, -1),
            ([PlanItem("A", 5)], 100, 101),
        ],
    )
    def test_refuses_what_cannot_be_planned(self, items, units_per_case, percent):
        with pytest.raises(ValueError, match=r"order|case|percent"):
            plan_batch(items, units_per_case=units_per_case, percent=Decimal(percent))


class TestProperties:
    @given(plans)
    def test_cases_cover_the_base_exactly(self, plan):
        cases = all_cases(plan)

        assert [case.number for case in cases] == list(range(1, plan.case_count + 1))
        assert [case.first for case in cases] == [1, *(case.last + 1 for case in cases[:-1])]
        assert cases[-1].last == plan.base_count
        assert sum(case.unit_count for case in cases) == plan.base_count

    @given(plans)
    def test_blocks_are_contiguous_and_only_spares_have_no_case(self, plan):
        rows = unit_rows(all_blocks(plan))

        assert [sequence for sequence, _, _ in rows] == list(range(1, plan.unit_count + 1))
        assert [case is None for _, _, case in rows] == (
            [False] * plan.base_count + [True] * plan.spare_count
        )

    @given(plans)
    def test_units_lie_in_the_case_that_is_planned_for_them(self, plan):
        cases = {case.number: case for case in all_cases(plan)}

        for sequence, variant, number in unit_rows(all_blocks(plan))[: plan.base_count]:
            case = cases[number]
            assert case.first <= sequence <= case.last
            assert case.is_mixed or case.variant == variant

    @given(plans, st.integers(1, 97))
    def test_slices_give_the_same_units_as_the_whole(self, plan, size):
        slices = [
            list(plan.blocks(first, first + size - 1))
            for first in range(1, plan.unit_count + 1, size)
        ]

        assert unit_rows(block for blocks in slices for block in blocks) == unit_rows(
            all_blocks(plan)
        )
