"""Events of EPCIS 2.0 (GS1, ISO/IEC 19987:2024) as JSON-LD: which units lie in which case.

The subset that we write is described by docs/epcis-subset.schema.json.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
SCHEMA_VERSION = "2.0"
# What our event ids are made in (RFC 9562, version 5); never to be changed.
NAMESPACE = UUID("5322de4c-5eb6-523a-8228-7d8da406499c")

Event = dict[str, Any]


def packing(*, parent: str, children: Sequence[str], at: datetime, read_point: str) -> Event:
    """These children, and no others, are in the parent."""
    return _with_id(_event("ADD", "packing", parent, at, read_point, childEPCs=list(children)))


def unpacking(*, parent: str, at: datetime, read_point: str, cause: UUID) -> Event:
    """The parent holds nothing any more: without children, DELETE means all of them (EPCIS 7.4.3)."""
    return _with_id(_event("DELETE", "unpacking", parent, at, read_point), cause=cause)


def document_head(*, created_at: datetime) -> str:
    """The document up to its first event; between two events stands a comma."""
    head = {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": SCHEMA_VERSION,
        "creationDate": _time(created_at),
    }
    return f'{_dump(head)[:-1]},"epcisBody":{{"eventList":['


DOCUMENT_TAIL = "]}}\n"


def event_text(event: Event) -> str:
    return _dump(event)


def _event(
    action: str, step: str, parent: str, at: datetime, read_point: str, **more: Any
) -> Event:
    return {
        "type": "AggregationEvent",
        "eventTime": _time(at),
        "eventTimeZoneOffset": "+00:00",
        "parentID": parent,
        **more,
        "action": action,
        "bizStep": step,
        "disposition": "in_progress",
        "readPoint": {"id": read_point},
    }


def _with_id(event: Event, *, cause: UUID | None = None) -> Event:
    """The id is made of all that the event says, and of what caused it: told again, it is the same;
    told differently, it is another. Whoever has an event needs it no second time."""
    text = json.dumps([event, str(cause)], sort_keys=True, separators=(",", ":"))
    return {"type": event["type"], "eventID": f"urn:uuid:{uuid5(NAMESPACE, text)}"} | event


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
