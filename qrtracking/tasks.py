from datetime import time

from jobs.context import SliceContext
from jobs.dispatch import run_soon
from jobs.registry import Outcome, job_handler
from jobs.schedules import schedule
from jobs.states import State
from qrtracking.models import Batch, LabelSheet, PackingPlan, PlanPhase, ReverseJob
from qrtracking.services import (
    cancelled_batches,
    generation,
    label_pages,
    plan_applying,
    plan_checking,
    preparing,
)
from qrtracking.services.case_locks import close_orders
from qrtracking.services.cleaning import drop_rows_of_cancelled, keep_house
from qrtracking.services.completing import HOUSEKEEPING
from qrtracking.services.notices import tell_batch_generated, tell_reverse_job_ended
from qrtracking.services.retention import RETENTION, delete_expired


def end_reverse_job(job: ReverseJob) -> None:
    if job.state is State.CANCELLED:
        drop_rows_of_cancelled(job)
        if job.prepared_count:
            run_soon(HOUSEKEEPING)
    tell_reverse_job_ended(job)


def end_generation(batch: Batch) -> None:
    if batch.state is State.CANCELLED and cancelled_batches.drop_slice(batch.pk):
        run_soon(HOUSEKEEPING)
    tell_batch_generated(batch)


def wait_for_packers(job: ReverseJob) -> None:
    """A case that is being packed at this moment may still take rows of the job; none does later."""
    close_orders(organization_id=job.organization_id, order_ids=[job.order_id])


@job_handler(
    ReverseJob,
    slice_size=preparing.RESOLVE_ENTRIES,
    statement_timeout_seconds=60,
    limit_transient=True,
    on_end=end_reverse_job,
    on_cancel=wait_for_packers,
)
def run_reverse_job(job: ReverseJob, ctx: SliceContext) -> Outcome:
    return preparing.run_slice(job, log=ctx.log)


@job_handler(
    Batch,
    slice_size=generation.SLICE,
    statement_timeout_seconds=120,
    limit_transient=True,
    on_end=end_generation,
)
def generate_batch(batch: Batch, ctx: SliceContext) -> Outcome:
    return generation.run_slice(batch, size=ctx.slice_size)


@job_handler(
    PackingPlan,
    slice_size=plan_checking.SLICE_UNITS,
    statement_timeout_seconds=120,
    limit_transient=True,
)
def run_packing_plan(plan: PackingPlan, ctx: SliceContext) -> Outcome:
    if plan.phase == PlanPhase.APPLY:
        return plan_applying.apply_slice(plan, log=ctx.log)
    return plan_checking.check_slice(plan, log=ctx.log)


@job_handler(
    LabelSheet,
    queue="heavy",
    # Drawing takes longer than a transaction should, and printers are beyond any transaction.
    atomic=False,
    slice_size=label_pages.PAGES_A_SLICE,
    limit_transient=True,
    on_end=label_pages.end_label_sheet,
)
def run_label_sheet(sheet: LabelSheet, ctx: SliceContext) -> Outcome:
    return label_pages.run_step(sheet, ctx)


schedule(name=HOUSEKEEPING, minutes=5)(keep_house)
schedule(name=RETENTION, daily_at=time(2, 30))(delete_expired)
