"""What staff may do to batches. Each press is one line in the queue's log of presses."""

from datetime import datetime

from django import forms
from django.utils import timezone

from accounts.unfold import UnfoldAdminTextInputWidget
from inventory.admin.base import count_text
from inventory.admin.item_states import is_scheduled
from inventory.admin.item_verbs import ReasonForm
from inventory.admin.staff_log import log_press
from inventory.models import BatchStatus
from inventory.services.cancelling import cancel_batch
from inventory.services.rescheduling import change_time, start_now
from inventory.services.retrying import retry_failed
from inventory.services.undoing import undo_batch
from jobs.admin_base import Verb, format_moment

# Each may be tens of thousands of items.
BATCHES_AT_ONCE = 10


class MomentInput(UnfoldAdminTextInputWidget):
    input_type = "datetime-local"

    def format_value(self, value):
        return f"{value:%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else value


class TimeForm(ReasonForm):
    at = forms.DateTimeField(
        label="Not before",
        help_text="In UTC. A time that is past means: at once.",
        widget=MomentInput,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    field_order = ["at", "reason"]


def _which(batch):
    return {"organization_id": batch.organization_id, "batch_id": batch.batch_id}


def _log(batch, actor, data, text):
    told = f"{batch.batch_id}: {text[0].lower()}{text[1:]}"
    log_press(actor, batch.organization_id, told, data["reason"])
    return f"{told}."


def retry_in_batch(batch, actor, data, *, error_code=None):
    retried = retry_failed(**_which(batch), error_code=error_code)
    text = f"Retried {count_text(retried.processed, 'failed item')}"
    if error_code:
        text += f" with {error_code}"
    told = _log(batch, actor, data, text)
    if retried.remaining:
        told += f" {retried.remaining:,} more are left: press again."
    return f"{told} Processing is stopped." if retried.is_stopped else told


def _cancel(batch, actor, data):
    count = cancel_batch(**_which(batch), actor=actor)
    return _log(batch, actor, data, f"Cancelled {count_text(count, 'pending item')}")


def _start(batch, actor, data):
    count = start_now(**_which(batch))
    return _log(batch, actor, data, f"Started {count_text(count, 'scheduled item')}")


def _reschedule(batch, actor, data):
    at = data["at"]
    count = change_time(**_which(batch), at=at, now=timezone.now())
    text = f"Gave {count_text(count, 'scheduled item')} the time {format_moment(at)} UTC"
    return _log(batch, actor, data, text)


def _undo(batch, actor, data):
    undone = undo_batch(**_which(batch), actor=actor, now=timezone.now())
    text = f"Undone: {count_text(undone.deleted, 'device')} deleted, {undone.restored:,} as they were before"
    if undone.left:
        text += f", {undone.left:,} left alone, changed since"
    return _log(batch, actor, data, text)


def _is_undoable(batch) -> bool:
    has_ended = batch.processed_items + batch.failed_items >= batch.total_items
    return batch.undoable and batch.undone_at is None and has_ended


RETRY = Verb(
    name="retry",
    label="Retry failed",
    icon="replay",
    effect="Failed items wait in the queue again, with their retries counted anew; cancelled ones "
    "stay as they are.",
    done="queued again",
    condition="only a batch with failed items can be retried",
    form=ReasonForm,
    is_possible=lambda batch: batch.failed_items > batch.discarded_items,
    candidates=lambda batches: batches.filter(failed_items__gt=0),
    act=retry_in_batch,
    tell=str,
    limit=BATCHES_AT_ONCE,
)
CANCEL = Verb(
    name="cancel",
    label="Cancel pending",
    icon="cancel",
    effect="Pending items fail with the code cancelled. What a worker has in hand is finished, and "
    "devices that are in stock already stay.",
    done="cancelled",
    condition="only a batch with pending items can be cancelled",
    form=ReasonForm,
    is_possible=lambda batch: batch.status == BatchStatus.ACTIVE,
    candidates=lambda batches: batches.filter(status=BatchStatus.ACTIVE),
    act=_cancel,
    tell=str,
    is_dangerous=True,
    limit=BATCHES_AT_ONCE,
)
START = Verb(
    name="start",
    label="Start now",
    icon="play_arrow",
    effect="Items that wait for the time of the batch are due now.",
    done="started",
    condition="only a batch that waits for its time can be started",
    form=ReasonForm,
    is_possible=is_scheduled,
    candidates=lambda batches: batches.filter(scheduled_at__isnull=False),
    act=_start,
    tell=str,
    limit=BATCHES_AT_ONCE,
)
RESCHEDULE = Verb(
    name="reschedule",
    label="Change time",
    icon="schedule",
    effect="Items that wait for the time of the batch wait for another one.",
    done="moved to another time",
    condition="only a batch that waits for its time can wait for another one",
    form=TimeForm,
    is_possible=is_scheduled,
    candidates=lambda batches: batches.filter(scheduled_at__isnull=False),
    act=_reschedule,
    tell=str,
    limit=BATCHES_AT_ONCE,
)
UNDO = Verb(
    name="undo",
    label="Undo",
    icon="undo",
    effect="Devices that the batch made are deleted, devices that it changed are as they were.",
    done="undone",
    condition="only an undoable batch that has ended can be undone, once",
    form=ReasonForm,
    is_possible=_is_undoable,
    candidates=lambda batches: batches.filter(undoable=True, undone_at=None),
    act=_undo,
    tell=str,
    is_dangerous=True,
    limit=1,
)
BATCH_VERBS = {verb.name: verb for verb in (RETRY, CANCEL, START, RESCHEDULE, UNDO)}
PERMISSIONS = {
    "retry": "inventory.retry_item",
    "cancel": "inventory.cancel_batch",
    "start": "inventory.change_queuebatch",
    "reschedule": "inventory.change_queuebatch",
    "undo": "inventory.undo_batch",
}
