"""How fast a queue is now: read from what its slices did, never from its items."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from inventory import statements

SECONDS = 60
MINUTES = 30


@dataclass(frozen=True)
class Pace:
    per_minute: float

    def time_for(self, items: int) -> timedelta | None:
        """How long so many items take at this pace; None when nothing moves."""
        if not self.per_minute:
            return None
        return timedelta(minutes=items / self.per_minute)


@dataclass(frozen=True)
class Minute:
    """`ago` 0 is the minute that ends now."""

    ago: int
    completed: int
    failed: int


def get_pace(organization_id: UUID) -> Pace:
    """Ended items a minute, over the last minute or since the work began within it."""
    ended, seconds = statements.fetch_one(
        "queue_pace", {"organization": organization_id, "seconds": SECONDS}
    )
    return Pace(round(60 * ended / max(seconds, 1.0), 1) if seconds else 0.0)


def list_minutes(organization_id: UUID) -> list[Minute]:
    """The last half hour, the oldest minute first; also those in which nothing ended."""
    rows = statements.fetch_all(
        "ended_by_minute", {"organization": organization_id, "minutes": MINUTES}
    )
    ended = {ago: (completed, failed) for ago, completed, failed in rows}
    return [Minute(ago, *ended.get(ago, (0, 0))) for ago in reversed(range(MINUTES))]
