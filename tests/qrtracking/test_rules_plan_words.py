import pytest

from qrtracking.models import PlanReason
from qrtracking.rules.plan_words import reason_heading, reason_text


class TestReasonText:
    @pytest.mark.parametrize(
        ("reason", "detail", "text"),
        [
            ("", "", ""),
            ("unknown_master", "", "No case of this batch has this label"),
            ("master_of_other_batch", "ORD-7", "This case belongs to order ORD-7"),
            ("no_units", "", "The row names no units"),
            ("not_found", "", "Unknown code"),
            ("wrong_batch", "ORD-7", "This unit belongs to order ORD-7"),
            ("in_other_row", "12", "Named in row 12 as well: both are refused"),
            ("repeated", "", "Named twice in this row"),
            ("already_linked", "3", "Already packed in Case #3"),
            ("not_available", "spoiled", "Spoiled unit, do not pack"),
            ("not_available", "used_ok", "Not available: used ok"),
            ("wrong_variant", "MINT", "This unit is MINT, which the case does not take"),
            ("wrong_sequence", "3", "Planned for Case #3"),
            ("case_full", "100", "The case takes 100 units and is full"),
            ("already_linked", "", "Already packed"),
        ],
    )
    def test_says_what_is_wrong_with_a_unit(self, reason, detail, text):
        assert reason_text(reason, detail) == text

    @pytest.mark.parametrize("reason", PlanReason.values)
    @pytest.mark.parametrize("detail", ["", "7", "{}", "{0.__class__}", "%s"])
    def test_has_words_for_every_reason_and_any_detail(self, reason, detail):
        text = reason_text(reason, detail)

        assert text
        assert text != reason
        assert "<class" not in text


class TestReasonHeading:
    @pytest.mark.parametrize("reason", PlanReason.values)
    def test_has_words_for_every_reason(self, reason):
        heading = reason_heading(reason)

        assert heading != reason
        assert "{}" not in heading
