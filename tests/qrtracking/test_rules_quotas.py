import pytest

from qrtracking.rules.quotas import mixed_quotas, single_variant


class TestSingleVariant:
    @pytest.mark.parametrize(
        ("packed", "planned", "variant"),
        [
            ({}, None, None),
            ({}, "MINT", "MINT"),
            ({"JAS": 3}, None, "JAS"),
            ({"JAS": 3}, "MINT", "JAS"),
            ({"JAS": 3, "MINT": 4}, "JAS", "MINT"),
        ],
    )
    def test_what_lies_in_the_case_decides_before_the_plan(self, packed, planned, variant):
        assert single_variant(packed=packed, planned=planned) == variant


class TestMixedQuotas:
    @pytest.mark.parametrize(
        ("packed", "take", "quotas"),
        [
            ({}, 100, {"JAS": 50, "MINT": 50}),
            ({"JAS": 20}, 80, {"JAS": 30, "MINT": 50}),
            ({"JAS": 50}, 50, {"MINT": 50}),
            ({"JAS": 60, "MINT": 50}, 10, {}),
            ({"ROSE": 10}, 90, {"JAS": 50, "MINT": 50}),
            ({}, 7, {"JAS": 7, "MINT": 7}),
        ],
    )
    def test_each_variant_is_filled_up_to_its_planned_number(self, packed, take, quotas):
        planned = {"JAS": 50, "MINT": 50}

        assert mixed_quotas(planned=planned, packed=packed, take=take) == quotas

    def test_nothing_planned_takes_nothing(self):
        assert mixed_quotas(planned={}, packed={}, take=100) == {}
