import pytest

from inventory.selectors.item_reading import How, as_text, order_columns, read_fields

POSTED = {
    "Shelf": "  A  1 ",
    "imei": "35-693803-564380-9",
    "Carrier": "T-MOBILE",
    "working": "PASS",
    "Battery": "0.95",
    "status": "shipped",
    "TestDate": "2026-01-05 08:30",
    "Our code": 7,
    "Color": "n/a",
}


def reading_of(name, data):
    return next(one for one in read_fields(data).fields if one.field.name == name)


class TestReadFields:
    @pytest.mark.parametrize(
        ("name", "key", "value"),
        [
            ("imei", "imei", "356938035643809"),
            ("carrier", "Carrier", "T-Mobile"),
            ("location", "Shelf", "A 1"),
            ("working", "working", "YES"),
            ("battery_health", "Battery", "95 %"),
            ("check_date", "TestDate", "2026-01-05 08:30 UTC"),
        ],
    )
    def test_tells_the_key_and_what_is_kept(self, name, key, value):
        found = reading_of(name, POSTED)

        assert (found.how, found.key, found.value) == (How.READ, key, value)

    def test_tells_what_stands_in(self):
        assert reading_of("color", POSTED).how is How.FALLBACK
        assert reading_of("color", POSTED).value == "Unknown"
        assert reading_of("ram", POSTED).how is How.ABSENT

    @pytest.mark.parametrize(
        ("data", "name", "problem"),
        [
            ({"IMEI": "12"}, "imei", "IMEI must have 15 digits, got 2"),
            ({"color": {"a": 1}}, "color", "color must be text or a number"),
            ({"qty": "-1"}, "quantity", "Quantity must be a whole number of at least 1"),
            ({"testResults": "ok"}, "test_results", "test results must be an object or a list"),
        ],
    )
    def test_tells_what_is_refused(self, data, name, problem):
        found = reading_of(name, data)

        assert (found.how, found.problem) == (How.REFUSED, problem)

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            ({"battery": "BCC"}, "battery_health"),
            ({"lastUpdate": "tomorrow"}, "check_date"),
            ({"cycleCount": "many"}, "battery_cycle"),
        ],
    )
    def test_tells_what_says_nothing(self, data, name):
        assert reading_of(name, data).how is How.ODD

    @pytest.mark.parametrize(
        ("data", "value"),
        [
            ({"failed": "Face ID"}, "Face ID"),
            ({"failed": "YES"}, "NO"),
            ({"failed": False, "working": True}, "YES"),
        ],
    )
    def test_shows_defects_or_what_the_word_means(self, data, value):
        assert reading_of("failed", data).value == value

    def test_notes_that_one_phone_is_one_unit(self):
        found = reading_of("quantity", {"qty": 5})

        assert found.value == "1 (Quantity 5 was ignored: one IMEI is one unit)"

    def test_keeps_test_results_and_what_our_own_files_assume(self):
        data = {"testResults": {"mic": "ok"}, "assumed": "color", "color": "Red"}

        assert reading_of("test_results", data).value == '{"mic": "ok"}'
        assert reading_of("color", data).how is How.FALLBACK
        assert read_fields(data).unread == ("color",)

    def test_lists_keys_that_fill_no_field(self):
        reading = read_fields(POSTED)

        assert reading.unread == ("Color", "status", "Our code")
        assert {one.key for one in reading.given} == set(POSTED) - set(reading.unread)
        assert len(reading.given) + len(reading.missing) == len(reading.fields)


class TestOrderColumns:
    def test_puts_known_fields_first(self):
        assert order_columns(["zeta", "Alpha", "Colour", "IMEI#"]) == [
            *("IMEI#", "Colour", "Alpha", "zeta"),
        ]


class TestAsText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [("x", "x"), (None, "null"), (True, "true"), ([1], "[1]"), ("x" * 201, "x" * 200 + "…")],
    )
    def test_looks_like_what_was_posted(self, value, text):
        assert as_text(value) == text
