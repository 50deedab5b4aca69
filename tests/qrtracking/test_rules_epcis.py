from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from qrtracking.rules import epcis
from tests.qrtracking.epcis import SCHEMA, read_document

AT = datetime(2026, 11, 25, 9, 30, 15, 250_000, tzinfo=UTC)
CASE = "https://id.gs1.org/00/106141412345678908"
UNITS = ["https://id.gs1.org/01/09506000134352/21/00015-40040fa03087", "https://x.example/U-2"]
PLACE = "urn:uuid:00000000-0000-7000-8000-000000000000"
CAUSE = UUID("00000000-0000-7000-8000-000000000001")
addresses = st.integers(0).map("https://x.example/PROD-{}".format)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def packed(**changes):
    return epcis.packing(
        **{"parent": CASE, "children": UNITS, "at": AT, "read_point": PLACE} | changes
    )


def emptied(**changes):
    return epcis.unpacking(
        **{"parent": CASE, "at": AT, "read_point": PLACE, "cause": CAUSE} | changes
    )


def document(*events, created_at=AT):
    body = ",".join(map(epcis.event_text, events))
    return epcis.document_head(created_at=created_at) + body + epcis.DOCUMENT_TAIL


class TestPacking:
    def test_adds_the_units_to_their_case(self):
        event = packed()

        assert event | {"eventID": None} == {
            "type": "AggregationEvent",
            "eventID": None,
            "eventTime": "2026-11-25T09:30:15.250+00:00",
            "eventTimeZoneOffset": "+00:00",
            "parentID": CASE,
            "childEPCs": UNITS,
            "action": "ADD",
            "bizStep": "packing",
            "disposition": "in_progress",
            "readPoint": {"id": PLACE},
        }

    def test_tells_the_time_in_utc(self):
        local = AT.astimezone(timezone(timedelta(hours=8)))

        assert packed(at=local) == packed()


class TestUnpacking:
    def test_takes_everything_out_of_the_case(self):
        event = emptied()

        assert (event["action"], event["bizStep"]) == ("DELETE", "unpacking")
        assert "childEPCs" not in event


class TestEventId:
    @given(addresses, st.lists(addresses, min_size=1, unique=True), times)
    def test_is_the_same_when_the_event_is_told_again(self, parent, children, at):
        once = packed(parent=parent, children=children, at=at)
        again = packed(parent=parent, children=list(children), at=at)

        assert once["eventID"] == again["eventID"]

    def test_stays_what_it_was_in_earlier_releases(self):
        assert packed()["eventID"] == "urn:uuid:3b0b4742-563f-549c-a530-a9ea5443e1da"
        assert emptied()["eventID"] == "urn:uuid:8a224330-1ab7-59a7-a1e6-5b832604953b"

    @pytest.mark.parametrize(
        "change",
        [
            {"parent": "https://x.example/other"},
            {"children": UNITS[:1]},
            {"children": UNITS[::-1]},
            {"at": AT + timedelta(seconds=1)},
            {"read_point": "urn:uuid:00000000-0000-7000-8000-000000000009"},
        ],
    )
    def test_is_another_one_when_the_event_says_something_else(self, change):
        assert packed(**change)["eventID"] != packed()["eventID"]

    def test_tells_two_causes_of_the_same_moment_apart(self):
        assert emptied(cause=UUID(int=7))["eventID"] != emptied()["eventID"]


class TestDocument:
    @pytest.mark.parametrize("events", [[], [packed()], [emptied(), packed()]])
    def test_keeps_to_the_schema(self, events):
        assert read_document(document(*events)) == events

    @given(addresses, st.lists(addresses, min_size=1, unique=True), times)
    def test_keeps_to_the_schema_whatever_is_packed(self, parent, children, at):
        event = packed(parent=f"{parent}-CASE", children=children, at=at)

        assert read_document(document(event, created_at=at)) == [event]


class TestSchema:
    """It must refuse what would not be an event of the standard."""

    def test_is_a_schema(self):
        Draft202012Validator.check_schema(SCHEMA)

    @pytest.mark.parametrize(
        ("make", "change"),
        [
            (packed, {"parentID": None}),
            (packed, {"childEPCs": []}),
            (packed, {"childEPCs": None}),
            (packed, {"childEPCs": [UNITS[0], UNITS[0]]}),
            (packed, {"childEPCs": ["no address"]}),
            (packed, {"action": "OBSERVE"}),
            (packed, {"bizStep": "unpacking"}),
            (packed, {"eventID": "7"}),
            (packed, {"eventTime": "2026-11-25 09:30"}),
            (packed, {"eventTimeZoneOffset": None}),
            (packed, {"readPoint": {}}),
            (packed, {"type": "ObjectEvent"}),
            (packed, {"extra": 1}),
            (emptied, {"childEPCs": UNITS}),
            (emptied, {"parentID": None}),
        ],
    )
    def test_refuses_what_is_no_event(self, make, change):
        event = {name: value for name, value in (make() | change).items() if value is not None}

        with pytest.raises(ValidationError):
            read_document(document(event))
