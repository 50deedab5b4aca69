from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrtracking.rules.codes import (
    h12,
    master_code,
    order_number,
    stored_forms,
    unit_code,
    unit_stem,
    unit_text,
)

KEY = b"example-key"
ORDER_NO = "ORD-HM-1125-02"


def unit(variant_code, sequence):
    return unit_code(
        prefix="PROD",
        product_code="TEA100",
        variant_code=variant_code,
        order_no=ORDER_NO,
        sequence=sequence,
        secret=KEY,
    )


class TestUnitCode:
    @pytest.mark.parametrize(
        ("variant_code", "sequence", "code"),
        [
            ("MINT", 15, "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040fa03087"),
            ("JAS-204518", 100015, "PROD-TEA100-JAS-204518-ORD-HM-1125-02-100015-b7c70c858720"),
        ],
    )
    def test_gives_the_worked_examples(self, variant_code, sequence, code):
        assert unit(variant_code, sequence) == code

    def test_equals_the_text_made_from_its_stem(self):
        stem = unit_stem(
            prefix="PROD", product_code="TEA100", variant_code="MINT", order_no=ORDER_NO
        )

        assert unit_text(stem, 15, secret=KEY) == unit("MINT", 15)

    def test_depends_on_the_secret(self):
        assert h12("text", secret=b"one") != h12("text", secret=b"two")


class TestMasterCode:
    @pytest.mark.parametrize(
        ("case_number", "code"),
        [
            (1, "MASTER-ORD-HM-1125-02-CASE-001-9d2aa62ebe41"),
            (1000, "MASTER-ORD-HM-1125-02-CASE-1000-4aafebf44273"),
        ],
    )
    def test_gives_the_worked_examples(self, case_number, code):
        made = master_code(prefix="MASTER", order_no=ORDER_NO, case_number=case_number, secret=KEY)

        assert made == code


class TestH12:
    @given(st.text())
    def test_is_ten_hex_digits_and_two_digits(self, text):
        suffix = h12(text.encode("utf-8", "replace").decode(), secret=KEY)

        assert len(suffix) == 12
        assert int(suffix[:10], 16) >= 0
        assert suffix[10:].isdigit()


class TestStoredForms:
    def test_are_the_text_and_its_two_shorter_forms(self):
        assert stored_forms(unit("MINT", 15)) == (
            "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040FA03087",
            "PROD-TEA100-MINT-ORD-HM-1125-02-00015-40040FA030",
            "PROD-TEA100-MINT-ORD-HM-1125-02-00015",
        )

    def test_leave_the_last_out_for_a_code_without_a_hash(self):
        assert stored_forms("OLD-CODE-WITHOUT-A-HASH") == (
            "OLD-CODE-WITHOUT-A-HASH",
            "OLD-CODE-WITHOUT-A-HA",
        )

    def test_leave_out_the_empty_text(self):
        assert stored_forms("ab") == ("AB",)


class TestOrderNumber:
    @pytest.mark.parametrize(
        ("counter", "end"), [(2, "1125-02"), (99, "1125-99"), (100, "1125-100")]
    )
    def test_has_month_year_and_counter(self, counter, end):
        made = order_number(prefix="ORD-HM", on=date(2025, 11, 3), counter=counter)

        assert made == f"ORD-HM-{end}"
