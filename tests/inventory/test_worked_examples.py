"""The tables of examples of section 4, posted to the queue and read from the stock.

The pure rules have tests of their own; here each table goes through the database once.
"""

from typing import Any

import pytest

from inventory.models import (
    Device,
    DeviceTest,
    Inspection,
    Location,
    Movement,
    ProcessingLog,
    QueueBatch,
    QueueItem,
    SkuInfo,
    SkuRule,
    StockEntry,
    UnitInfo,
)
from inventory.services.moving import remove_device
from inventory.services.retrying import retry_failed
from tests.inventory.factories import NOW, A, B, add, assert_counts_fit, imei_of, phones, process

pytestmark = pytest.mark.django_db

FULL_WIDTH = "".join(chr(ord("\uff10") + int(digit)) for digit in B)
ARABIC = "".join(chr(ord("\u0660") + int(digit)) for digit in B)
ABSENT = object()


@pytest.fixture
def take_in(organization):
    """Post items as one batch and work them off; returns them as they are then."""

    def act(*items, **options):
        batch = add(organization, *items, **options)
        while process(organization)[0].claimed:
            pass
        return list(QueueItem.objects.filter(batch_id=batch.batch_id).order_by("id"))

    return act


@pytest.fixture
def each(take_in):
    """Post values, each as a phone of its own; returns what `read` says of each IMEI."""

    def act(values, read, **common):
        given = [
            {name: value for name, value in one.items() if value is not ABSENT} for one in values
        ]
        items = take_in(
            *({"imei": imei_of(n), **common, **one} for n, one in enumerate(given, start=1))
        )
        return [read(item) for item in items]

    return act


def outcome(item: QueueItem) -> str:
    """The IMEI that was read, or the reason why none was."""
    return item.imei_norm if item.status == "completed" else f"{item.error_code}"


def codes(item: QueueItem) -> list[str]:
    return [warning["code"] for warning in item.warnings]


def logged(item: QueueItem) -> str:
    return ProcessingLog.objects.filter(queue_item_id=item.pk).order_by("-id")[0].message


class TestImeis:
    """4.1"""

    EXAMPLES = [
        ("356938035643809", B, []),
        (356938035643809, B, []),
        ("356938035643808", "356938035643808", ["imei_check_digit"]),
        ("123456789012345", "123456789012345", ["imei_check_digit"]),
        ("IMEI: 35-693803-564380-9", B, []),
        ("'356938035643809.0", B, []),
        ("356938035643809/01", B, ["imei_svn_dropped"]),
        (FULL_WIDTH, B, []),
        (ARABIC, B, []),
        ("3569380356438012", B, ["imeisv_normalised"]),
        ("35693803564380", B, ["check_digit_added"]),
        (35693803564380, "imei_number_ambiguous", []),
        ("35693803564380.0", "imei_number_ambiguous", []),
        ("3.56938E+14", "imei_scientific", []),
        (356938000000000, "imei_scientific", []),
        ("490154203237518/356938035643809", "imei_multiple", []),
        ("000000000000000", "imei_placeholder", []),
        ("35693803564380A", "imei_not_numeric", []),
        ("UNKNOWN_", "imei_not_numeric", []),
        (True, "imei_not_numeric", []),
        ("12", "imei_length", []),
        ("3569380356438", "imei_length", []),
        ("35693803564380912", "imei_length", []),
        ("", "imei_missing", []),
    ]

    def test_become_one_device_or_a_reason(self, take_in):
        items = take_in(*({"imei": posted} for posted, *_ in self.EXAMPLES))

        assert [(outcome(item), codes(item)) for item in items] == [
            (wanted, notes) for _, wanted, notes in self.EXAMPLES
        ]
        assert Device.objects.count() == 3
        assert Device.objects.get(imei=B).luhn_valid
        assert not Device.objects.get(imei="356938035643808").luhn_valid
        lengths = [item.error_message for item in items if item.error_code == "imei_length"]
        assert [text.rpartition(" ")[2] for text in lengths] == ["2", "13", "17"]

    def test_with_a_wrong_check_digit_fail_where_somebody_is_strict(self, take_in):
        (item,) = take_in({"imei": "356938035643808"}, validation="strict")

        assert (outcome(item), item.retry_count) == ("imei_check_digit", 0)
        assert not Device.objects.exists()

    def test_are_never_made_from_a_serial_number(self, take_in):
        items = take_in(
            {"serialNumber": A}, {"imei": "UNKNOWN_"}, {"imei": None, "sn": B}, {"imei": "12"}
        )

        batch = QueueBatch.objects.get()
        assert (batch.status, batch.failed_items, batch.processed_items) == ("failed", 4, 0)
        assert {item.retry_count for item in items} == {0}
        assert not Device.objects.exists()

    def test_in_several_spellings_are_one_device(self, take_in):
        spellings = [B, B[:14], f"{B[:14]}12", "35-693803-564380-9"]

        items = take_in(*({"imei": spelling} for spelling in spellings))

        assert [outcome(item) for item in items] == [B] * 4
        assert Device.objects.get().imei == B
        assert DeviceTest.objects.count() == 4


