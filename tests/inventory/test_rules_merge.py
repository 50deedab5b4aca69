import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.incoming import read_item
from inventory.rules.merge import PLACE, WITH_FALLBACK, merge_device

A = "490154203237518"
FULL = {
    "imei": A, "name": "My phone", "brand": "Apple", "model": "iPhone 13", "storage": "256GB",
    "color": "Blue", "carrier": "ATT", "working": "YES", "battery": "91%", "notes": "fine",
    "serial": "S1", "grade": "A", "screen": "Good", "condition": "Good",
}  # fmt: skip


def merge(stored, data, item=1, batch="b", rules=()):
    return merge_device(
        stored, read_item({"imei": A, **data}), queue_item_id=item, batch_id=batch, rules=rules
    )


def device(*posted):
    state = None
    for number, data in enumerate(posted, 1):
        state = merge(state, data, item=number, batch=f"b{number}").state
    return state


class TestMergeDevice:
    def test_starts_with_fallbacks_that_are_marked(self):
        state = device({})

        assert state.assumed == set(WITH_FALLBACK)
        assert state.values["name"] == "Unknown Device"
        assert (state.values["carrier"], state.values["notes"]) == ("Unlocked", "")
        assert (state.values["working_status"], state.values["sku"]) == ("PENDING", None)
        assert PLACE not in state.assumed

    def test_replaces_known_values_and_drops_the_mark(self):
        state = device({"color": "Blue"}, {"color": "Red"})

        assert state.values["color"] == "Red"
        assert "color" not in state.assumed

    @pytest.mark.parametrize(
        "nothing",
        [
            {},
            dict.fromkeys(FULL, None),
            dict.fromkeys(FULL, "N/A"),
            {"brand": "Unknown", "model": "unknown model", "name": "Unknown Device",
             "carrier": "Unlocked", "color": "UNKNOWN", "working": "UNKNOWN", "failed": "NO"},
        ],
    )  # fmt: skip
    def test_changes_nothing_for_what_is_blank(self, nothing):
        stored = device(FULL)

        merged = merge(stored, {**nothing, "imei": A}, item=2).state

        assert merged.values == stored.values
        assert merged.assumed == stored.assumed

    def test_knows_that_a_phone_is_unlocked_but_not_over_another_carrier(self):
        unlocked = device({}, {"carrier": "unlocked"})
        branded = device({"carrier": "ATT"}, {"carrier": "UNL"})

        assert (unlocked.values["carrier"], "carrier" in unlocked.assumed) == ("Unlocked", False)
        assert branded.values["carrier"] == "AT&T"

    def test_fills_only_what_is_empty_from_an_older_item(self):
        stored = merge(None, {"color": "Red", "working": "NO"}, item=9).state

        merged = merge(stored, {**FULL, "color": "Blue"}, item=5)

        values = merged.state.values
        assert (values["color"], values["working_status"]) == ("Red", "NO")
        assert (values["model"], values["serial_number"]) == ("iPhone 13", "S1")
        assert (merged.state.last_queue_item_id, merged.may_move) == (9, False)
        assert merged.message == (
            f"Older than the stored data of device {A}: only empty fields were filled"
        )

    def test_says_what_it_did(self):
        first = merge(None, {}, item=1, batch="b")
        assert first.message == "Item processed successfully"
        again = merge(first.state, {}, item=2, batch="b")
        assert again.message == f"Updated existing device {A} (duplicate in batch)"
        assert merge(again.state, {}, item=3, batch="c").message == f"Updated existing device {A}"

    def test_describes_what_is_known(self):
        assert device(FULL).values["description"] == "Apple iPhone 13 256GB Blue AT&T - fine"
        assert device({"color": "Blue"}).values["description"] == "Blue"
        assert device({"notes": "x"}).values["description"] == "x"

    def test_keeps_a_supplied_sku_and_lets_others_follow(self):
        assert device(FULL, {"color": "Red"}).values["sku"] == "IPHONE13-256-RED-ATT"
        supplied = device({**FULL, "sku": "MINE"}, {"color": "Red"})
        assert (supplied.values["sku"], supplied.values["sku_source"]) == ("MINE", "supplied")
        assert device(FULL, {"sku": "LATE"}).values["sku"] == "LATE"

    def test_keeps_a_number_over_a_text_without_one(self):
        values = device({"battery": "91%"}, {"battery": "BCC"}).values
        assert (values["battery_health"], values["battery_health_raw"]) == (91, "91%")
        values = device({"battery": "BCC"}, {"battery": 0.9}).values
        assert (values["battery_health"], values["battery_health_raw"]) == (90, "0.9")

    @pytest.mark.parametrize(
        ("later", "status", "defects"),
        [
            ({"working": "NO"}, "NO", "Face ID"),
            ({"failed": "Camera"}, "NO", "Camera"),
            ({"working": "YES"}, "YES", None),
            ({"working": "NO", "failed": "NO"}, "NO", None),
            ({"notes": "x"}, "NO", "Face ID"),
        ],
    )
    def test_keeps_defects_until_something_is_said_of_them(self, later, status, defects):
        values = device({"failed": "Face ID"}, later).values

        assert (values["working_status"], values["defects"]) == (status, defects)

    @given(st.lists(st.sampled_from(["color", "grade", "model", "notes"]), max_size=4))
    def test_is_the_same_however_often_it_is_repeated(self, keys):
        data = {key: key.upper() for key in keys}
        once = device(FULL, data)
        assert device(FULL, data, data).values == once.values
