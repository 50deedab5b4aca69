"""Whether an organization's queue may run."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from inventory.models import DesiredState, QueueControl, QueueDrain
from jobs.models import PausedJobType


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
        return Control(DesiredState.RUNNING.value, None, None)
    return Control(row.desired_state, row.changed_by, row.changed_at)


def is_stopped(organization_id: UUID) -> bool:
    """Stopped by the organization."""
    stopped = QueueControl.objects.filter(
        organization_id=organization_id, desired_state=DesiredState.STOPPED
    )
    return bool(stopped.exists())


def is_paused() -> bool:
    """Paused by staff, for all organizations: the kernel lets no drain run."""
    return bool(PausedJobType.objects.filter(name=QueueDrain.job_label()).exists())


def is_halted(organization_id: UUID) -> bool:
    """Nothing is claimed by drains now, for either reason."""
    return is_stopped(organization_id) or is_paused()
