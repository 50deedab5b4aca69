"""The queues that a person may see, each organization's at a glance."""

from dataclasses import dataclass

from accounts.models import Organization, User
from inventory import statements
from inventory.models import DesiredState, QueueControl
from inventory.selectors.queue import Health, judge_health, list_rates, list_waiting


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


@dataclass(frozen=True)
class QueueMeasures:
    slug: str
    due: int
    delayed: int
    processing: int
    failed: int
    stuck: int
    # 0 when nothing is due.
    oldest_wait_seconds: float
    items_per_minute: float


def list_measures() -> list[QueueMeasures]:
    """Of every organization that has, or had, items: what a monitoring system is told."""
    counts = {row[0]: row[1:] for row in statements.fetch_all("queues_at_a_glance", {})}
    rates = list_rates(counts)
    slugs = dict(Organization.objects.filter(pk__in=counts).values_list("pk", "slug"))
    measures = []
    for waiting in list_waiting(counts):
        pending, processing, _, failed = (
            int(count or 0) for count in counts[waiting.organization_id]
        )
        measures.append(
            QueueMeasures(
                slug=slugs[waiting.organization_id],
                due=max(0, pending - waiting.delayed),
                delayed=waiting.delayed,
                processing=processing,
                failed=failed,
                stuck=waiting.stuck,
                oldest_wait_seconds=waiting.oldest_seconds,
                items_per_minute=rates.get(waiting.organization_id, 0.0),
            )
        )
    return sorted(measures, key=lambda one: one.slug)


def _glance(organization: Organization, counts: list[int], *, is_stopped: bool) -> QueueGlance:
    pending, processing, completed, failed = counts
    health = judge_health(failed=failed, pending=pending)
    return QueueGlance(organization, pending, processing, completed, failed, is_stopped, health)