class TestFields:
    """4.2"""

    def test_are_found_under_any_of_their_names(self, take_in):
        take_in(
            {
                "IMEI/MEID": A, "IMEI2": B, "Serial #": "S1", "Device Name": "My phone",
                "Manufacturer": "Apple", "Device Model": "iPhone 13", "Model#": "A2633",
                "Memory": "128GB", "Colour": "Blue", "Network": "VZW", "RAM": "4GB",
                "Shelf": "L1", "Result": "Pass", "Battery %": "91%", "Cycle count": 120,
                "Screen": "Good", "Condition": "Fair", "Grade": "B", "Comments": "first",
                "Custom1": "new glass", "Tested by": "Kim", "Station name": "Bench 4",
                "MDM status": "off", "Test results": {"screen": "ok"}, "Test date": "2025-01-02 03:04",
                "Date In": "2025-01-01", "SKU display": "MINE",
            }
        )  # fmt: skip

        device, what = Device.objects.get(), SkuInfo.objects.get()
        how, unit = Inspection.objects.get(), UnitInfo.objects.get()
        assert (device.name, device.sku, device.assumed) == ("My phone", "MINE", [])
        assert device.received_at.isoformat() == "2025-01-01T00:00:00+00:00"
        assert device.description == "Apple iPhone 13 128GB Blue Verizon - first"
        assert (what.brand, what.model, what.model_number) == ("Apple", "iPhone 13", "A2633")
        assert (what.storage, what.ram, what.color, what.carrier) == (
            "128GB", "4GB", "Blue", "Verizon"
        )  # fmt: skip
        assert (how.working_status, how.battery_health, how.battery_cycle) == ("YES", 91, 120)
        assert (how.screen_condition, how.body_condition, how.grade) == ("Good", "Fair", "B")
        assert (how.notes, how.repair_notes, how.tester_name) == ("first", "new glass", "Kim")
        assert (how.station, how.mdm, how.test_results) == ("Bench 4", "off", {"screen": "ok"})
        assert how.check_date.isoformat() == "2025-01-02T03:04:00+00:00"
        assert (unit.imei2, unit.serial_number, unit.unit_name) == (B, "S1", "My phone")
        assert StockEntry.objects.get().location.name == "L1"

    def test_that_are_missing_have_their_fallback(self, take_in):
        take_in({"imei": A})

        what, how = SkuInfo.objects.get(), Inspection.objects.get()
        assert Device.objects.get().name == "Unknown Device"
        assert (what.brand, what.model, what.carrier) == ("Unknown", "Unknown Model", "Unlocked")
        assert (what.storage, what.color, what.sku) == ("Unknown", "Unknown", None)
        assert (how.screen_condition, how.body_condition, how.notes) == ("Unknown", "Unknown", "")
        assert StockEntry.objects.get().location.name == "Default Location"


class TestWorking:
    """4.3"""

    EXAMPLES = [
        ("YES", "NO", "YES", "PASSED", None),
        ("Pass", ABSENT, "YES", "PASSED", None),
        (True, ABSENT, "YES", "PASSED", None),
        ("NO", "YES", "NO", "FAILED", None),
        (False, ABSENT, "NO", "FAILED", None),
        ("YES", "YES", "NO", "FAILED", None),
        ("YES", "Face ID", "YES", "PASSED", "Face ID"),
        (ABSENT, "YES", "NO", "FAILED", None),
        (ABSENT, "NO", "PENDING", "PENDING", None),
        (ABSENT, ABSENT, "PENDING", "PENDING", None),
        (ABSENT, "Face ID,Rear Camera", "NO", "FAILED", "Face ID,Rear Camera"),
        ("UNKNOWN", "N/A", "PENDING", "PENDING", None),
        ("NOT TESTED", ABSENT, "PENDING", "PENDING", None),
    ]

    def test_is_stored_with_the_test_of_each_item(self, each):
        def read(item):
            how = Inspection.objects.get(imei=item.imei_norm)
            test = DeviceTest.objects.get(queue_item_id=item.pk)
            assert (test.working, test.defects) == (how.working_status, how.defects)
            return how.working_status, test.test_result, how.defects

        posted = [{"working": working, "failed": failed} for working, failed, *_ in self.EXAMPLES]

        assert each(posted, read) == [tuple(wanted) for _, _, *wanted in self.EXAMPLES]
        conflict = QueueItem.objects.order_by("id")[5]
        assert codes(conflict) == ["working_failed_conflict"]

    def test_stays_when_nothing_is_said_of_it(self, take_in):
        take_in({"imei": A, "working": "NO", "failed": "Face ID"})
        take_in({"imei": A, "notes": "no failures"})

        assert Inspection.objects.get().working_status == "NO"
        results = DeviceTest.objects.order_by("id").values_list("test_result", flat=True)
        assert list(results) == ["FAILED", "PENDING"]


