"""The switch of an organization's queue, and the drains that it lets run."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import User
from inventory import statements
from inventory.models import DesiredState, QueueControl, QueueDrain, QueueItem
from jobs.dispatch import ring
from jobs.logs import get_correlation_id
from jobs.models import PausedJobType

# A second drain helps when each has more to do than this.
ROWS_PER_LANE = 1_000


@dataclass(frozen=True)
class Control:
    desired_state: str
    changed_by: User | None
    changed_at: datetime | None

    @property
    def is_stopped(self) -> bool:
        return self.desired_state == DesiredState.STOPPED


def get_control(organization_id: UUID) -> Control:
    rows = QueueControl.objects.filter(organization_id=organization_id)
    row = rows.select_related("changed_by").first()
    if row is None:
        return Control(DesiredState.RUNNING, None, None)
    return Control(row.desired_state, row.changed_by, row.changed_at)


def is_paused() -> bool:
    """Paused by staff, for all organizations: the kernel lets no drain run."""
    return bool(PausedJobType.objects.filter(name=QueueDrain.job_label()).exists())


def is_stopped(organization_id: UUID) -> bool:
    """Stopped by the organization."""
    stopped = QueueControl.objects.filter(
        organization_id=organization_id, desired_state=DesiredState.STOPPED
    )
    return stopped.exists()


def is_halted(organization_id: UUID) -> bool:
    """Nothing is claimed by drains now, for either reason."""
    return is_stopped(organization_id) or is_paused()


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
    more = max(0, _count_due(organization_id) - 1) // ROWS_PER_LANE
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


def _open_lane(organization_id: UUID, lane: int) -> None:
    pk, is_new = statements.fetch_one(
        "open_lane",
        {
            "organization": organization_id,
            "lane": lane,
            "correlation": get_correlation_id(),
        },
    )
    if is_new:
        ring(QueueDrain.objects.get(pk=pk))


def reopen(drain: QueueDrain) -> None:
    """For the transaction that ends a drain: what came in meanwhile gets another one."""
    if not is_stopped(drain.organization_id) and _count_due(drain.organization_id, limit=1):
        _open_lane(drain.organization_id, drain.lane)


def _count_due(organization_id: UUID, *, limit: int | None = None) -> int:
    """Due items, counted no further than it matters."""
    most = limit or ROWS_PER_LANE * settings.QUEUE_MAX_DRAINS + 1
    due = QueueItem.objects.due().filter(organization_id=organization_id)
    return int(due.values("pk")[:most].count())
