import pytest
from django.utils import timezone

from inventory import errors
from inventory.models import Device, Location, Movement, StockEntry
from inventory.services import moving_many
from inventory.services.moving_many import move_devices, remove_devices, restore_devices
from tests.accounts.factories import OrganizationFactory, make_member
from tests.inventory.factories import add, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(monkeypatch):
    monkeypatch.setattr(moving_many, "CHUNK", 2)
    organization = OrganizationFactory()
    add(organization, *[{**phone, "location": "L1"} for phone in phones(1, 5)], *phones(5, 6))
    process(organization)
    return organization


@pytest.fixture
def call(organization):
    """Calls a service for all devices there are, of whichever organization."""
    stranger = OrganizationFactory()
    add(stranger, *phones(1, 2))
    process(stranger)
    ids = list(Device.objects.order_by("pk").values_list("pk", flat=True))
    actor = make_member(organization=organization)

    def act(service, **options):
        now = timezone.now()
        return service(organization_id=organization.pk, actor=actor, ids=ids, now=now, **options)

    act.actor = actor
    return act


def last_moves(organization, count):
    moves = Movement.objects.filter(organization=organization).order_by("-id")
    return {
        (str(move.from_location), str(move.to_location), move.reason, move.note, move.moved_by)
        for move in moves.select_related("from_location", "to_location", "moved_by")[:count]
    }


def where(organization):
    entries = StockEntry.objects.filter(organization=organization)
    return sorted(entries.values_list("location__name", "status", "item__status"))


class TestMoveDevices:
    def test_moves_what_is_elsewhere_and_keeps_traces(self, organization, call):
        assert call(move_devices, location=" l1 ", note="Sorting") == 1

        assert where(organization) == [("L1", "in_stock", "active")] * 5
        moves = {("Default Location", "L1", "move", "Sorting", call.actor)}
        assert last_moves(organization, 1) == moves
        assert not Device.objects.filter(
            organization=organization, assumed__contains=["location"]
        ).exists()
        assert Device.objects.filter(manual_changed_at__isnull=False).count() == 1
        assert call(move_devices, location="L1") == 0

    def test_leaves_removed_ones_alone(self, organization, call):
        call(remove_devices, reason="Sold")

        assert call(move_devices, location="L2") == 0

    @pytest.mark.parametrize("location", ["", " ", None, "a\0", "x" * 101])
    def test_needs_a_place(self, organization, call, location):
        with pytest.raises(errors.LocationInvalid):
            call(move_devices, location=location)

    def test_knows_no_other_warehouse(self, organization, call):
        with pytest.raises(errors.LocationUnknown):
            call(move_devices, location="L1", warehouse="Nowhere")

        assert Location.objects.filter(organization=organization).count() == 2


class TestRemoveDevices:
    def test_takes_out_and_restore_brings_back(self, organization, call):
        assert call(remove_devices, reason="Sold") == 5
        assert call(remove_devices, reason="Sold") == 0
        assert {row[1:] for row in where(organization)} == {("removed", "removed")}
        removed = {("L1", "None", "remove", "Sold", call.actor)}
        assert removed <= last_moves(organization, 5)

        assert call(restore_devices, note=None) == 5
        assert call(restore_devices) == 0
        assert {row[1:] for row in where(organization)} == {("in_stock", "active")}
        assert ("None", "L1", "return", "", call.actor) in last_moves(organization, 5)

    def test_touches_nobody_elses(self, organization, call):
        call(remove_devices, reason="Sold")

        assert Device.objects.exclude(organization=organization).get().status == "active"

    def test_needs_a_reason(self, organization, call):
        with pytest.raises(errors.ReasonRequired):
            call(remove_devices, reason=" ")
