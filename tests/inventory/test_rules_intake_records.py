"""JSON files of phones."""

import pytest

from inventory.rules.intake_records import find_records, needs_mapping, record_names

PHONES = [{"IMEI": "490154203237518"}, 5]


class TestFindRecords:
    @pytest.mark.parametrize(
        "value",
        [PHONES, {"items": PHONES}, {"devices": PHONES}, {"data": PHONES, "success": True},
         {"items": None, "data": PHONES}],
    )  # fmt: skip
    def test_finds_the_list(self, value):
        assert find_records(value) == PHONES

    @pytest.mark.parametrize("value", [{}, {"phones": PHONES}, {"items": {}}, "x", 5, None])
    def test_gives_nothing_for_another_file(self, value):
        assert find_records(value) is None


class TestRecordNames:
    def test_gives_keys_of_all_in_their_order(self):
        assert record_names([{"b": 1, "a": 2}, 5, {"a": 1, "c": 3}]) == ("b", "a", "c")


class TestNeedsMapping:
    @pytest.mark.parametrize("name", ["imei", "IMEI", "IMEI #", "deviceImei"])
    def test_is_false_when_the_imei_is_named(self, name):
        assert not needs_mapping(["model", name])

    @pytest.mark.parametrize("names", [[], ["imei2"], ["serial", "handset"]])
    def test_is_true_otherwise(self, names):
        assert needs_mapping(names)
