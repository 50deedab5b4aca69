"""A drain: slices over one organization's queue until nothing is due."""

import socket
import time
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from inventory.models import ItemStatus, QueueDrain, QueueItem
from inventory.selectors.control import is_halted, is_stopped
from inventory.services.claims import ClaimKind, tend
from inventory.services.processing import SliceCount, process_slice
from jobs.context import SliceContext
from jobs.registry import Continue, Done, Outcome

ISOLATED_AT_ONCE = 50
POLL_SECONDS = 0.5


def run_drain(drain: QueueDrain, ctx: SliceContext) -> Outcome:
    """One slice; or, when nothing is due for some seconds, the end."""
    worker = f"{socket.gethostname()}:{drain.lane}"
    idle_until = time.monotonic() + settings.QUEUE_IDLE_SECONDS
    while True:
        if is_stopped(drain.organization_id):
            return Done(summary=_summary(drain), message="Stopped")
        tend(organization_id=drain.organization_id)
        count = _process(drain.organization_id, worker)
        if count.claimed:
            changes = {name: F(name) + value for name, value in vars(count).items() if value}
            return Continue(changes=changes)
        if time.monotonic() >= idle_until or ctx.should_stop():
            return Done(summary=_summary(drain), message="Nothing is due")
        time.sleep(POLL_SECONDS)


def _process(organization_id: UUID, worker: str) -> SliceCount:
    """One clean slice with an isolated row before it; many of those when nothing else is due."""
    count = _process_one(organization_id, ClaimKind.ISOLATED, 1, worker)
    clean = _process_one(organization_id, ClaimKind.CLEAN, slice_size(), worker)
    total = count + clean
    if not clean.claimed and count.claimed:
        for _ in range(ISOLATED_AT_ONCE - 1):
            more = _process_one(organization_id, ClaimKind.ISOLATED, 1, worker)
            total += more
            if not more.claimed:
                break
    return total


def _pause() -> None:
    if settings.QUEUE_ITEM_DELAY_MS:
        time.sleep(settings.QUEUE_ITEM_DELAY_MS / 1000)


def drain_here(
    *, organization_id: UUID, limit: int | None = None, until_empty: bool = False
) -> SliceCount:
    """Work the queue off in the foreground, slice by slice, until nothing is due or it is stopped.

    At most `limit` items. With `until_empty` it also waits for planned retries and for what other
    workers have in hand; what is scheduled for later is left to its time.
    """
    worker = f"{socket.gethostname()}:here"
    total = SliceCount()
    while (limit is None or total.claimed < limit) and not is_halted(organization_id):
        tend(organization_id=organization_id)
        before = total.claimed
        for kind, most in ((ClaimKind.ISOLATED, 1), (ClaimKind.CLEAN, slice_size())):
            room = most if limit is None else min(most, limit - total.claimed)
            if room:
                total += _process_one(organization_id, kind, room, worker)
        if total.claimed > before:
            continue
        if not (until_empty and _is_more_expected(organization_id)):
            break
        time.sleep(POLL_SECONDS)
    return total


def _is_more_expected(organization_id: UUID) -> bool:
    items = QueueItem.objects.filter(organization_id=organization_id)
    is_retry = Q(status=ItemStatus.PENDING, run_after__isnull=False, retry_count__gt=0)
    return bool(items.filter(is_retry | Q(status=ItemStatus.PROCESSING)).exists())


def slice_size() -> int:
    return 1 if settings.QUEUE_ITEM_DELAY_MS else int(settings.QUEUE_SLICE_SIZE)


def _process_one(organization_id: UUID, kind: ClaimKind, limit: int, worker: str) -> SliceCount:
    count, _ = process_slice(organization_id=organization_id, kind=kind, limit=limit, worker=worker)
    if count.claimed:
        _pause()
    return count


def _summary(drain: QueueDrain) -> dict[str, int]:
    return {name: getattr(drain, name) for name in ("claimed", "completed", "failed", "retried")}
