"""What the admin's index page tells of the queues: the switch, what waits, what failed."""

from datetime import timedelta
from typing import Any

from inventory.admin.base import ORGANIZATION, list_url
from inventory.selectors.queue import list_rates, list_waiting
from inventory.selectors.queues import QueueGlance, list_queues
from jobs.admin_base import format_duration

TEMPLATE = "inventory/admin/dashboard.html"
# Those that fail and wait most come first; the Queue page has the others.
MOST = 10


def add_queues(request, context: dict[str, Any]) -> None:
    if not request.user.has_perm("inventory.view_queuecontrol"):
        return
    queues = list_queues(request.user)
    context["queues"] = _rows(queues[:MOST])
    context["more_queues"] = max(0, len(queues) - MOST)
    context.setdefault("dashboard_parts", []).append(TEMPLATE)


def _rows(queues: list[QueueGlance]) -> list[dict[str, Any]]:
    pks = [queue.organization.pk for queue in queues]
    rates = list_rates(pks)
    waiting = {one.organization_id: one for one in list_waiting(pks)}
    return [
        _row(queue, waiting[queue.organization.pk], rates.get(queue.organization.pk, 0.0))
        for queue in queues
    ]


def _row(queue: QueueGlance, waiting, per_minute: float) -> dict[str, Any]:
    of_it = {ORGANIZATION: queue.organization.pk}
    oldest_wait = timedelta(seconds=waiting.oldest_seconds) if waiting.oldest_at else None
    return {
        "queue": queue,
        "due": max(0, queue.pending - waiting.delayed),
        "delayed": waiting.delayed,
        "stuck": waiting.stuck,
        "oldest_wait": format_duration(oldest_wait),
        "per_minute": per_minute,
        "url": list_url("queuecontrol", **of_it),
        "failed_url": list_url("queueitem", **of_it, status="failed"),
        "stuck_url": list_url("queueitem", **of_it, status="processing"),
    }
