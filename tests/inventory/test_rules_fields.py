"""The table of keys and fallbacks: every key, in its sequence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.fields import FIELDS, RawItem, fold_key, guess_field
from inventory.rules.refusals import ItemRefused

CHAINS = {
    "imei": "imei imei1 imeinumber imeino imeimeid deviceimei",
    "imei2": "imei2 secondimei",
    "serial_number": "serialnumber serial serialno sn",
    "name": "name devicename model",
    "brand": "brand manufacturer make",
    "carrier": "carrier network",
    "model": "model devicemodel",
    "model_number": "modelnumber modelno",
    "ram": "ram",
    "storage": "storage capacity memory",
    "color": "color devicecolor colour",
    "location": "location bin shelf targetlocation",
    "warehouse": "warehouse",
    "working": "working workingstatus result status",
    "failed": "failed defects failedtests faileditems",
    "battery_health": "batteryhealth battery batteryhealthpercentage batterypercent",
    "battery_cycle": "batterycycle batterycount cyclecount",
    "screen_condition": "screencondition screen",
    "body_condition": "bodycondition condition",
    "grade": "grade",
    "notes": "notes comments comment remarks",
    "repair_notes": "repairnotes custom1",
    "tester_name": "testername tester testedby",
    "station": "station stationname",
    "mdm": "mdm mdmstatus",
    "test_results": "testresults",
    "check_date": "checkdate testdate lastupdate deviceupdateddate",
    "received_at": "firstreceived datein devicecreateddate",
    "quantity": "quantity qty",
    "sku": "sku skucode skudisplay",
    "assumed": "assumed",
}
FALLBACKS = {
    "name": "Unknown Device", "brand": "Unknown", "carrier": "Unlocked", "model": "Unknown Model",
    "storage": "Unknown", "color": "Unknown", "location": "Default Location",
    "screen_condition": "Unknown", "body_condition": "Unknown", "notes": "",
}  # fmt: skip
STEPS = [
    (name, earlier, later)
    for name, chain in CHAINS.items()
    for earlier, later in zip(chain.split(), chain.split()[1:], strict=False)
]


class TestFields:
    def test_are_those_of_the_contract(self):
        assert {name: " ".join(field.keys) for name, field in FIELDS.items()} == CHAINS
        known = {name: field.fallback for name, field in FIELDS.items()}
        assert {name: text for name, text in known.items() if text is not None} == FALLBACKS


class TestFoldKey:
    @pytest.mark.parametrize(
        ("key", "folded"),
        [
            ("Model#", "modelnumber"),
            ("battery %", "batterypercent"),
            ("IMEI/MEID", "imeimeid"),
            ("Device_Color", "devicecolor"),
            ("  Serial No. ", "serialno"),
            ("\U0001f600", ""),
        ],
    )
    def test_makes_spellings_one(self, key, folded):
        assert fold_key(key) == folded

    @given(st.text())
    def test_takes_any_text(self, key):
        assert fold_key(fold_key(key)) == fold_key(key)


class TestGuessField:
    @pytest.mark.parametrize(
        ("header", "name"),
        [("Make", "brand"), ("Model#", "model_number"), ("Model", "model"), ("Price", None)],
    )
    def test_names_the_field_that_asks_for_it_earliest(self, header, name):
        assert guess_field(header) == name


class TestRawItem:
    @pytest.mark.parametrize(("name", "earlier", "later"), STEPS)
    def test_prefers_earlier_keys_whatever_their_place(self, name, earlier, later):
        value = "YES" if name == "working" else "first"
        other = "NO" if name == "working" else "second"

        assert RawItem({later: other, earlier: value}).value(name) == value
        assert RawItem({earlier: None, later: other}).value(name) == other
        assert RawItem({earlier: "n/a", later: other}).find(name).key == later

    @pytest.mark.parametrize(
        "blank", [None, False, "", "  ", "N/A", "na", "NULL", "None", "undefined", "-", "--"]
    )
    def test_takes_words_for_nothing_as_nothing(self, blank):
        assert RawItem({"brand": blank}).text("brand") is None

    @pytest.mark.parametrize("name", sorted(set(FIELDS) - {"assumed"}))
    def test_takes_false_as_an_answer_only_where_it_is_one(self, name):
        is_known = RawItem({FIELDS[name].keys[0]: False}).find(name).is_known

        assert is_known == (name in {"working", "failed"})

    @pytest.mark.parametrize(("name", "fallback"), FALLBACKS.items())
    def test_takes_a_fallback_as_nothing(self, name, fallback):
        posted = RawItem({FIELDS[name].keys[0]: fallback.upper()}).text(name)

        assert posted == ("UNLOCKED" if name == "carrier" else None)

    def test_believes_that_a_phone_is_unlocked_if_nothing_else_is_said(self):
        assert RawItem({"carrier": "Unlocked", "network": "AT&T"}).text("carrier") == "AT&T"
        assert RawItem({"network": "Unlocked", "carrier": "n/a"}).text("carrier") == "Unlocked"

    def test_takes_what_our_exports_assumed_as_nothing(self):
        raw = RawItem({"Brand": "Apple", "Color": "Blue", "Assumed": "brand,other"})

        assert (raw.text("brand"), raw.text("color")) == (None, "Blue")

    @pytest.mark.parametrize(("posted", "text"), [(12, "12"), (1.5, "1.5"), (0, "0"), (" x ", "x")])
    def test_makes_text_of_numbers(self, posted, text):
        assert RawItem({"grade": posted}).text("grade") == text

    @pytest.mark.parametrize("wrong", [True, [], ["x"], {}, {"a": 1}])
    def test_refuses_what_is_no_text(self, wrong):
        with pytest.raises(ItemRefused) as refused:
            RawItem({"screen condition": wrong}).text("screen_condition")

        assert refused.value.code == "wrong_type"
        assert refused.value.message == "screen condition must be text or a number"

    @pytest.mark.parametrize(
        ("name", "longest"),
        [("name", 200), ("body_condition", 200), ("notes", 10_000), ("failed", 10_000),
         ("repair_notes", 10_000), ("sku", 100), ("location", 100), ("color", 100)],
    )  # fmt: skip
    def test_cuts_nothing(self, name, longest):
        key = FIELDS[name].keys[0]
        assert RawItem({key: "x" * longest}).text(name) == "x" * longest
        with pytest.raises(ItemRefused) as refused:
            RawItem({key: "x" * (longest + 1)}).text(name)

        assert refused.value.code == "text_too_long"
        assert refused.value.message.endswith(f"is longer than {longest} characters")

    def test_counts_a_status_only_when_it_says_whether_it_works(self):
        assert RawItem({"status": "in transit"}).value("working") is None
        assert RawItem({"status": "passed"}).value("working") == "passed"
        assert RawItem({"working": "UNKNOWN", "status": "passed"}).value("working") == "UNKNOWN"
