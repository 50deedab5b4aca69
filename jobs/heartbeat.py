"""Signs of life of a worker cluster: its watchdog's, and those that came through its queue."""

import os
import socket
import time

from django.db.models.functions import Now

from jobs.models import WorkerHost

# The watchdog gives its cluster a name; its workers beat under it.
NAME_VARIABLE = "JOBS_CLUSTER"
BEAT_EVERY_SECONDS = 5.0

_last_beat = 0.0


def register(*, name: str, queue: str, workers: int) -> WorkerHost:
    """Announce a cluster that starts now."""
    host, _ = WorkerHost.objects.update_or_create(
        name=name,
        defaults={
            "host": socket.gethostname()[:120],
            "queue": queue,
            "workers": workers,
            "started_at": Now(),
            "seen_at": Now(),
            "beat_at": Now(),
        },
    )
    return host


def beat() -> None:
    """Note that a worker of this cluster took a task from its queue; at most every 5 s."""
    global _last_beat
    name = os.environ.get(NAME_VARIABLE)
    if not name or time.monotonic() - _last_beat < BEAT_EVERY_SECONDS:
        return
    _last_beat = time.monotonic()
    WorkerHost.objects.filter(name=name).update(beat_at=Now())
