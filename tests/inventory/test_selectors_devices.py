from datetime import UTC, datetime

import pytest

from inventory.errors import DeviceNotFound
from inventory.models import Device, TacModel
from inventory.selectors.devices import DeviceFilters, find_device, list_devices
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, imei_of, process

pytestmark = pytest.mark.django_db

WRONG_DIGIT = "356938035643808"
REMOVED, UNKNOWN = imei_of(7), imei_of(60)
NAMES = {A: "A", B: "B", WRONG_DIGIT: "wrong digit", REMOVED: "removed", UNKNOWN: "unknown"}


@pytest.fixture
def organization():
    organization = OrganizationFactory()
    whole = {
        "brand": "Apple", "model": "iPhone 13", "storage": "128GB", "color": "Blue",
        "carrier": "ATT", "screenCondition": "good", "bodyCondition": "good", "location": "Shelf 1",
    }  # fmt: skip
    add(
        organization,
        {**whole, "imei": A, "serial": "F2LX9", "imei2": imei_of(99), "working": "YES"},
        {**whole, "imei": B, "sku": "MINE-1", "working": "NO", "location": "shelf  2"},
        {**whole, "imei": WRONG_DIGIT, "brand": "Samsung", "model": "Galaxy S21", "name": "Galaxy"},
        {**whole, "imei": REMOVED, "serial": "100%"},
        {"imei": UNKNOWN},
    )
    process(organization)
    devices = Device.objects.filter(organization=organization)
    devices.filter(imei=REMOVED).update(status="removed")
    devices.filter(imei=UNKNOWN).update(suggested={"brand": "Apple", "model": "iPhone 8"})
    add(OrganizationFactory(), {**whole, "imei": A}, {**whole, "imei": B})
    return organization


def find(organization, **filters):
    devices = list_devices([organization.pk], DeviceFilters(**filters)).order_by("pk")
    found = {device.imei for device in devices}
    return [name for imei, name in NAMES.items() if imei in found]


# One set-up for all cases: they only read.
SEARCHES = [
    (A, ["A"]),
    (" 49-015420-323751-8 ", ["A"]),
    (A[:14], ["A"]),
    (imei_of(99), ["A"]),
    (A[-4:], ["A"]),
    (A[-8:], ["A"]),
    (A[-3:], []),
    (A[-9:], []),
    ("f2l", ["A"]),
    ("100%", ["removed"]),
    ("mine", ["B"]),
    ("iphone13-128", ["A", "removed"]),
    ("%", []),
    ("no such", []),
    ("\0", []),
    ("", ["A", "B", "wrong digit", "removed", "unknown"]),
]
FILTERS = [
    ({"location": " SHELF 2"}, ["B"]),
    ({"location_id": "x"}, []),
    ({"location_id": "0"}, []),
    ({"warehouse": "main  warehouse", "status": "removed"}, ["removed"]),
    ({"warehouse": "elsewhere"}, []),
    ({"sku": "mine-1"}, ["B"]),
    ({"sku": "mine"}, []),
    ({"brand": "APPLE", "model": "iphone 13"}, ["A", "B", "removed"]),
    ({"result": "FAILED"}, ["B"]),
    ({"result": "passed"}, ["A"]),
    ({"result": "so-so"}, []),
    ({"working": "PENDING", "status": "active"}, ["wrong digit", "unknown"]),
    ({"status": "lost"}, []),
    ({"luhn_invalid": "yes"}, ["wrong digit"]),
    ({"assumed": "yes"}, ["unknown"]),
    ({"suggested": "yes"}, ["unknown"]),
    ({"updated_after": datetime(2999, 1, 1, tzinfo=UTC)}, []),
    ({"search": B[-4:], "brand": "Samsung"}, []),
]


class TestListDevices:
    def test_finds_what_people_type_or_scan(self, organization):
        assert [(text, find(organization, search=text)) for text, _ in SEARCHES] == SEARCHES

    def test_filters(self, organization):
        assert [(filters, find(organization, **filters)) for filters, _ in FILTERS] == FILTERS

    def test_tells_models_that_differ_from_their_tac(self, organization):
        for tac, model in (
            (A[:8], "IPHONE 13"), (B[:8], "iPhone 13"), (UNKNOWN[:8], "iPhone 8"),
        ):  # fmt: skip
            TacModel.objects.create(organization=organization, tac=tac, brand="Apple", model=model)

        assert find(organization, tac_mismatch="yes") == ["wrong digit", "removed"]
        assert find(organization, tac_mismatch="yes", search=REMOVED) == ["removed"]

    def test_reads_all_parts_at_once(self, organization, django_assert_num_queries):
        with django_assert_num_queries(1):
            device = list_devices([organization.pk]).get(imei=A)
            parts = device.skuinfo, device.inspection, device.unitinfo, device.stock.location
            names = str(device.stock.location.warehouse)

        assert {part.imei for part in parts[:3]} == {A}
        assert names == "Main warehouse"


class TestDeviceFilters:
    def test_takes_from_texts_what_it_knows(self):
        filters = DeviceFilters.from_texts({"sku": "S", "page": "2", "updated_after": "x"})

        assert filters == DeviceFilters(sku="S")


class TestFindDevice:
    def test_knows_any_spelling_and_only_its_own(self, organization):
        assert find_device(organization.pk, f"IMEI: {A}").organization_id == organization.pk
        for unknown in ("12", None, imei_of(500)):
            with pytest.raises(DeviceNotFound):
                find_device(organization.pk, unknown)
