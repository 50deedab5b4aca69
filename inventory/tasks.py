"""What workers and schedules call."""

from datetime import time

from inventory.models import QueueDrain
from inventory.services import draining
from inventory.services.control import reopen
from inventory.services.retention import clean_up
from inventory.services.tending import tend_queues
from jobs.context import SliceContext
from jobs.registry import Outcome, job_handler
from jobs.schedules import schedule
from jobs.states import State


def end_drain(drain: QueueDrain) -> None:
    if drain.state is State.DONE:
        reopen(drain)


@job_handler(QueueDrain, atomic=False, slice_size=1, on_end=end_drain)
def run_drain(drain: QueueDrain, ctx: SliceContext) -> Outcome:
    return draining.run_drain(drain, ctx)


schedule(name="inventory_tend", minutes=1)(tend_queues)
schedule(name="inventory_retention", daily_at=time(3, 40))(clean_up)
