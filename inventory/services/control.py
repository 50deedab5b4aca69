"""The switch of an organization's queue, and the drains that it lets run."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.db.models.functions import Now

from accounts.models import User
from inventory import statements
from inventory.models import DesiredState, QueueControl, QueueDrain, QueueItem
from inventory.selectors.control import Control, get_control, is_stopped
from inventory.selectors.queue import count_due_items
from jobs.dispatch import ring
from jobs.logs import get_correlation_id

# A second drain helps when each has more to do than this.
ROWS_PER_LANE = 1_000
# A drain that ends leaves another one for what is due so soon; the rest is for the schedule.
SOON_SECONDS = 60.0


@transaction.atomic
def start_queue(*, organization_id: UUID, actor: User | None) -> Control:
    """Let the queue run, from now on and after restarts; the work itself is done elsewhere."""
    control = _set(organization_id, DesiredState.RUNNING, actor)
    open_drains(organization_id)
    return control


@transaction.atomic
def stop_queue(*, organization_id: UUID, actor: User | None) -> Control:
    """Nothing is claimed from now on; the slices in hand are finished."""
    return _set(organization_id, DesiredState.STOPPED, actor)


def _set(organization_id: UUID, state: DesiredState, actor: User | None) -> Control:
    changed = {"desired_state": state, "changed_by": actor, "changed_at": Now()}
    control = QueueControl.objects.filter(organization_id=organization_id)
    if not control.exclude(desired_state=state).update(**changed):
        QueueControl.objects.get_or_create(organization_id=organization_id, defaults=changed)
    return get_control(organization_id)


def open_drains(organization_id: UUID) -> None:
    """Open as many drains as the work asks for: the last thing that a transaction does.

    A lane that is open already is only touched. A drain that is just ending waits for that row, and
    then sees the new items: see `reopen`.
    """
    more = max(0, count_due(organization_id) - 1) // ROWS_PER_LANE
    lanes = 1 + min(settings.QUEUE_MAX_DRAINS - 1, more)
    for lane in range(1, lanes + 1):
        _open_lane(organization_id, lane)


def open_drains_unless_stopped(organization_id: UUID) -> None:
    """For transactions that bring work but must not start a stopped queue.

    The switch is held until they commit, so that a start beside them sees their items.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT desired_state FROM queue_control WHERE organization_id = %s FOR SHARE",
            [organization_id],
        )
        row = cursor.fetchone()
    if row is None or row[0] != DesiredState.STOPPED:
        open_drains(organization_id)


def _open_lane(organization_id: UUID, lane: int, *, delay_seconds: float = 0) -> None:
    pk, must_ring = statements.fetch_one(
        "open_lane",
        {
            "organization": organization_id,
            "lane": lane,
            "correlation": get_correlation_id(),
            "delay": delay_seconds,
        },
    )
    if must_ring:
        ring(QueueDrain.objects.get(pk=pk), delay_seconds=delay_seconds)


def reopen(drain: QueueDrain) -> None:
    """For the transaction that ends a drain: what came in meanwhile gets another one.

    So does a retry that is due soon; the first lane waits for it.
    """
    organization_id = drain.organization_id
    if is_stopped(organization_id):
        return
    before = (drain.lane - 1) * ROWS_PER_LANE
    if count_due(organization_id) > before:
        _open_lane(organization_id, drain.lane)
    elif drain.lane == 1:
        seconds = _seconds_until_next(organization_id, drain.completed_at)
        if seconds is not None and seconds <= SOON_SECONDS:
            _open_lane(organization_id, 1, delay_seconds=max(0.0, seconds))


def count_due(organization_id: UUID) -> int:
    """Due items, counted no further than it matters."""
    most = ROWS_PER_LANE * settings.QUEUE_MAX_DRAINS + 1
    return count_due_items(organization_id, most=most)


def _seconds_until_next(organization_id: UUID, now: datetime | None) -> float | None:
    """Until the next delayed item is due; `now` is on the database's clock, as `run_after` is."""
    delayed = QueueItem.objects.pending().filter(organization_id=organization_id)
    next_at = delayed.filter(run_after__isnull=False).aggregate(at=Min("run_after"))["at"]
    if next_at is None or now is None:
        return None
    return float((next_at - now).total_seconds())
