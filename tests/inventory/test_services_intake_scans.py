from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Role
from inventory.errors import (
    ItemNotStorable,
    LastScanChanged,
    LocationInvalid,
    LocationUnknown,
    NothingToUndo,
    ScanChangedSince,
    ScanRefReused,
    ScanUnfinished,
)
from inventory.models import (
    Device,
    DeviceTest,
    Location,
    Movement,
    QueueBatch,
    QueueControl,
    QueueItem,
    QueueSource,
    StockEntry,
)
from inventory.rules.scan_words import ScanOutcome, Spot
from inventory.selectors.intake_places import find_place, list_places
from inventory.selectors.intake_scans import (
    ScansOf,
    count_phones,
    count_refused,
    find_scan,
    get_totals,
    list_scans,
)
from inventory.services import intake_scans
from inventory.services.clearing import clear_completed
from inventory.services.intake_scans import make_place, take_in, undo_last
from inventory.services.next_item import Attempt
from tests.accounts.factories import OrganizationFactory, make_member
from tests.inventory.factories import A, B, add, assert_counts_fit, imei_of, process
from tests.jobs.parallel import run_together

pytestmark = pytest.mark.django_db

WRONG = "356938035643808"


class Person:
    """Somebody who takes phones in."""

    def __init__(self, organization=None, role=Role.OPERATOR):
        self.organization = organization or OrganizationFactory(kind="warehouse")
        self.user = make_member(role, organization=self.organization)
        self.since = timezone.now() - timedelta(minutes=5)

    def place(self, name="Shelf A", warehouse=None):
        return make_place(organization_id=self.organization.pk, name=name, warehouse=warehouse)

    def scan(self, text, place="Shelf A", ref=None):
        return take_in(
            organization_id=self.organization.pk,
            actor=self.user,
            place=self.place(place),
            text=text,
            client_ref=ref or uuid4(),
            now=timezone.now(),
        )

    def undo(self, expected=None):
        return undo_last(
            organization_id=self.organization.pk,
            actor=self.user,
            since=self.since,
            expected=expected or self.scans[0].batch_id,
            now=timezone.now(),
        )

    @property
    def mine(self):
        return ScansOf(self.organization.pk, self.user.pk, self.since)

    @property
    def scans(self):
        return list_scans(self.mine)

    @property
    def count(self):
        count = get_totals(self.mine)
        assert count.phones == count_phones(self.mine)
        return count


@pytest.fixture
def person():
    return Person()


class TestTakeIn:
    def test_adds_and_works_off_while_the_queue_is_stopped(self, person):
        QueueControl.objects.create(organization=person.organization, desired_state="stopped")
        ref = uuid4()

        scan = person.scan(A, ref=ref)

        assert (scan.outcome, scan.title, scan.expected) == (ScanOutcome.NEW, "NEW", "")
        item = QueueItem.objects.get()
        assert (item.source, item.priority, item.client_ref) == ("scan", 1, ref)
        assert item.raw_data == {"imei": A, "location": "Shelf A", "warehouse": "Main warehouse"}
        assert QueueBatch.objects.get().undoable
        assert StockEntry.objects.get().location.name == "Shelf A"
        assert_counts_fit(person.organization)

    def test_says_what_became_of_a_known_phone(self, person):
        known = {"imei": A, "name": "iPhone 13", "location": "Shelf A"}
        add(person.organization, known, {"imei": B, "location": "Shelf B"})
        process(person.organization)

        updated, moved, again = person.scan(A), person.scan(B), person.scan(B)

        assert (updated.title, updated.device_name) == ("UPDATED", "iPhone 13")
        assert (moved.title, moved.expected) == ("MOVED Shelf B → Shelf A", "at Shelf B")
        assert (moved.outcome, again.outcome) == (ScanOutcome.MOVED, ScanOutcome.ALREADY)
        assert again.title == f"ALREADY SCANNED at {moved.at:%H:%M}"
        assert Device.objects.count() == 2

    def test_names_the_warehouse_where_it_is_another_one(self, person):
        person.scan(A)
        north = person.place("Shelf A", "Main warehouse").warehouse
        north.pk, north.name, north.name_key, north.is_default = None, "North", "north", False
        north.save(force_insert=True)

        moved = take_in(
            organization_id=person.organization.pk,
            actor=person.user,
            place=person.place("Shelf A", "North"),
            text=A,
            client_ref=uuid4(),
            now=timezone.now(),
        )

        assert moved.title == "MOVED Shelf A, Main warehouse → Shelf A, North"

    def test_of_yesterday_is_no_repeat(self, person):
        person.scan(A)
        QueueItem.objects.update(created_at=timezone.now() - timedelta(hours=25))

        assert person.scan(A).outcome is ScanOutcome.UPDATED

    @pytest.mark.parametrize(
        ("text", "title", "expected"),
        [
            ("12", "REFUSED IMEI must have 15 digits, got 2", "an IMEI: 15 digits"),
            ("SN-1", "REFUSED IMEI is not numeric: 'SN-1'", "an IMEI: 15 digits"),
            (WRONG, "REFUSED Invalid IMEI check digit", "check digit 9"),
        ],
    )
    def test_refuses_with_a_reason(self, person, text, title, expected):
        QueueSource.objects.create(
            organization=person.organization, name="scan", validation="strict"
        )

        scan = person.scan(text)

        assert (scan.outcome, scan.title) == (ScanOutcome.REFUSED, title)
        assert scan.expected == expected
        assert not Device.objects.exists()

    def test_keeps_a_wrong_check_digit_with_a_note(self, person):
        scan = person.scan(WRONG)

        assert (scan.title, scan.notes) == ("NEW", ("The check digit is wrong, expected 9",))
        assert not Device.objects.get().luhn_valid

    def test_stores_nothing_of_what_cannot_be_stored(self, person):
        with pytest.raises(ItemNotStorable):
            person.scan("35\x00")

        assert not QueueBatch.objects.exists()