class TestNumbersAndPlaces:
    """4.4"""

    def test_of_batteries(self, each):
        def read(item):
            return Inspection.objects.get(imei=item.imei_norm).battery_health, codes(item)

        posted = ["95%", "95", 95, 0.95, "95.4", "N/A", "BCC", 150, -1, 1.0]

        assert each([{"batteryHealth": value} for value in posted], read) == [
            *[(95, [])] * 5,
            *[(None, [])] * 2,
            *[(None, ["battery_out_of_range"])] * 2,
            (None, ["battery_ambiguous"]),
        ]
        raw = Inspection.objects.order_by("imei").values_list("battery_health_raw", flat=True)
        assert {"95%", "BCC", "150"} <= set(raw)

    def test_of_pieces_mean_one_unit(self, each):
        def read(item):
            return outcome(item) if item.status == "failed" else codes(item)

        posted = [1, "1", 5, "2", -1, 0, 1.5, "x"]

        assert each([{"quantity": value} for value in posted], read) == [
            [], [], ["quantity_ignored"], ["quantity_ignored"], *["quantity_invalid"] * 4,
        ]  # fmt: skip
        assert set(StockEntry.objects.order_by("id").values_list("quantity", flat=True)) == {1}

    def test_of_places_are_one_whatever_their_spelling(self, each, settings):
        def read(item):
            return StockEntry.objects.get(imei=item.imei_norm).location.name

        spellings = [" Warehouse  A ", "warehouse a", "   "]

        assert each([{"location": one} for one in spellings], read) == [
            "Warehouse A", "Warehouse A", "Default Location"
        ]  # fmt: skip
        made = Location.objects.get(name="Warehouse A")
        assert made.description == "Auto-created location for Warehouse A"
        assert made.warehouse.name == "Main warehouse"

    def test_of_places_that_nobody_may_make(self, take_in, settings):
        settings.QUEUE_AUTO_CREATE_LOCATIONS = False

        place, hall = take_in(
            {"imei": A, "location": "L9"}, {"imei": B, "location": "L1", "warehouse": "East"}
        )

        assert (place.error_code, place.error_message) == (
            "unknown_location", "Unknown location 'L9'"
        )  # fmt: skip
        assert hall.error_code == "unknown_warehouse"


class TestSkus:
    """4.5"""

    EXAMPLES = [
        (("iPhone 13", "256GB", "Blue", "AT&T"), "IPHONE13-256-BLU-ATT"),
        (("iPhone 13 Pro", "256GB", "Sierra Blue", "Unlocked"), "IPHONE13PRO-256-BLU-UNL"),
        (("Galaxy S21+", "128 GB", "Phantom Black", "T-Mobile"), "GALAXYS21PLUS-128-BLK-TMO"),
        (("iPhone 15 Pro Max", "1TB", "Natural Titanium", "VZW"), "IPHONE15PROMAX-1TB-NAT-VZW"),
        (("iPhone 12", ABSENT, "Gray green", "Sprint"), "IPHONE12-GRN-SPR"),
        ((ABSENT, "64GB", "Red", "ATT"), None),
    ]

    def test_are_generated_from_what_is_known(self, each):
        names = ("model", "storage", "color", "carrier")

        def read(item):
            what = SkuInfo.objects.get(imei=item.imei_norm)
            assert Device.objects.get(imei=item.imei_norm).sku == what.sku
            return what.sku

        posted = [dict(zip(names, values, strict=True)) for values, _ in self.EXAMPLES]
        assert each(posted, read) == [sku for _, sku in self.EXAMPLES]

    def test_follow_later_data_unless_they_were_supplied(self, take_in, organization):
        SkuRule.objects.create(
            organization=organization, position=1, match_model="iPhone 13", sku="RULE"
        )

        def now(imei):
            what = SkuInfo.objects.get(imei=imei)
            return what.sku, what.sku_source

        take_in({"imei": A, "model": "iPhone 12"}, {"imei": B, "model": "iPhone 12", "sku": "MINE"})
        assert [now(A), now(B)] == [("IPHONE12", "generated"), ("MINE", "supplied")]
        take_in({"imei": A, "model": "iPhone 13"}, {"imei": B, "model": "iPhone 13"})
        assert [now(A), now(B)] == [("RULE", "rule"), ("MINE", "supplied")]


