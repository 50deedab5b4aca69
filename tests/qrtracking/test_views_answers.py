"""The words of the band; nothing here touches the database."""

import uuid

import pytest

from qrtracking import errors
from qrtracking.models import MasterCode
from qrtracking.selectors.scan import Label
from qrtracking.services.linking import LinkResult
from qrtracking.views.answers import linked, not_a_case, refused, shorten


def case(*, held: int = 0, room: int = 100) -> MasterCode:
    return MasterCode(case_number=7, actual_unit_count=held, expected_unit_count=room)


def result(linked_count: int, *, held: int, skipped: int = 0, unused: int = 0) -> LinkResult:
    return LinkResult(
        case=case(held=held),
        linked_codes=["unit"] * linked_count,
        skipped_variant_codes=["other"] * skipped,
        unused_codes=["stale"] * unused,
        target_units=100,
        event_id=uuid.UUID(int=1),
        variant_name="Mint",
    )


class TestLinked:
    def test_says_what_went_into_the_case(self):
        answer = linked(result(100, held=100), scanned="CASE:7", sequences=[1, 2, *range(6, 104)])

        assert answer.kind == "ok"
        assert answer.title == "Case #7: 100 units"
        assert answer.notes == ("Pack #1-#2, #6-#103.",)
        assert answer.advice == "Case #7 is full. Scan the next case."

    def test_says_how_full_a_case_is(self):
        answer = linked(result(1, held=41), scanned="7", sequences=[5])

        assert answer.title == "Case #7: 1 unit"
        assert answer.advice.startswith("Case #7 now holds 41 of 100 units.")

    def test_tells_of_units_that_were_passed_over_or_gone(self):
        answer = linked(result(1, held=1, skipped=2, unused=3), scanned="7", sequences=[5])

        assert answer.notes[1:] == (
            "Units of other variants were passed over and stay in the queue.",
            "3 units were no longer free and left the queue.",
        )

    def test_does_not_list_endless_stretches(self):
        answer = linked(result(50, held=50), scanned="7", sequences=list(range(1, 100, 2)))

        assert answer.notes[0].startswith("Pack #1, #3, #5,")
        assert answer.notes[0].endswith("#23 and 38 more stretches.")


class TestRefused:
    def test_is_calm_about_a_full_case(self):
        answer = refused(errors.CaseFull(), scanned="7", case=case(held=100))

        assert answer.kind == "duplicate"
        assert answer.title == "Case #7 is already full"
        assert answer.expected == "a case with room; this one holds 100 of 100 units"

    def test_does_without_the_case(self):
        answer = refused(errors.CaseFull(), scanned="7", case=None)

        assert answer.title == "This case is already full"
        assert answer.expected == "a case with room"

    def test_names_the_variants_that_are_ready(self):
        error = errors.QueueOtherVariants({"JAS": 1200, "ROSE": 3})

        answer = refused(error, scanned="7", case=case())

        assert answer.expected == "a case for the variants that are ready: JAS 1,200, ROSE 3"

    @pytest.mark.parametrize(
        ("error", "advice"),
        [
            (errors.QueueEmpty(), "Nothing was changed. Wait for a running job, or submit a new"),
            (errors.OrderLocked(), "Nothing was changed. Ask the warehouse."),
            (errors.BatchNotReady("failed"), "Nothing was changed. Ask your manager."),
            (errors.TargetUnitsInvalid(), ""),
        ],
    )
    def test_repeats_the_text_of_every_other_refusal(self, error, advice):
        answer = refused(error, scanned="7", case=None)

        assert answer.kind == "wrong"
        assert answer.title == error.message
        assert answer.advice.startswith(advice)


class TestNotACase:
    @pytest.mark.parametrize("kind", ["unit", "case"])
    def test_names_the_order_that_a_label_belongs_to(self, kind):
        label = Label(kind, uuid.UUID(int=1), 5)

        answer = not_a_case(label, scanned="x", order_no="ORD-1", other_order="ORD-2")

        assert answer.title == f"This {kind} belongs to order ORD-2. You are packing ORD-1."

    def test_recognises_a_unit(self):
        label = Label("unit", uuid.UUID(int=1), 5)

        answer = not_a_case(label, scanned="x", order_no="ORD-1", other_order="")

        assert answer.title == "This is a unit label. Scan the case label."
        assert answer.scanned == "x (unit #5)"

    def test_says_what_else_can_be_typed(self):
        answer = not_a_case(None, scanned="zzz", order_no="ORD-1", other_order="")

        assert answer.title == "Unknown code: zzz. Scan again or type CASE:<number>."


class TestShorten:
    def test_keeps_one_line_of_sixty_characters(self):
        assert shorten(" a\n b ") == "a b"
        assert shorten("x" * 60) == "x" * 60
        assert shorten("x" * 61) == "x" * 59 + "…"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("https://any.host/track/product/PROD-1?utm=1#top", "PROD-1"),
            ("  PROD-1\r\n", "PROD-1"),
            ("x/track/product/PROD-1/", "PROD-1"),
            ("<b>a</b>", "<b>a</b>"),
            ("15-20", "15-20"),
            ("a, b", "a, b"),
            ("", ""),
        ],
    )
    def test_shows_the_code_and_not_the_address(self, text, shown):
        assert shorten(text) == shown
