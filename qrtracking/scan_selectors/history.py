"""What was done in a batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

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


def list_events(
    *,
    batch: Batch,
    only: EventFilter = EVERYTHING,
    before: UUID | None = None,
    limit: int,
) -> list[ScanEvent]:
    """What was done in a batch, the newest first, with who undid it."""
    events = ScanEvent.objects.filter(batch=batch, **only.lookups())
    if before is not None:
        events = events.filter(pk__lt=before)
    related = events.select_related("actor", "master_code", "undone_by_event__actor")
    return list(related.order_by("-pk")[:limit])


def read_events(*, batch: Batch, only: EventFilter, page: int) -> Iterator[list[ScanEvent]]:
    """All of them, a page of rows at a time; nothing is held between two pages."""
    before: UUID | None = None
    while events := list_events(batch=batch, only=only, before=before, limit=page):
        yield events
        before = events[-1].pk


def list_actors(*, batch: Batch) -> list[User]:
    """Who has done anything in a batch, also people who have left since."""
    acted = ScanEvent.objects.filter(batch=batch, actor__isnull=False).values("actor")
    return list(User.objects.filter(pk__in=acted).order_by("username", "pk"))


def list_case_events(*, case: MasterCode, limit: int) -> list[ScanEvent]:
    """What was done with one case, the newest first."""
    events = ScanEvent.objects.filter(master_code=case)
    related = events.select_related("actor", "master_code", "undone_by_event__actor")
    return list(related.order_by("-pk")[:limit])
