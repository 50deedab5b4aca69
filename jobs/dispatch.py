"""The doorbell: how a waiting job makes itself heard, and the only place that knows django-q2."""

from datetime import timedelta
from functools import partial
from importlib import import_module
from time import sleep
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models.functions import Now
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from jobs.errors import HandlerMissing
from jobs.models import Job
from jobs.registry import get_handler

DEFAULT_QUEUE = "default"
# Between two looks at a database that is away.
AWAY_SECONDS = 1.0

logger = structlog.get_logger(__name__)

# Oldest first, on the database's clock, each message to one cluster: two pushers never wait for
# each other, and a message whose worker died comes back after `retry` seconds.
_TAKE_NEXT = """
    UPDATE django_q_ormq SET lock = clock_timestamp() + make_interval(secs => %s)
    WHERE id = (
        SELECT id FROM django_q_ormq
        WHERE key = %s AND lock <= clock_timestamp()
        ORDER BY lock, id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, payload
"""


class DatabaseBroker(ORM):  # type: ignore[misc] # the library ships no types
    """django-q2's table, ordered, with messages that can be due later.

    Its users are the engine's pusher and monitor, which do not survive an error of the database:
    here a restart of the server costs them a second.
    """

    delay_seconds: float = 0

    def enqueue(self, task: str) -> int:
        row = OrmQ.objects.using(Conf.ORM).create(
            key=self.list_key,
            payload=task,
            lock=Now() + timedelta(seconds=self.delay_seconds),
        )
        return int(row.pk)

    def dequeue(self) -> list[tuple[int, str]] | None:
        try:
            rows = self._take_next()
        except (OperationalError, InterfaceError):
            self._note_absence()
            return None
        if rows:
            return rows
        sleep(Conf.POLL)
        return None

    def acknowledge(self, task_id: int) -> None:
        try:
            super().acknowledge(task_id)
        except (OperationalError, InterfaceError):
            # The message comes again, and finds nothing to do.
            self._note_absence()

    def _take_next(self) -> list[tuple[int, str]]:
        self.get_connection()  # drops a connection that the server has closed
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(_TAKE_NEXT, [Conf.RETRY, self.list_key])
            return [(row[0], row[1]) for row in cursor.fetchall()]

    def _note_absence(self) -> None:
        logger.warning("queue has no database", queue=self.list_key)
        connections[Conf.ORM].close()
        sleep(AWAY_SECONDS)


def ring(job: Job, *, delay_seconds: float = 0) -> None:
    """Wake a worker for this job, in the caller's transaction: a rollback takes the message back.

    A message is only a wake-up. It may be lost (the sweep rings again) or come twice (a job is
    claimed once).
    """
    try:
        queue = get_handler(job.handler_name).queue
    except HandlerMissing:
        # A program that is being rolled out elsewhere may know it: the sweep rings again there.
        return
    doorbell = settings.JOBS_DOORBELL
    if doorbell == "django_q":
        send("jobs.tasks.deliver", job.job_label(), queue, queue=queue, delay_seconds=delay_seconds)
    elif doorbell == "inline" and not delay_seconds:
        deliver = import_module("jobs.tasks").deliver
        transaction.on_commit(partial(deliver, job.job_label(), queue))


def run_soon(schedule: str) -> None:
    """Have a declared schedule run once more as soon as a worker is free; its own times stay.

    In the caller's transaction, as `ring`. If the message is lost, the next time comes all the same.
    """
    if settings.JOBS_DOORBELL == "django_q":
        send("jobs.tasks.run_schedule", schedule, queue=DEFAULT_QUEUE)


def send(function: str, *args: Any, queue: str, delay_seconds: float = 0) -> None:
    """Enqueue a call of a function by its dotted path; arguments are plain strings."""
    broker = DatabaseBroker(list_key=queue)
    broker.delay_seconds = delay_seconds
    async_task(function, *args, broker=broker)


def has_overdue_messages(queue: str, *, seconds: float) -> bool:
    """Whether a message has been ready for a worker for so long that none seems to listen."""
    overdue = Now() - timedelta(seconds=seconds)
    return bool(OrmQ.objects.filter(key=queue, lock__lt=overdue).exists())


def count_messages() -> int:
    """Messages of all queues that are ready for a worker."""
    return int(OrmQ.objects.filter(lock__lte=Now()).count())