class TestClientRef:
    def test_again_has_no_effect_and_the_same_answer(self, person):
        ref = uuid4()
        first = person.scan(A, ref=ref)

        again = person.scan(A, ref=ref)

        assert again == first
        assert (QueueItem.objects.count(), DeviceTest.objects.count()) == (1, 1)

    def test_twice_at_once_is_one_scan(self, person, monkeypatch):
        ref = uuid4()
        first = person.scan(A, ref=ref)
        looked, look = [], intake_scans.find_item

        def find_late(**arguments):
            looked.append(arguments)
            return None if len(looked) == 1 else look(**arguments)

        monkeypatch.setattr(intake_scans, "find_item", find_late)

        assert person.scan(A, ref=ref) == first
        assert (QueueItem.objects.count(), QueueBatch.objects.count()) == (1, 1)

    def test_of_another_phone_is_refused(self, person):
        ref = uuid4()
        person.scan(A, ref=ref)

        with pytest.raises(ScanRefReused):
            person.scan(B, ref=ref)

    def test_of_another_organization_is_nothing(self, person):
        ref = uuid4()
        person.scan(A, ref=ref)

        assert find_scan(organization_id=OrganizationFactory().pk, client_ref=ref) is None
        assert Person().scan(A, ref=ref).outcome is ScanOutcome.NEW


class TestBusy:
    def test_takes_the_answer_of_a_worker_that_was_faster(self, person, monkeypatch):
        def be_late(**arguments):
            process(person.organization)
            return Attempt(None)

        monkeypatch.setattr(intake_scans, "process_item", be_late)

        assert person.scan(A).outcome is ScanOutcome.NEW

    def test_goes_on_with_a_scan_that_was_left(self, person, monkeypatch):
        ref = uuid4()
        monkeypatch.setattr(intake_scans, "PAUSE_SECONDS", 0)
        with monkeypatch.context() as patch:
            patch.setattr(intake_scans, "process_item", lambda **arguments: Attempt(None))
            with pytest.raises(ScanUnfinished):
                person.scan(A, ref=ref)
        assert QueueItem.objects.get().status == "pending"
        QueueItem.objects.update(run_after=timezone.now() - timedelta(seconds=1))

        assert person.scan(A, ref=ref).outcome is ScanOutcome.NEW
        assert QueueItem.objects.count() == 1


class TestUndoLast:
    def test_takes_a_new_phone_out_again(self, person):
        person.scan(A)
        person.scan(B)

        undone = person.undo()

        assert (undone.text, undone.is_undone, undone.outcome) == (B, True, ScanOutcome.NEW)
        assert list(Device.objects.order_by("pk").values_list("imei", flat=True)) == [A]
        assert person.count.phones == 1

    def test_takes_a_phone_back_to_where_it_was(self, person):
        person.scan(A)
        person.scan(A, "Shelf B")

        undone = person.undo()

        assert (undone.outcome, undone.origin.name) == (ScanOutcome.MOVED, "Shelf A")
        assert StockEntry.objects.get().location.name == "Shelf A"
        assert Movement.objects.order_by("pk").last().reason == "undo"

    def test_goes_back_scan_by_scan_past_the_refused(self, person):
        for text in (A, A, "12"):
            person.scan(text)
        repeated = person.scans[1]

        person.undo(repeated.batch_id)
        person.undo(person.scans[2].batch_id)

        assert not Device.objects.exists()
        with pytest.raises(NothingToUndo):
            person.undo("any")

    def test_pressed_twice_takes_one_back(self, person):
        person.scan(A)
        person.scan(B)
        last = person.scans[0].batch_id
        person.undo(last)

        with pytest.raises(LastScanChanged):
            person.undo(last)

        assert Device.objects.count() == 1

    def test_leaves_a_phone_that_was_changed_since(self, person):
        mine = person.scan(A)
        Person(person.organization).scan(A, "Shelf B")

        with pytest.raises(ScanChangedSince):
            person.undo()

        assert StockEntry.objects.get().location.name == "Shelf B"
        assert QueueBatch.objects.get(batch_id=mine.batch_id).undone_at is None

    def test_is_for_own_scans_of_this_count(self, person):
        Person(person.organization).scan(A)
        person.scan(B)
        person.since = timezone.now()

        with pytest.raises(NothingToUndo):
            person.undo("any")


