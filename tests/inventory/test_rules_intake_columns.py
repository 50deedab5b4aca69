"""Mappings of columns: guessed, checked, and turned into phones without losing a cell."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.fields import FIELDS, RawItem
from inventory.rules.imei import read_imei
from inventory.rules.intake_columns import (
    IGNORE,
    KEEP,
    Columns,
    cell_of,
    guess_mapping,
    mapping_problem,
)
from inventory.rules.refusals import ItemRefused
from inventory.selectors.exports import DEVICES
from tables.streaming import stream_csv

A = "490154203237518"
STATION = [
    "IMEI",
    "IMEI2",
    "Serial",
    "Make",
    "Model",
    "Model#",
    "Memory",
    "Color",
    "Carrier",
    "Grade",
    "Working",
    "BatteryHealthPercentage",
    "BatteryCycle",
    "MDM",
    "Notes",
    "Failed",
    "TesterName",
    "Custom1",
    "DeviceCreatedDate",
    "DeviceUpdatedDate",
]
NAMES = st.lists(
    st.one_of(st.text("ab ", min_size=1, max_size=3), st.sampled_from(STATION + list(DEVICES))),
    min_size=1, max_size=6, unique=True,
)  # fmt: skip
TARGETS = st.sampled_from([KEEP, IGNORE, *FIELDS])
VALUE = "not blank"


class TestGuessMapping:
    def test_knows_what_stations_write(self):
        assert list(guess_mapping(STATION).values()) == [
            "imei", "imei2", "serial_number", "brand", "model", "model_number", "storage", "color",
            "carrier", "grade", "working", "battery_health", "battery_cycle", "mdm", "notes", "failed",
            "tester_name", "repair_notes", "received_at", "check_date",
        ]  # fmt: skip

    def test_knows_our_own_exports(self):
        assert list(guess_mapping(DEVICES).values()) == [
            "imei", "working", "name", "model", "storage", "color", "carrier", "location",
            "body_condition", "sku", "failed", "notes", "repair_notes", "battery_health",
            "battery_cycle", "model_number", "brand", "received_at", "assumed",
        ]  # fmt: skip

    def test_keeps_what_it_does_not_know(self):
        assert guess_mapping(["IMEI", "Price", "Column 3"]) == {
            "IMEI": "imei", "Price": KEEP, "Column 3": KEEP,
        }  # fmt: skip

    def test_ignores_what_our_error_files_add(self):
        mapping = guess_mapping(["IMEI", "reason", "line", "error_code", "reason (2)"])

        assert mapping == {
            "IMEI": "imei", "reason": KEEP, "line": IGNORE, "error_code": IGNORE, "reason (2)": IGNORE,
        }  # fmt: skip

    def test_keeps_a_reason_that_is_not_of_an_error_file(self):
        assert guess_mapping(["IMEI", "line", "reason"])["reason"] == KEEP


class TestMappingProblem:
    @pytest.mark.parametrize(
        ("mapping", "problem"),
        [
            ({"Phone": "imei", "Paint": KEEP}, None),
            ({"Phone": "imei", "Paint": IGNORE}, None),
            ({"Phone": "imei"}, None),
            ({"Phone": KEEP, "Paint": "color"}, "Choose the column that has the IMEI"),
            ({}, "Choose the column that has the IMEI"),
            ({"Phone": "imei", "Paint": "smell"}, "There is no field 'smell'"),
            ({"Phone": "imei", "Paint": None}, "There is no field 'None'"),
            ({"Phone": "imei", "Paint": ["color"]}, "There is no field '['color']'"),
            ({"Phone": "imei", "Price": KEEP}, "The file has no column 'Price'"),
        ],
    )
    def test_says_what_is_wrong(self, mapping, problem):
        assert mapping_problem(["Phone", "Paint"], mapping) == problem


class TestPhoneOfRow:
    @pytest.mark.parametrize(
        ("cell", "posted"),
        [
            (A, A),
            (int(A), int(A)),
            (float(A), int(A)),
            (0.95, 0.95),
            (12.0, 12),
            (1e300, 1e300),
            (True, "TRUE"),
            (False, "FALSE"),
            (" kept as it is ", " kept as it is "),
            ("'=1+1", "=1+1"),
            ("'+49", "+49"),
            ("'-", "-"),
            ("'@home", "@home"),
            ("'\tx", "\tx"),
            ("'" + A, "'" + A),
            ("''=", "'="),
            ("''x", "''x"),
        ],
    )
    def test_posts_cells_as_they_are_but_for_what_sheets_add(self, cell, posted):
        phone = Columns(["X"], {"X": KEEP}).phone_of_row([cell])

        assert phone == {"X": posted}
        assert type(phone["X"]) is type(posted)

    @pytest.mark.parametrize(
        ("cell", "code"),
        [(35693803564380.0, "imei_number_ambiguous"), (3.56938e14, "imei_scientific")],
    )
    def test_leaves_spoiled_imeis_to_be_refused(self, cell, code):
        phone = Columns(["IMEI"], {"IMEI": "imei"}).phone_of_row([cell])

        with pytest.raises(ItemRefused) as refused:
            read_imei(phone["IMEI"])
        assert refused.value.code == code

    def test_does_not_take_a_full_battery_for_one_percent(self):
        columns = Columns(["Battery"], {"Battery": "battery_health"})

        assert str(columns.phone_of_row([1.0])["Battery"]) == "1.0"

    @pytest.mark.parametrize(
        ("cell", "posted"),
        [
            ('{"lcd": true}', {"lcd": True}),
            ("[1]", [1]),
            ("ok", "ok"),
            ("1", "1"),
            ("[" * 9999, "[" * 9999),
            ('{"a": NaN}', '{"a": NaN}'),
        ],
        ids=["object", "list", "word", "number", "nested", "unstorable"],
    )
    def test_opens_test_results(self, cell, posted):
        columns = Columns(["Test results"], {"Test results": "test_results"})

        assert columns.phone_of_row([cell]) == {"Test results": posted}

    def test_leaves_empty_cells_and_ignored_columns_out(self):
        columns = Columns(["IMEI", "a", "b", "c"], {"IMEI": "imei", "a": IGNORE})

        assert columns.phone_of_row([A, "x", "", None, " ", "more"]) == {
            "IMEI": A, "Column 6": "more",
        }  # fmt: skip

    @pytest.mark.parametrize("row", [[], ["", None, "  "], [None] * 9])
    def test_gives_nothing_for_an_empty_row(self, row):
        assert Columns(["IMEI"], {}).phone_of_row(row) is None

    def test_gives_a_phone_without_anything_when_only_ignored_cells_are_filled(self):
        assert Columns(["a"], {"a": IGNORE}).phone_of_row(["x"]) == {}

    @given(NAMES, st.data())
    def test_loses_no_cell_whatever_the_mapping(self, names, data):
        mapping = {name: data.draw(TARGETS) for name in names}
        cells = [f"cell {number}" for number in range(len(names) + 1)]

        phone = Columns(names, mapping).phone_of_row(cells)

        kept = [cell for name, cell in zip(names, cells, strict=False) if mapping[name] != IGNORE]
        assert sorted(phone.values()) == sorted([*kept, cells[-1]])

    @given(NAMES, st.sampled_from(sorted(set(FIELDS) - {"assumed", "working"})))
    def test_is_read_as_the_chosen_field_and_as_no_other(self, names, field):
        chosen, *others = names
        mapping = {chosen: field} | dict.fromkeys(others, KEEP)

        item = RawItem(Columns(names, mapping).phone_of_row([VALUE] + ["other"] * len(others)))

        assert item.value(field) == VALUE
        # A model stands in for a missing name.
        found = {name for name in FIELDS if item.find(name).is_known}
        assert found - {"name"} == {field} - {"name"}

    @given(st.text(alphabet="'=@-x \t1", min_size=1).filter(str.strip))
    def test_reads_what_our_csv_files_say(self, text):
        line = b"".join(stream_csv((), [[text]])).decode("utf-8-sig")
        (written,) = next(csv.reader([line]))

        assert Columns(["x"], {"x": "notes"}).phone_of_row([written]) == {"notes": text}


class TestPhoneOfRecord:
    def test_needs_no_mapping(self):
        record = {"imei": int(A), "Notes": "'=x", "tests": {"a": None}, "ok": True}

        assert Columns([], {}).phone_of_record(record) == record

    def test_renames_and_leaves_out(self):
        columns = Columns(
            ["handset", "Status", "x"], {"handset": "imei", "Status": KEEP, "x": IGNORE}
        )

        assert columns.phone_of_record({"handset": A, "Status": "YES", "x": 1, "late": 2}) == {
            "imei": A, "Status (not used)": "YES", "late": 2,
        }  # fmt: skip


class TestCellOf:
    @pytest.mark.parametrize(
        ("value", "field", "cell"),
        [
            # Without its point it would be taken for a text of 14 digits, and accepted.
            (35693803564380, "imei", 35693803564380.0),
            (3569380356438012, "imei2", 3569380356438012.0),
            # 1.0 may be a share, 1 is one percent.
            (1.0, "battery_health", 1.0),
            (1, "battery_health", 1),
            (7.0, KEEP, 7),
            (2.5, KEEP, 2.5),
            (123456789012345678, "serial_number", 123456789012345678),
            (True, KEEP, True),
            ("0049", "imei", "0049"),
            (None, "imei", None),
            ({"mic": ["ok"]}, "test_results", '{"mic": ["ok"]}'),
        ],
    )
    def test_means_the_same_when_it_is_sent_again(self, value, field, cell):
        written = cell_of(value, field)

        assert written == cell
        assert type(written) is type(cell)
