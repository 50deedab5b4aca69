"""What trading partners are told: documents by the schema, and what really lies in the cases."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.models import Role
from qrtracking.exports.epcis import stream_document
from qrtracking.models import MasterCode, ScanEvent, UnitCode
from qrtracking.services.closing import close_case_short
from qrtracking.services.spoiling import replace_spoiled
from qrtracking.services.undoing import undo_last
from qrtracking.services.unlinking import unlink_case
from tests.accounts.factories import make_member
from tests.qrtracking.epcis import contents, read_document
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, pack, prepare

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
GTIN = "9506000134352"


@pytest.fixture
def batch():
    """40 units in 4 cases of 10, all of them in the queue."""
    batch = make_generated_batch(units=40, per_case=10, order_no="ORD-HM-1125-02")
    prepare(batch)
    return batch


@pytest.fixture
def actor(batch):
    return make_member(Role.MANAGER, organization=batch.organization)


def events_of(batch, number=None, **options):
    case = case_of(batch, number) if number else None
    return read_document(b"".join(stream_document(batch=batch, case=case, now=NOW, **options)))


def label_of(batch, number):
    return f"http://testserver/track/master/{case_of(batch, number).master_code}"


def units_in(batch, number):
    units = UnitCode.objects.filter(master_code=case_of(batch, number)).order_by("sequence_number")
    return [f"http://testserver/track/product/{unit.code}" for unit in units]


def actions(events):
    return [event["action"] for event in events]


class TestPackedCases:
    def test_are_added_with_all_their_units(self, batch, actor):
        link(actor, batch, 1)

        (event,) = events_of(batch)

        packed = ScanEvent.objects.get(batch=batch)
        assert event["parentID"] == label_of(batch, 1)
        assert event["childEPCs"] == units_in(batch, 1)
        assert len(event["childEPCs"]) == 10
        assert event["eventTime"] == packed.created_at.isoformat(timespec="milliseconds")
        assert event["readPoint"] == {"id": f"urn:uuid:{batch.organization_id}"}

    def test_are_named_by_their_shipping_number_where_they_have_one(self, batch, actor):
        link(actor, batch, 1)
        MasterCode.objects.filter(batch=batch, case_number=1).update(sscc="106141412345678908")

        (event,) = events_of(batch)

        assert event["parentID"] == "https://id.gs1.org/00/106141412345678908"

    def test_name_their_units_by_product_and_serial_where_there_is_a_gtin(self, batch, actor):
        batch.order.items.get().variant.product.__class__.objects.update(gtin=GTIN)
        link(actor, batch, 1)

        (event,) = events_of(batch)

        tail = UnitCode.objects.get(batch=batch, sequence_number=1).code[-18:]
        assert event["childEPCs"][0] == f"https://id.gs1.org/01/0{GTIN}/21/{tail}"

    def test_are_told_one_after_the_other(self, batch, actor):
        for number in (3, 1, 2):
            link(actor, batch, number)

        events = events_of(batch, units_a_page=10)

        assert [event["parentID"] for event in events] == [label_of(batch, n) for n in (1, 2, 3)]
        assert events == events_of(batch)

    def test_are_told_with_the_time_of_the_last_scan_when_the_journal_is_empty(self, batch):
        scanned_at = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
        pack(batch, 1, range(1, 11))
        MasterCode.objects.filter(batch=batch, case_number=1).update(
            actual_unit_count=10, status="packed", manufacturer_scanned_at=scanned_at
        )

        (event,) = events_of(batch)

        assert event["eventTime"] == "2026-11-25T08:00:00.000+00:00"

    def test_count_when_they_were_closed_short(self, batch, actor):
        link(actor, batch, 1, target_units=4)
        close_case_short(actor=actor, case_id=case_of(batch, 1).pk, reason="End of the roll")

        (event,) = events_of(batch)

        assert len(event["childEPCs"]) == 4

    def test_are_not_those_that_are_half_full(self, batch, actor):
        link(actor, batch, 1, target_units=4)

        assert events_of(batch) == []

    def test_are_told_after_the_warehouse_took_them_in(self, batch, actor):
        link(actor, batch, 1)
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="received_warehouse")

        assert actions(events_of(batch)) == ["ADD"]


class TestUnlinking:
    def test_is_told_without_children(self, batch, actor):
        link(actor, batch, 1)
        unlink_case(actor=actor, case_id=case_of(batch, 1).pk)

        (event,) = events_of(batch)

        assert (event["action"], event["bizStep"]) == ("DELETE", "unpacking")
        assert event["parentID"] == label_of(batch, 1)

    def test_is_told_before_the_case_was_packed_again(self, batch, actor):
        link(actor, batch, 1)
        earlier = events_of(batch)
        unlink_case(actor=actor, case_id=case_of(batch, 1).pk)
        link(actor, batch, 1)

        events = events_of(batch)

        assert actions(events) == ["DELETE", "ADD"]
        assert events[0]["eventTime"] <= events[1]["eventTime"]
        # Whoever has the first document and reads the second after it knows what is in the case.
        assert contents(earlier + events) == {label_of(batch, 1): units_in(batch, 1)}

    def test_is_told_each_time(self, batch, actor):
        for _ in range(2):
            link(actor, batch, 1)
            unlink_case(actor=actor, case_id=case_of(batch, 1).pk)

        assert actions(events_of(batch)) == ["DELETE", "DELETE"]


class TestOtherChanges:
    def test_undoing_empties_the_case_for_partners(self, batch, actor):
        link(actor, batch, 1)
        earlier = events_of(batch)
        undo_last(actor=actor, batch_id=batch.pk)

        events = events_of(batch)

        assert actions(events) == ["DELETE"]
        assert contents(earlier + events) == {}

    def test_replacing_a_spoiled_unit_tells_the_contents_anew(self, batch, actor):
        link(actor, batch, 1)
        earlier = events_of(batch)
        spoiled = units_in(batch, 1)[0]
        replace_spoiled(actor=actor, batch_id=batch.pk, spoiled=["1"])

        events = events_of(batch)

        told = contents(earlier + events)[label_of(batch, 1)]
        assert told == units_in(batch, 1)
        assert spoiled not in told


class TestExportingAgain:
    def test_gives_the_same_events(self, batch, actor):
        link(actor, batch, 1)
        unlink_case(actor=actor, case_id=case_of(batch, 1).pk)
        link(actor, batch, 1)
        link(actor, batch, 2)

        assert events_of(batch) == events_of(batch)

    def test_keeps_the_ids_of_cases_that_did_not_change(self, batch, actor):
        link(actor, batch, 1)
        (before,) = events_of(batch)
        link(actor, batch, 2)
        MasterCode.objects.filter(batch=batch).update(updated_at=timezone.now())

        assert events_of(batch)[0] == before

    def test_gives_one_case_the_ids_that_it_has_in_its_batch(self, batch, actor):
        for number in (1, 2):
            link(actor, batch, number)

        assert events_of(batch, 2) == events_of(batch)[1:]

    def test_changes_nothing(self, batch, actor):
        link(actor, batch, 1)
        before = list(MasterCode.objects.filter(batch=batch).order_by("pk").values())

        events_of(batch)

        assert list(MasterCode.objects.filter(batch=batch).order_by("pk").values()) == before


class TestStatements:
    def test_are_two_a_page_whatever_lies_in_the_cases(
        self, batch, actor, django_assert_num_queries
    ):
        for number in (1, 2, 3, 4):
            link(actor, batch, number)

        # Two pages of two cases, and the empty one that is the end.
        with django_assert_num_queries(5):
            assert len(events_of(batch, units_a_page=20)) == 4
