"""One scan after the other, as the scan pages send them."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from accounts.errors import OrganizationRequired
from qrtracking import errors
from qrtracking.models import (
    FREE,
    LOCKED,
    PACKABLE,
    Batch,
    BatchStatus,
    CaseStatus,
    MasterCode,
    ScanEvent,
    ScanItem,
    UnitCode,
    UnitStatus,
)
from qrtracking.services import scanning
from qrtracking.services.scan_list import list_items
from qrtracking.services.scanning import QueueOptions, ScanMode, scan
from tests.accounts.factories import UserFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, pack, prepare, sequences_in

pytestmark = pytest.mark.django_db

FIRST_UUID = UUID("0190b6a0-0000-7000-8000-000000000001")
FULL = "This master case is already full. Please link remaining codes to another case."


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10."""
    return make_generated_batch(order_no="ORD-HM-1125-02", units=40, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


@pytest.fixture
def colleague(batch):
    return make_member(organization=batch.organization, first_name="Ann", last_name="Lee")


def unit_of(batch, sequence) -> UnitCode:
    return UnitCode.objects.get(batch=batch, sequence_number=sequence)


def scan_one(actor, batch, text, *, opened=None, uuid=None, **options):
    return scan(
        actor=actor,
        batch_id=batch.pk,
        client_uuid=uuid or uuid4(),
        text=str(text),
        case_id=case_of(batch, opened).pk if opened else None,
        **options,
    )


def scan_all(actor, batch, *texts, **options):
    results = [scan_one(actor, batch, text, **options) for text in texts]
    return results[-1] if results else None


def told(result) -> tuple[str, str]:
    return result.outcome, result.message


def label(batch, number) -> str:
    return case_of(batch, number).master_code


class TestUnit:
    def test_goes_on_the_list(self, batch, actor):
        result = scan_one(actor, batch, unit_of(batch, 7).code)

        assert told(result) == ("ok", "Added #7, MINT. 1 of 10")
        assert (result.list_count, result.unit.sequence_number) == (1, 7)
        item = ScanItem.objects.get(batch=batch)
        assert (item.outcome, item.user, item.unit) == ("listed", actor, unit_of(batch, 7))
        assert item.raw_text == unit_of(batch, 7).code

    @pytest.mark.parametrize("form", ["7", "SEQ:7", "http://x/track/product/{code}", "{lower} "])
    def test_is_known_by_every_form(self, batch, actor, form):
        code = unit_of(batch, 7).code

        result = scan_one(actor, batch, form.format(code=code, lower=code.lower()))

        assert result.unit == unit_of(batch, 7)

    def test_counts_with_what_the_open_case_holds(self, batch, actor):
        pack(batch, 1, [1, 2, 3])

        result = scan_all(actor, batch, 4, 5, opened=1)

        assert result.message == "Added #5, MINT. 5 of 10"
        assert result.case == case_of(batch, 1)

    def test_may_be_a_spare(self, batch, actor):
        assert scan_one(actor, batch, 41, opened=1).message == "Added #41, MINT. 1 of 10"

    def test_on_the_own_list_is_a_duplicate(self, batch, actor):
        scan_one(actor, batch, 7)

        result = scan_one(actor, batch, 7)

        assert told(result) == ("duplicate", "Already on your list: #7")
        assert result.list_count == 1

    def test_on_the_list_of_a_colleague_is_a_duplicate(self, batch, actor, colleague):
        scan_one(colleague, batch, 7)

        assert told(scan_one(actor, batch, 7)) == ("duplicate", "#7 is on the list of Ann Lee")

    def test_in_a_case_is_a_duplicate(self, batch, actor):
        pack(batch, 3, [7])

        assert told(scan_one(actor, batch, 7)) == ("duplicate", "Already packed in Case #3")

    def test_that_is_spoiled_is_wrong(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=7).update(status="spoiled")

        assert told(scan_one(actor, batch, 7)) == ("wrong", "Spoiled unit, do not pack.")

    @pytest.mark.parametrize("status", sorted(set(UnitStatus) - set(FREE)))
    def test_that_is_not_free_is_not_listed(self, batch, actor, status):
        in_case = status not in {"spoiled", "activated", "buffer_available"}
        UnitCode.objects.filter(batch=batch, sequence_number=41).update(
            status=status, master_code=case_of(batch, 4) if in_case else None
        )

        result = scan_one(actor, batch, 41)

        assert (result.outcome == "ok") == (status == UnitStatus.BUFFER_AVAILABLE)
        assert result.list_count == (1 if status == UnitStatus.BUFFER_AVAILABLE else 0)

    def test_that_left_says_so(self, batch, actor):
        UnitCode.objects.filter(batch=batch, sequence_number=7).update(status="used_ok")

        assert told(scan_one(actor, batch, 7)) == ("wrong", "#7 is not available (used ok).")

    def test_of_another_order_is_wrong(self, batch, actor):
        other = make_generated_batch(
            organization=batch.organization, order_no="ORD-HM-1125-03", units=10, per_case=10
        )

        assert told(scan_one(actor, batch, unit_of(other, 1).code)) == (
            "wrong",
            "This unit belongs to order ORD-HM-1125-03. You are packing ORD-HM-1125-02.",
        )

    def test_of_another_variant_is_wrong_for_the_open_case(self, actor, batch):
        mixed = make_generated_batch(
            organization=batch.organization, variants={"MINT": 10, "JAS-204518": 10}, per_case=10
        )

        assert told(scan_one(actor, mixed, 11, opened=1)) == (
            "wrong",
            "Case #1 takes MINT, this unit is JAS-204518.",
        )

    def test_planned_for_another_case_is_wrong(self, batch, actor):
        assert told(scan_one(actor, batch, 15, opened=1)) == (
            "wrong",
            "#15 is planned for Case #2. Case #1 is open.",
        )

    def test_planned_for_another_case_is_listed_when_that_is_allowed(self, batch, actor):
        assert scan_one(actor, batch, 15, opened=1, skip_case_validation=True).outcome == "ok"

    @pytest.mark.parametrize("text", ["zzz", "0", "-3", "", "x" * 501, "📦<b>"])
    def test_that_nobody_knows_is_wrong(self, batch, actor, text):
        result = scan_one(actor, batch, text)

        assert result.outcome == "wrong"
        assert result.message.startswith("Unknown code: ")
        assert result.message.endswith(". Scan again or type SEQ:<number>.")

    @pytest.mark.parametrize("text", ["1, 2", "1-3", "a b"])
    def test_is_scanned_alone(self, batch, actor, text):
        assert told(scan_one(actor, batch, text)) == (
            "wrong",
            "This text names several things. Scan one label at a time.",
        )

    def test_of_another_organization_is_unknown(self, batch, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        result = scan_one(actor, batch, unit_of(foreign, 1).code)

        assert result.message.startswith("Unknown code: ")


class TestCase:
    def test_opens_for_an_empty_list(self, batch, actor):
        result = scan_one(actor, batch, label(batch, 3))

        assert told(result) == ("ok", "Case #3 open, 0 of 10")
        assert result.case == case_of(batch, 3)
        assert not ScanEvent.objects.filter(batch=batch).exists()

    def test_packs_the_list(self, batch, actor):
        scan_all(actor, batch, 1, 2, 3)

        result = scan_one(actor, batch, label(batch, 1))

        assert told(result) == ("ok", "Case #1: 3 units packed. 7 to go.")
        assert (result.list_count, result.case.actual_unit_count) == (0, 3)
        assert sequences_in(batch, 1) == [1, 2, 3]
        event = ScanEvent.objects.get(batch=batch)
        assert (event.pk, event.kind, event.unit_count) == (result.event_id, "link_scan", 3)
        items = ScanItem.objects.filter(batch=batch)
        assert set(items.values_list("outcome", "event")) == {("linked", event.pk)}

    def test_packs_the_list_when_it_is_scanned_again(self, batch, actor):
        scan_all(actor, batch, 1, 2, opened=1)

        scan_one(actor, batch, "CASE:1", opened=1)

        assert sequences_in(batch, 1) == [1, 2]

    def test_is_packed_at_once_when_the_list_fills_it(self, batch, actor):
        scan_all(actor, batch, *range(1, 10), opened=1)

        result = scan_one(actor, batch, 10, opened=1)

        assert told(result) == ("ok", "Case #1: 10 units packed. It is full.")
        assert result.case.status == CaseStatus.PACKED
        assert (result.list_count, result.unit.sequence_number) == (0, 10)
        last = ScanItem.objects.get(batch=batch, unit__sequence_number=10)
        assert (last.outcome, last.message) == ("linked", result.message)

    def test_leaves_on_the_list_what_does_not_fit(self, batch, actor):
        scan_all(actor, batch, 1, 2, 15)

        result = scan_one(actor, batch, label(batch, 1))

        assert result.message == (
            "Case #1: 2 units packed. 8 to go. 1 unit stays on your list: 1 wrong sequence."
        )
        assert result.list_count == 1

    def test_waits_for_the_rest_when_the_list_does_not_fit(self, batch, actor):
        scan_all(actor, batch, *range(11, 21))

        result = scan_one(actor, batch, 41, opened=1)

        assert result.message == "Case #1: 1 unit packed. 9 to go. " + (
            "10 units stay on your list: 10 wrong sequence."
        )

    def test_stays_open_when_nothing_of_the_list_fits(self, batch, actor):
        scan_all(actor, batch, 11, 12)

        result = scan_one(actor, batch, label(batch, 1))

        assert told(result) == (
            "wrong",
            "No codes match Case #1 sequence range (1-10). Found sequences: 11, 12",
        )
        assert result.list_count == 2

    def test_that_is_full_is_a_duplicate(self, batch, actor):
        pack(batch, 1, range(1, 11))
        MasterCode.objects.filter(batch=batch, case_number=1).update(actual_unit_count=10)

        assert told(scan_one(actor, batch, label(batch, 1))) == ("duplicate", FULL)
        scan_one(actor, batch, 41)
        assert told(scan_one(actor, batch, label(batch, 1))) == ("duplicate", FULL)

    def test_beside_the_open_one_is_wrong_while_units_are_listed(self, batch, actor):
        scan_one(actor, batch, 1, opened=1)

        result = scan_one(actor, batch, label(batch, 2), opened=1)

        assert told(result) == (
            "wrong",
            "Case #1 is open and 1 unit on your list. "
            "Scan that case to pack them, or clear the list.",
        )
        assert result.case == case_of(batch, 1)

    def test_beside_the_open_one_opens_when_nothing_is_listed(self, batch, actor):
        assert scan_one(actor, batch, label(batch, 2), opened=1).message == "Case #2 open, 0 of 10"

    def test_of_another_order_is_wrong(self, batch, actor):
        other = make_generated_batch(
            organization=batch.organization, order_no="ORD-HM-1125-03", units=10, per_case=10
        )

        assert told(scan_one(actor, batch, label(other, 1))) == (
            "wrong",
            "This case belongs to order ORD-HM-1125-03. You are packing ORD-HM-1125-02.",
        )

    def test_that_is_open_elsewhere_does_not_count(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=10, per_case=10)

        result = scan(
            actor=actor,
            batch_id=batch.pk,
            client_uuid=uuid4(),
            text="1",
            case_id=case_of(other, 1).pk,
        )

        assert (result.message, result.case) == ("Added #1, MINT. 1 of 10", None)


class TestCommands:
    @pytest.mark.parametrize("text", ["UNDO", " undo\t"])
    def test_undo_takes_the_last_thing_back(self, batch, actor, text):
        scan_all(actor, batch, 1, 2, label(batch, 1))

        result = scan_one(actor, batch, text)

        assert told(result) == ("ok", "Undone: 2 units taken out of Case #1.")
        assert sequences_in(batch, 1) == []

    def test_undo_of_nothing_is_wrong(self, batch, actor):
        assert told(scan_one(actor, batch, "UNDO")) == ("wrong", "Nothing to undo")

    @pytest.mark.parametrize("text", ["CLOSE CASE", "close  case"])
    def test_close_case_packs_the_list(self, batch, actor, text):
        scan_all(actor, batch, 1, 2, opened=1)

        result = scan_one(actor, batch, text, opened=1)

        assert told(result) == ("ok", "Case #1: 2 units packed. 8 to go.")

    def test_close_case_needs_units(self, batch, actor):
        assert told(scan_one(actor, batch, "CLOSE CASE", opened=1)) == (
            "wrong",
            "Your list is empty. Scan units first.",
        )

    def test_close_case_needs_a_case(self, batch, actor):
        assert told(scan_one(actor, batch, "CLOSE CASE")) == (
            "wrong",
            "No case is open. Scan its label first.",
        )


class TestPerfectMode:
    @pytest.mark.parametrize("form", ["{code}", "CASE:2", "2"])
    def test_marks_the_case(self, batch, actor, form):
        text = form.format(code=label(batch, 2))

        result = scan_one(actor, batch, text, mode=ScanMode.PERFECT)

        assert told(result) == (
            "ok",
            "Case #2 marked perfect! All 10 codes linked automatically.",
        )
        assert result.case.is_full

    def test_twice_is_a_duplicate(self, batch, actor):
        scan_one(actor, batch, "2", mode=ScanMode.PERFECT)

        result = scan_one(actor, batch, "2", mode=ScanMode.PERFECT)

        assert told(result) == ("duplicate", "Case already marked perfect")

    def test_says_why_not(self, batch, actor):
        pack(batch, 2, [11])

        result = scan_one(actor, batch, "2", mode=ScanMode.PERFECT)

        assert result.outcome == "wrong"
        assert result.message.startswith("This case has already been processed by workers")


class TestRestMode:
    def test_fills_the_case_from_the_queue(self, batch, actor):
        prepare(batch)

        result = scan_one(actor, batch, "3", mode=ScanMode.REST)

        assert told(result) == ("ok", "Case #3: 10 units")
        assert sequences_in(batch, 3) == [*range(1, 11)]

    def test_twice_is_a_duplicate(self, batch, actor):
        prepare(batch)
        scan_one(actor, batch, "3", mode=ScanMode.REST)

        assert told(scan_one(actor, batch, "3", mode=ScanMode.REST)) == ("duplicate", FULL)

    def test_takes_as_many_as_are_asked_for(self, batch, actor):
        prepare(batch)

        result = scan_one(actor, batch, "3", mode=ScanMode.REST, queue=QueueOptions(4))

        assert told(result) == ("ok", "Case #3: 4 units")
        assert sequences_in(batch, 3) == [1, 2, 3, 4]

    def test_takes_only_units_planned_for_the_case(self, batch, actor):
        prepare(batch)

        scan_one(actor, batch, "3", mode=ScanMode.REST, queue=QueueOptions(same_case=True))

        assert sequences_in(batch, 3) == [*range(21, 31)]

    def test_needs_a_queue(self, batch, actor):
        result = scan_one(actor, batch, "3", mode=ScanMode.REST)

        assert result.outcome == "wrong"
        assert result.message.startswith("No prepared codes available in queue.")


@pytest.mark.parametrize("mode", [ScanMode.PERFECT, ScanMode.REST])
class TestCaseFields:
    def test_take_no_unit(self, batch, actor, mode):
        result = scan_one(actor, batch, unit_of(batch, 1).code, mode=mode)

        assert told(result) == ("wrong", "This is a unit label. Scan the case label.")

    def test_take_no_case_of_another_order(self, batch, actor, mode):
        other = make_generated_batch(
            organization=batch.organization, order_no="ORD-HM-1125-03", units=10, per_case=10
        )

        result = scan_one(actor, batch, label(other, 1), mode=mode)

        assert result.outcome == "wrong"
        assert "belongs to" in result.message
        assert "ORD-HM-1125-03" in result.message

    def test_take_nothing_unknown(self, batch, actor, mode):
        result = scan_one(actor, batch, "zzz", mode=mode)

        assert told(result) == (
            "wrong",
            "Unknown code: zzz. Scan again or type SEQ:<number>.",
        )


class TestClosedBatches:
    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_answer_locked(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)

        assert told(scan_one(actor, batch, 1)) == (
            "locked",
            f"Batch is not ready for packing ({status})",
        )

    @pytest.mark.parametrize("status", LOCKED)
    def test_of_a_locked_order_answer_locked(self, batch, actor, status):
        MasterCode.objects.filter(batch=batch, case_number=4).update(status=status)

        assert told(scan_one(actor, batch, 1)) == (
            "locked",
            "Warehouse intake has begun for this order. Scanning and linking are disabled.",
        )


class TestSameScanAgain:
    @pytest.mark.parametrize(
        ("texts", "outcome"),
        [
            (["7"], "ok"),
            (["7", "7"], "duplicate"),
            (["zzz"], "wrong"),
            (["CASE:3"], "ok"),
            (["1", "CASE:1"], "ok"),
            (["1", "UNDO"], "ok"),
        ],
    )
    def test_has_its_stored_outcome(self, batch, actor, texts, outcome):
        scan_all(actor, batch, *texts[:-1])
        first = scan_one(actor, batch, texts[-1], uuid=FIRST_UUID)

        again = scan_one(actor, batch, texts[-1], uuid=FIRST_UUID)

        assert told(again) == told(first)
        assert first.outcome == outcome
        assert (again.case, again.unit) == (first.case, first.unit)
        assert (again.list_count, again.event_id) == (first.list_count, first.event_id)
        assert (first.is_repeat, again.is_repeat) == (False, True)

    def test_is_stored_also_when_it_was_locked(self, batch, actor):
        Batch.objects.filter(pk=batch.pk).update(status="completed")
        first = scan_one(actor, batch, 1, uuid=FIRST_UUID)
        Batch.objects.filter(pk=batch.pk).update(status="in_production")

        assert told(scan_one(actor, batch, 1, uuid=FIRST_UUID)) == told(first)

    def test_shows_the_case_that_is_open(self, batch, actor):
        scan_one(actor, batch, 1, opened=1, uuid=FIRST_UUID)

        assert scan_one(actor, batch, 1, opened=1, uuid=FIRST_UUID).case == case_of(batch, 1)

    def test_of_somebody_else_is_refused(self, batch, actor, colleague):
        scan_one(actor, batch, 1, uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            scan_one(colleague, batch, 1, uuid=FIRST_UUID)

    def test_in_another_batch_is_refused(self, batch, actor):
        other = make_generated_batch(organization=batch.organization, units=10, per_case=10)
        scan_one(actor, batch, 1, uuid=FIRST_UUID)

        with pytest.raises(errors.ClientUuidReused):
            scan_one(actor, other, 1, uuid=FIRST_UUID)

    def test_of_another_organization_may_have_the_same_uuid(self, batch, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)
        scan_one(make_member(organization=foreign.organization), foreign, 1, uuid=FIRST_UUID)

        assert scan_one(actor, batch, 1, uuid=FIRST_UUID).outcome == "ok"

    @pytest.mark.parametrize("name", scanning._COLLISIONS)
    def test_at_once_is_looked_up_again(self, batch, actor, monkeypatch, name):
        calls = []

        def collide(*args):
            calls.append(args)
            if len(calls) == 1:
                raise IntegrityError(name)
            return original(*args)

        original = scanning._scan_once
        monkeypatch.setattr(scanning, "_scan_once", collide)

        assert scan_one(actor, batch, 1).outcome == "ok"

    def test_other_broken_rules_are_told(self, batch, actor, monkeypatch):
        def collide(*args):
            raise IntegrityError("qr_codes_batch_seq_uniq")

        monkeypatch.setattr(scanning, "_scan_once", collide)

        with pytest.raises(IntegrityError):
            scan_one(actor, batch, 1)


class TestRefusals:
    def test_of_unknown_and_foreign_batches(self, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        with pytest.raises(errors.BatchNotFound):
            scan_one(actor, foreign, 1)
        with pytest.raises(errors.BatchNotFound):
            scan(actor=actor, batch_id=uuid4(), client_uuid=uuid4(), text="1")

    def test_without_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            scan_one(UserFactory(), batch, 1)


@pytest.mark.parametrize("listed", [0, 8])
def test_takes_as_many_statements_for_a_long_list(
    batch, actor, listed, django_assert_max_num_queries
):
    scan_all(actor, batch, *range(1, listed + 1))
    assert list_items(user=actor, batch_id=batch.pk).count() == listed
    case_id = case_of(batch, 1).pk

    with django_assert_max_num_queries(18):
        scan(
            actor=actor,
            batch_id=batch.pk,
            client_uuid=FIRST_UUID,
            text=str(listed + 1),
            case_id=case_id,
        )
