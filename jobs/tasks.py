"""What the engine calls by name, and the kernel's own jobs and schedules."""

from datetime import time

import structlog

from jobs import heartbeat
from jobs.context import SliceContext
from jobs.models import OutboxMessage
from jobs.outbox import send_message
from jobs.registry import Done, Outcome, get_job_model, job_handler
from jobs.retention import clean_up
from jobs.runner import run_next
from jobs.schedules import get_schedule, schedule
from jobs.sweep import sweep

logger = structlog.get_logger(__name__)


def deliver(label: str, queue: str) -> None:
    """A doorbell: work on the most urgent job of this model, if there is one."""
    heartbeat.beat()
    run_next(get_job_model(label), queue=queue)


def run_schedule(name: str) -> None:
    heartbeat.beat()
    entry = get_schedule(name)
    if entry is None:
        logger.warning("schedule unknown", schedule=name)
        return
    entry.function()


@job_handler(
    OutboxMessage, queue="io", atomic=False, limit_transient=True, statement_timeout_seconds=10
)
def send_outbox_message(message: OutboxMessage, ctx: SliceContext) -> Outcome:
    return Done(summary=send_message(message, now=ctx.now), message="Message sent")


schedule(name="jobs_sweep", minutes=1)(sweep)
schedule(name="jobs_retention", daily_at=time(2, 10))(clean_up)