class TestMerge:
    """4.6"""

    def test_of_an_older_item_fills_only_what_is_empty(self, take_in, organization):
        old = add(organization, {"imei": A, "color": "Blue", "grade": "C", "location": "L1"},
                  priority=10)  # fmt: skip
        add(organization, {"imei": A, "color": "Red", "location": "L2"}, priority=1)

        process(organization, limit=1)
        process(organization, limit=1)

        assert SkuInfo.objects.get().color == "Red"
        assert Inspection.objects.get().grade == "C"
        assert StockEntry.objects.get().location.name == "L2"
        assert Movement.objects.get().reason == "intake"
        assert logged(QueueItem.objects.get(batch_id=old.batch_id)) == (
            f"Older than the stored data of device {A}: only empty fields were filled"
        )

    def test_says_what_it_did(self, take_in):
        first, second = take_in({"imei": A}, {"imei": A})
        (third,) = take_in({"imei": A})

        assert [logged(item) for item in (first, second, third)] == [
            "Item processed successfully",
            f"Updated existing device {A} (duplicate in batch)",
            f"Updated existing device {A}",
        ]

    def test_brings_a_removed_device_back(self, take_in, organization):
        take_in({"imei": A, "location": "L1"})
        remove_device(organization_id=organization.pk, actor=None, imei=A, reason="sold", now=NOW)

        (item,) = take_in({"imei": A})

        assert codes(item) == ["device_returned"]
        assert Device.objects.get().status == "active"
        assert StockEntry.objects.get().status == "in_stock"
        reasons = Movement.objects.order_by("id").values_list("reason", flat=True)
        assert list(reasons) == ["intake", "remove", "return"]


class TestBatches:
    """4.8 and 4.10"""

    def test_of_five_hundred_with_fifty_repeats(self, take_in):
        repeats = [{"imei": imei_of(n % 5 + 1)} for n in range(45)]
        items = [*phones(1, 456), *repeats]

        take_in(*items)

        batch = QueueBatch.objects.get()
        assert (batch.total_items, batch.processed_items, batch.failed_items) == (500, 500, 0)
        assert (Device.objects.count(), StockEntry.objects.count()) == (455, 455)
        assert DeviceTest.objects.count() == 500
        for action in ("processing", "completed"):
            lines = ProcessingLog.objects.filter(action=action).order_by("id")
            ids = list(lines.values_list("queue_item_id", flat=True))
            assert len(ids) == len(set(ids)) == 500

    def test_are_opened_again_by_a_retry(self, take_in, organization):
        take_in({"imei": A}, {"imei": B}, {"imei": "12"})
        batch = QueueBatch.objects.get()
        assert (batch.status, batch.completion_no) == ("completed", 1)

        retry_failed(organization_id=organization.pk)

        batch.refresh_from_db()
        assert (batch.status, batch.processed_items, batch.failed_items) == ("active", 2, 0)
        assert batch.completed_at is None
        process(organization)
        batch.refresh_from_db()
        assert (batch.status, batch.completion_no) == ("completed", 2)
        assert_counts_fit(organization)


class TestBadInput:
    """Section 9: what is queued, and what then becomes of it."""

    EXAMPLES: list[tuple[dict[str, Any], str | None]] = [
        ({"__proto__": {"a": 1}, "\U0001f600": "\U0001f4f1", "x": {"y": [{"z": None}]}}, None),
        ({"color": {"a": 1}}, "wrong_type"),
        ({"notes": ["a"]}, "wrong_type"),
        ({"sku": "S" * 60}, None),
        ({"sku": "S" * 100}, None),
        ({"sku": "S" * 101}, "text_too_long"),
        ({"name": "N" * 201}, "text_too_long"),
        ({"location": "L" * 100}, None),
        ({"location": "L" * 101}, "text_too_long"),
        ({"notes": "n" * 10_001}, "text_too_long"),
    ]

    def test_fails_with_a_reason_or_is_harmless(self, each):
        def read(item):
            return item.error_code

        posted = [values for values, _ in self.EXAMPLES]

        assert each(posted, read) == [code for _, code in self.EXAMPLES]
        first = QueueItem.objects.order_by("id")[0]
        assert first.raw_data == {"imei": imei_of(1), **posted[0]}
        assert set(SkuInfo.objects.filter(sku_source="supplied").values_list("sku", flat=True)) == {
            "S" * 60, "S" * 100
        }  # fmt: skip
        long = QueueItem.objects.filter(error_code="text_too_long").order_by("id")
        assert [item.error_message for item in long] == [
            "sku is longer than 100 characters",
            "name is longer than 200 characters",
            "location is longer than 100 characters",
            "notes is longer than 10000 characters",
        ]
