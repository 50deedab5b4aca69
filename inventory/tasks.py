"""What workers and schedules call."""

from datetime import time

from inventory.models import QueueDrain, QueueImport, StockJob, StockJobKind
from inventory.services import draining
from inventory.services.control import reopen
from inventory.services.exporting import run_export
from inventory.services.import_job import SLICE, run_import
from inventory.services.learning import learn_all_tacs
from inventory.services.retention import clean_up
from inventory.services.sku_rules import apply_sku_rules
from inventory.services.tending import tend_queues
from jobs.context import SliceContext
from jobs.registry import Outcome, SliceSize, job_handler
from jobs.schedules import schedule
from jobs.states import State


def end_drain(drain: QueueDrain) -> None:
    if drain.state is State.DONE:
        reopen(drain)


@job_handler(QueueDrain, atomic=False, slice_size=1, on_end=end_drain)
def run_drain(drain: QueueDrain, ctx: SliceContext) -> Outcome:
    return draining.run_drain(drain, ctx)


@job_handler(
    StockJob, job_type=StockJobKind.APPLY_SKU_RULES.value, slice_size=SliceSize(1_000, 200, 5_000)
)
def run_sku_rules(job: StockJob, ctx: SliceContext) -> Outcome:
    return apply_sku_rules(job, ctx)


@job_handler(StockJob, job_type=StockJobKind.EXPORT.value, queue="heavy", atomic=False)
def run_stock_export(job: StockJob, ctx: SliceContext) -> Outcome:
    return run_export(job, ctx)


@job_handler(QueueImport, queue="heavy", atomic=False, slice_size=SLICE)
def read_import(queue_import: QueueImport, ctx: SliceContext) -> Outcome:
    return run_import(queue_import, ctx)


schedule(name="inventory_tend", minutes=1)(tend_queues)
schedule(name="inventory_learn_tacs", minutes=60)(learn_all_tacs)
schedule(name="inventory_retention", daily_at=time(3, 40))(clean_up)
