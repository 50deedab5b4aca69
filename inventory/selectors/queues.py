"""The queues that a person may see, each organization's at a glance."""

from dataclasses import dataclass

from accounts.models import Organization, User
from inventory import statements
from inventory.models import DesiredState, QueueControl
from inventory.selectors.queue import Health, judge_health


@dataclass(frozen=True)
class QueueGlance:
    organization: Organization
    pending: int
    processing: int
    completed: int
    failed: int
    is_stopped: bool
    health: Health


def list_queues(user: User) -> list[QueueGlance]:
    """Of organizations that have, or had, items; what fails and waits most comes first."""
    rows = statements.fetch_all("queues_at_a_glance", {})
    visible = Organization.objects.visible_to(user).in_bulk([row[0] for row in rows])
    stopped = set(
        QueueControl.objects.filter(pk__in=visible, desired_state=DesiredState.STOPPED).values_list(
            "pk", flat=True
        )
    )
    queues = [
        _glance(visible[pk], [int(count or 0) for count in counts], is_stopped=pk in stopped)
        for pk, *counts in rows
        if pk in visible
    ]
    return sorted(
        queues, key=lambda queue: (-queue.failed, -queue.pending, str(queue.organization))
    )


def _glance(organization: Organization, counts: list[int], *, is_stopped: bool) -> QueueGlance:
    pending, processing, completed, failed = counts
    health = judge_health(failed=failed, pending=pending)
    return QueueGlance(organization, pending, processing, completed, failed, is_stopped, health)
