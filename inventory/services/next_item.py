"""One item, now, in the foreground: the next in order, or a certain one."""

import socket
import time
from dataclasses import dataclass
from uuid import UUID

from inventory.models import ItemStatus, QueueItem
from inventory.selectors.queue import count_due_items
from inventory.services.claims import ClaimKind, tend
from inventory.services.outcomes import Outcome
from inventory.services.processing import process_slice

# Rows that others are just claiming are locked for milliseconds: they may still become ours.
LOOKS = 10
PAUSE_SECONDS = 0.02
TENDED = 100


@dataclass(frozen=True)
class Attempt:
    """`item` is as it is after the attempt; None: nothing was due."""

    item: QueueItem | None

    @property
    def is_completed(self) -> bool:
        return self.item is not None and self.item.status == ItemStatus.COMPLETED


def process_next(*, organization_id: UUID) -> Attempt:
    """Work off the first due item, also while the queue is stopped.

    A lost connection is raised: nothing is written then, and the lease decides.
    """
    tend(organization_id=organization_id, limit=TENDED)
    for look in range(LOOKS):
        attempt = _attempt(organization_id, ClaimKind.NEXT)
        if attempt.item is not None or not _has_due(organization_id):
            return attempt
        time.sleep(PAUSE_SECONDS * look)
    return Attempt(None)


def process_item(*, organization_id: UUID, item_id: int) -> Attempt:
    """Work off a certain item if it is due; nothing when it is not, or somebody else has it."""
    return _attempt(organization_id, ClaimKind.ONE, item_id=item_id)


def _attempt(organization_id: UUID, kind: ClaimKind, *, item_id: int | None = None) -> Attempt:
    count, outcomes = process_slice(
        organization_id=organization_id,
        kind=kind,
        limit=1,
        worker=f"{socket.gethostname()}:next",
        item_id=item_id,
    )
    return Attempt(_read(outcomes) if count.claimed else None)


def _read(outcomes: list[Outcome]) -> QueueItem | None:
    """The item as it is now; none when another worker took it over meanwhile."""
    if not outcomes:
        return None
    item: QueueItem | None = QueueItem.objects.filter(pk=outcomes[0].item.id).first()
    return item


def _has_due(organization_id: UUID) -> bool:
    return count_due_items(organization_id, most=1) > 0
