"""JSON files of phones."""

from inventory.rules.intake_records import record_names


class TestRecordNames:
    def test_gives_keys_of_all_in_their_order(self):
        assert record_names([{"b": 1, "a": 2}, 5, {"a": 1, "c": 3}]) == ("b", "a", "c")
