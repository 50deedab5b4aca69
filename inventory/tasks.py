from inventory.models import QueueDrain
from inventory.services import draining
from inventory.services.control import reopen
from jobs.context import SliceContext
from jobs.registry import Outcome, job_handler
from jobs.states import State


def end_drain(drain: QueueDrain) -> None:
    if drain.state is State.DONE:
        reopen(drain)


@job_handler(QueueDrain, atomic=False, slice_size=1, on_end=end_drain)
def run_drain(drain: QueueDrain, ctx: SliceContext) -> Outcome:
    return draining.run_drain(drain, ctx)
