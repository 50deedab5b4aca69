"""What was done in a batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from qrtracking.models import Batch, MasterCode, ScanEvent


@dataclass(frozen=True)
class EventFilter:
    """Empty: everything that was done."""

    kind: str = ""
    actor_id: UUID | None = None
    case_number: int | None = None

    def lookups(self) -> dict[str, object]:
        asked = {
            "kind": self.kind or None,
            "actor": self.actor_id,
            "master_code__case_number": self.case_number,
        }
        return {name: value for name, value in asked.items() if value is not None}


EVERYTHING = EventFilter()


class EventRow(NamedTuple):
    """An event as a line of a table."""

    event_id: UUID
    created_at: datetime
    actor: str | None
    kind: str
    case_number: int | None
    unit_count: int
    note: str
    undone_by: str | None
    undone_at: datetime | None


EVENT_COLUMNS = (
    "pk",
    "created_at",
    "actor__username",
    "kind",
    "master_code__case_number",
    "unit_count",
    "note",
    "undone_by_event__actor__username",
    "undone_by_event__created_at",
)


def list_events(
    *,
    batch: Batch,
    only: EventFilter = EVERYTHING,
    before: UUID | None = None,
    limit: int,
) -> list[ScanEvent]:
    """What was done in a batch, the newest first, with who undid it."""
    events = _newest(batch, only, before)
    return list(events.select_related("actor", "master_code", "undone_by_event__actor")[:limit])


def read_events(*, batch: Batch, only: EventFilter, page: int) -> Iterator[list[EventRow]]:
    """All of them, a page of rows at a time; nothing is held between two pages."""
    before: UUID | None = None
    while True:
        rows = _newest(batch, only, before).values_list(*EVENT_COLUMNS)[:page]
        events = [EventRow(*row) for row in rows]
        yield events
        if len(events) < page:
            return
        before = events[-1].event_id


def _newest(batch: Batch, only: EventFilter, before: UUID | None) -> QuerySet[ScanEvent]:
    events = ScanEvent.objects.filter(batch=batch, **only.lookups())
    if before is not None:
        events = events.filter(pk__lt=before)
    ordered: QuerySet[ScanEvent] = events.order_by("-pk")
    return ordered


def list_actors(*, batch: Batch) -> list[User]:
    """Who has done anything in a batch, also people who have left since."""
    acted = ScanEvent.objects.filter(batch=batch, actor__isnull=False).values("actor")
    return list(User.objects.filter(pk__in=acted).order_by("username", "pk"))


def list_case_events(*, case: MasterCode, limit: int) -> list[ScanEvent]:
    """What was done with one case, the newest first."""
    events = ScanEvent.objects.filter(master_code=case)
    related = events.select_related("actor", "master_code", "undone_by_event__actor")
    return list(related.order_by("-pk")[:limit])
