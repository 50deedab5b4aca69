import pytest

from inventory import errors
from inventory.models import Device, Location, Movement, StockEntry
from inventory.services.moving import move_device, remove_device, restore_device
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import NOW, A, add, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(organization):
    add(organization, {"imei": A, "location": "L1"})
    process(organization)
    common = {"organization_id": organization.pk, "actor": UserFactory(), "imei": A, "now": NOW}
    return lambda verb, **values: verb(**{**common, **values})


class TestMoveDevice:
    def test_moves_and_keeps_a_trace(self, act):
        movement = act(move_device, location=" l2 ", note="shelf is full")

        stock = StockEntry.objects.get()
        assert (stock.location.name, stock.status) == ("l2", "in_stock")
        assert (movement.from_location.name, movement.to_location.name) == ("L1", "l2")
        assert (movement.reason, movement.note) == ("move", "shelf is full")
        assert Device.objects.get().manual_changed_at == NOW

    def test_knows_when_it_is_there_already(self, act):
        with pytest.raises(errors.DeviceAlreadyThere):
            act(move_device, location=" L1")

        assert Movement.objects.count() == 1

    def test_makes_no_places_where_that_is_off(self, act, settings):
        settings.QUEUE_AUTO_CREATE_LOCATIONS = False

        with pytest.raises(errors.LocationUnknown, match=r"^Unknown location 'L9'$"):
            act(move_device, location="L9")

        assert not Location.objects.filter(name="L9").exists()

    @pytest.mark.parametrize("place", [None, "", "  ", 7, "x" * 101, "a\0"])
    def test_needs_a_place(self, act, place):
        with pytest.raises(errors.LocationInvalid):
            act(move_device, location=place)

    def test_leaves_removed_devices_alone(self, act):
        act(remove_device, reason="sold")

        with pytest.raises(errors.DeviceAlreadyRemoved):
            act(move_device, location="L2")

    @pytest.mark.parametrize("imei", ["356938035643809", "12", None, "a\0"])
    def test_knows_no_others(self, act, imei):
        with pytest.raises(errors.DeviceNotFound, match=r"^Device not found$"):
            act(move_device, imei=imei, location="L2")

    def test_knows_nobody_elses(self, act):
        with pytest.raises(errors.DeviceNotFound):
            act(move_device, organization_id=OrganizationFactory().pk, location="L2")


class TestRemoveDevice:
    def test_takes_it_out_of_stock_once(self, act):
        movement = act(remove_device, reason="sold")

        assert StockEntry.objects.get().status == "removed"
        assert (movement.reason, movement.to_location, movement.note) == ("remove", None, "sold")
        with pytest.raises(errors.DeviceAlreadyRemoved):
            act(remove_device, reason="sold")

    @pytest.mark.parametrize("reason", [None, "", " ", 7, "x" * 501])
    def test_needs_a_reason(self, act, reason):
        with pytest.raises(errors.ReasonRequired):
            act(remove_device, reason=reason)

    def test_is_undone_by_the_same_phone_coming_again(self, act, organization):
        act(remove_device, reason="sold")
        add(organization, {"imei": A, "location": "L3"})

        _, (outcome,) = process(organization)

        assert [note.code for note in outcome.notes] == ["device_returned"]
        stock = StockEntry.objects.get()
        assert (stock.status, stock.location.name) == ("in_stock", "L3")
        assert Device.objects.get().status == "active"
        assert Movement.objects.order_by("-id")[0].reason == "return"


class TestRestoreDevice:
    def test_brings_it_back_once(self, act):
        act(remove_device, reason="sold")

        movement = act(restore_device)

        assert (movement.reason, movement.to_location.name) == ("return", "L1")
        assert StockEntry.objects.get().status == "in_stock"
        with pytest.raises(errors.DeviceAlreadyActive):
            act(restore_device)