class TestSelectors:
    def test_count_each_phone_once_where_it_was_scanned_last(self, person):
        add(person.organization, {"imei": imei_of(9), "location": "Shelf A"})
        process(person.organization)
        for text, place in [
            (A, "Shelf A"),
            (A, "Shelf B"),
            (B, "Shelf A"),
            (imei_of(9), "Shelf A"),
        ]:
            person.scan(text, place)
        person.scan("12")

        shelf_a, shelf_b = person.count.places

        assert shelf_a.place == Spot("Shelf A", "Main warehouse")
        assert (shelf_a.phones, shelf_a.new, shelf_a.moved, shelf_a.updated) == (2, 1, 0, 1)
        assert (shelf_b.phones, shelf_b.new) == (1, 1)
        assert (person.count.phones, count_refused(person.mine)) == (3, 1)

    def test_know_scans_that_were_cleared(self, person):
        person.scan(A)
        before = person.scans
        clear_completed(organization_id=person.organization.pk)
        assert not QueueItem.objects.exists()

        assert person.scans == before
        assert person.count.phones == 1

    def test_list_the_last_ones(self, person):
        for text in (A, B, A):
            person.scan(text)

        assert [scan.text for scan in list_scans(person.mine, limit=2)] == [A, B]

    def test_show_nothing_of_others(self, person):
        Person(person.organization).scan(A)
        Person().scan(B)

        assert (person.scans, person.count.phones) == ([], 0)


class TestPlaces:
    def test_are_found_by_a_part_of_the_name_the_exact_one_first(self, person):
        for name in ("Box A", "A", "Shelf A"):
            person.place(name)
        Person().place("A of others")

        found = list_places(organization_id=person.organization.pk, query=" a ")

        assert [place.name for place in found] == ["A", "Box A", "Shelf A"]

    def test_that_are_closed_or_no_place_are_not_offered(self, person):
        for name in ("Closed", "Default Location"):
            Location.objects.create(
                organization=person.organization,
                warehouse=person.place().warehouse,
                name=name,
                name_key=name.casefold(),
                is_active=name != "Closed",
            )

        found = list_places(organization_id=person.organization.pk)

        assert [place.name for place in found] == ["Shelf A"]

    def test_of_others_are_not_there(self, person):
        foreign = Person().place()

        for number in (foreign.pk, 0, -1, 2**70, None):
            assert find_place(organization_id=person.organization.pk, location_id=number) is None

    def test_are_made_once(self, person):
        assert person.place(" Shelf  A ") == person.place("shelf a")

    def test_need_a_name(self, person):
        for name in ("", " ", "x" * 101, "N/A", "Default Location", "a\x00", None):
            with pytest.raises(LocationInvalid):
                person.place(name)

    def test_are_not_made_where_the_setting_forbids_it(self, person, settings):
        settings.QUEUE_AUTO_CREATE_LOCATIONS = False

        with pytest.raises(LocationUnknown):
            person.place("New shelf")


@pytest.mark.django_db(transaction=True)
def test_four_who_send_the_same_scans_at_once_take_each_in_once(settings):
    """A station that sends again while its first call still runs; real threads."""
    settings.QUEUE_IDLE_SECONDS = 0
    person = Person()
    place, refs = person.place(), [uuid4() for _ in range(5)]

    def send():
        return [
            take_in(
                organization_id=person.organization.pk,
                actor=person.user,
                place=place,
                text=imei_of(number),
                client_ref=ref,
                now=timezone.now(),
            ).outcome
            for number, ref in enumerate(refs)
        ]

    answers = run_together([send] * 4)

    assert answers == [[ScanOutcome.NEW] * 5] * 4
    assert (QueueItem.objects.count(), DeviceTest.objects.count()) == (5, 5)
    assert_counts_fit(person.organization)
