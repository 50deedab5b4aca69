from datetime import UTC, datetime

import pytest

from inventory.rules.scan_words import IntakeScan, ScanOutcome, Spot, expected_digit
from tests.inventory.factories import A

AT = datetime(2026, 1, 5, 10, 42, tzinfo=UTC)
SHELF_A, SHELF_B = Spot("Shelf A", "Main"), Spot("Shelf B", "Main")


def scan(**fields):
    values = {"batch_id": "b", "at": AT, "status": "completed", "error": "", "imei": A}
    data = {"imei": A, "location": "Shelf A", "warehouse": "Main"}
    return IntakeScan(**{**values, "data": data, **fields})


class TestIntakeScan:
    @pytest.mark.parametrize(
        ("fields", "title"),
        [
            ({"is_new": True}, "NEW"),
            ({}, "UPDATED"),
            ({"earlier_at": AT}, "ALREADY SCANNED at 10:42"),
            ({"origin": SHELF_B, "target": SHELF_A}, "MOVED Shelf B → Shelf A"),
            (
                {"origin": Spot("Shelf A", "North"), "target": SHELF_A},
                "MOVED Shelf A, North → Shelf A, Main",
            ),
            # It came back to where it had been before it was removed.
            ({"origin": SHELF_A, "target": SHELF_A}, "UPDATED"),
            ({"status": "failed", "error": "No"}, "REFUSED No"),
            ({"status": "pending"}, "WAITING"),
        ],
    )
    def test_says_what_it_did(self, fields, title):
        assert scan(**fields).title == title

    def test_knows_where_it_was_scanned(self):
        assert scan().place == SHELF_A

    def test_of_an_undone_scan_stays_what_it_was(self):
        assert scan(is_new=True, is_undone=True).outcome is ScanOutcome.NEW


class TestExpectedDigit:
    @pytest.mark.parametrize(
        ("text", "digit"),
        [("356938035643808", "9"), (A, None), ("12", None), ("abc", None), ("0" * 15, None)],
    )
    def test_is_told_for_a_wrong_one_only(self, text, digit):
        assert expected_digit(text) == digit
