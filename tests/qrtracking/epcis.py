"""Reading EPCIS documents as a trading partner does."""

import json
from typing import Any

from jsonschema import Draft202012Validator

from config.paths import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "docs" / "epcis-subset.schema.json").read_text())


def read_document(content: bytes | str) -> list[dict[str, Any]]:
    """The events of a document that keeps to the schema and to the rules behind it."""
    document = json.loads(content)
    Draft202012Validator(SCHEMA).validate(document)
    events = document["epcisBody"]["eventList"]
    check_rules(events)
    return events


def check_rules(events: list[dict[str, Any]]) -> None:
    """What no schema can say: ids name one event each, no unit lies in two cases at the end."""
    ids = [event["eventID"] for event in events]
    assert len(set(ids)) == len(ids)
    held = contents(events)
    children = [child for case in held.values() for child in case]
    assert len(set(children)) == len(children)
    assert all(event["parentID"] not in event.get("childEPCs", []) for event in events)


def contents(events: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What lies in each case after all events, in the order of the document."""
    held: dict[str, list[str]] = {}
    for event in events:
        if event["action"] == "ADD":
            held[event["parentID"]] = event["childEPCs"]
        else:
            held.pop(event["parentID"], None)
    return held
