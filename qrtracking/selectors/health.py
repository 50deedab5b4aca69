"""Whether reverse jobs are being worked on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Max, Min, Q, Sum

from accounts.models import User
from jobs.models import WorkerHost
from jobs.registry import get_handler
from jobs.states import State
from qrtracking.models import ReverseJob

ALIVE_SECONDS = 60
DEGRADED_SECONDS = 60
DOWN_SECONDS = 120
FAILED_WITHIN = timedelta(hours=24)


class HealthStatus(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class Health:
    workers: int
    last_heartbeat_at: datetime | None
    queued: int
    running: int
    oldest_wait_seconds: int
    failed_last_24h: int
    stuck: int
    checked_at: datetime

    @property
    def worker_alive(self) -> bool:
        seen = self.last_heartbeat_at
        return seen is not None and self.checked_at - seen <= timedelta(seconds=ALIVE_SECONDS)

    @property
    def status(self) -> HealthStatus:
        if not self.worker_alive and self.oldest_wait_seconds > DOWN_SECONDS:
            return HealthStatus.DOWN
        is_slow = self.oldest_wait_seconds > DEGRADED_SECONDS or self.stuck > 0
        return HealthStatus.OK if self.worker_alive and not is_slow else HealthStatus.DEGRADED


def get_health(*, user: User | None, now: datetime) -> Health:
    """The jobs of all organizations for None, else those that the user may see."""
    jobs = ReverseJob.objects.all() if user is None else ReverseJob.objects.visible_to(user)
    since = now - FAILED_WITHIN
    oldest = jobs.due().aggregate(at=Min("run_after"))["at"]
    # Workers of other queues never take one of these jobs, however lively they are.
    queue = get_handler(ReverseJob.job_label()).queue
    hosts = WorkerHost.objects.filter(queue=queue).aggregate(
        heard_at=Max("seen_at"),
        alive=Sum("workers", filter=Q(seen_at__gte=now - timedelta(seconds=ALIVE_SECONDS))),
    )
    return Health(
        workers=hosts["alive"] or 0,
        last_heartbeat_at=hosts["heard_at"],
        queued=jobs.in_state(State.WAITING).count(),
        running=jobs.in_state(State.ACTIVE).count(),
        oldest_wait_seconds=max(int((now - oldest).total_seconds()), 0) if oldest else 0,
        failed_last_24h=jobs.in_state(State.FAILED).filter(completed_at__gte=since).count(),
        stuck=jobs.lease_expired().count(),
        checked_at=now,
    )
