"""What staff may do to items. Each press is one line in the queue's log of presses."""

from collections.abc import Callable, Iterator, Sequence

from django import forms

from accounts.unfold import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget
from inventory.admin.base import count_text
from inventory.admin.staff_log import log_press
from inventory.errors import ItemChanged, ItemNotDue
from inventory.models import ItemStatus, QueueItem
from inventory.services.cancelling import cancel_items
from inventory.services.clearing import clear_items
from inventory.services.next_item import process_item
from inventory.services.prioritising import FIRST, LAST, set_priority
from inventory.services.retrying import MOST_IDS, retry_failed
from jobs.admin_base import Verb

# One press: some seconds of statements over many rows; items in the foreground one by one.
TOGETHER, ONE_BY_ONE = 50_000, 100


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        required=False,
        help_text="Optional. Shown on the Queue page with your name.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


class PriorityForm(ReasonForm):
    priority = forms.IntegerField(
        min_value=FIRST,
        max_value=LAST,
        initial=FIRST,
        help_text="1 is handled first, 10 last.",
        widget=UnfoldAdminIntegerFieldWidget,
    )
    field_order = ["priority", "reason"]


def _by_organization(ids: Sequence[int]) -> Iterator[tuple[object, list[int]]]:
    rows = QueueItem.objects.filter(pk__in=ids).order_by("pk")
    found: dict[object, list[int]] = {}
    for pk, organization_id in rows.values_list("pk", "organization_id"):
        found.setdefault(organization_id, []).append(pk)
    yield from found.items()


def _together(words: str, act: Callable) -> Callable:
    """Each organization's items by one call of the service, and one line in its log."""

    def act_together(ids, actor, data) -> int:
        total = 0
        for organization_id, own in _by_organization(ids):
            count = act(organization_id, own, actor, data)
            if count:
                text = f"{words.format(**data)} {count_text(count, 'item')}"
                log_press(actor, organization_id, text, data["reason"])
            total += count
        return total

    return act_together


def _alone(act_together: Callable) -> Callable:
    """The same for the page of one item; refused when somebody was faster."""

    def act(item, actor, data):
        if not act_together([item.pk], actor, data):
            raise ItemChanged
        return item

    return act


def _retry(organization_id, ids, actor, data) -> int:
    parts = [ids[at : at + MOST_IDS] for at in range(0, len(ids), MOST_IDS)]
    return sum(retry_failed(organization_id=organization_id, ids=part).processed for part in parts)


def _cancel(organization_id, ids, actor, data) -> int:
    return cancel_items(organization_id=organization_id, ids=ids, actor=actor)


def _prioritise(organization_id, ids, actor, data) -> int:
    return set_priority(organization_id=organization_id, ids=ids, priority=data["priority"])


def _clear(organization_id, ids, actor, data) -> int:
    return clear_items(organization_id=organization_id, ids=ids)


def _process(item, actor, data) -> QueueItem:
    attempt = process_item(organization_id=item.organization_id, item_id=item.pk)
    if attempt.item is None:
        raise ItemNotDue
    log_press(actor, item.organization_id, f"Processed item {item.pk} by hand", data["reason"])
    return attempt.item


def _tell_processed(item) -> str:
    if item.status == ItemStatus.COMPLETED:
        return f"Item {item.pk}: completed."
    if item.status == ItemStatus.PENDING:
        return f"Item {item.pk}: it is tried again. {item.error_message}"
    return f"Item {item.pk}: failed. {item.error_message}"


retry_together = _together("Retried", _retry)
cancel_together = _together("Cancelled", _cancel)
prioritise_together = _together("Set priority {priority} for", _prioritise)
clear_together = _together("Archived", _clear)

RETRY = Verb(
    name="retry",
    label="Retry",
    icon="replay",
    effect="Failed items wait in the queue again, with their retries counted anew.",
    done="queued again",
    condition="only a failed item can be retried; cancelled ones only when they are chosen as such",
    form=ReasonForm,
    is_possible=lambda item: item.status == ItemStatus.FAILED,
    candidates=lambda items: items.failed(),
    act=_alone(retry_together),
    act_together=retry_together,
    limit=TOGETHER,
)
CANCEL = Verb(
    name="cancel",
    label="Cancel",
    icon="cancel",
    effect="Pending items fail with the code cancelled. What a worker has in hand is finished.",
    done="cancelled",
    condition="only a pending item can be cancelled",
    form=ReasonForm,
    is_possible=lambda item: item.status == ItemStatus.PENDING,
    candidates=lambda items: items.pending(),
    act=_alone(cancel_together),
    act_together=cancel_together,
    is_dangerous=True,
    limit=TOGETHER,
)
PRIORITISE = Verb(
    name="prioritise",
    label="Set priority",
    icon="swap_vert",
    effect="Pending items change their place in the queue.",
    done="moved to another place in the queue",
    condition="only a pending item has a place in the queue",
    form=PriorityForm,
    is_possible=lambda item: item.status == ItemStatus.PENDING,
    candidates=lambda items: items.pending(),
    act=_alone(prioritise_together),
    act_together=prioritise_together,
    limit=TOGETHER,
)
PROCESS = Verb(
    name="process",
    label="Process now",
    icon="play_arrow",
    effect="Due items are handled at once, one by one, while you wait; also while the queue is "
    "stopped.",
    done="handled",
    condition="only an item that is due can be processed now",
    form=ReasonForm,
    is_possible=lambda item: item.status == ItemStatus.PENDING and item.run_after is None,
    candidates=lambda items: items.due(),
    act=_process,
    tell=_tell_processed,
    limit=ONE_BY_ONE,
)
CLEAR = Verb(
    name="clear",
    label="Clear completed",
    icon="archive",
    effect="Completed items move to the archive, where they can still be read. Devices stay.",
    done="moved to the archive",
    condition="only a completed item can be cleared",
    form=ReasonForm,
    is_possible=lambda item: item.status == ItemStatus.COMPLETED,
    candidates=lambda items: items.filter(status=ItemStatus.COMPLETED),
    act=_alone(clear_together),
    act_together=clear_together,
    limit=TOGETHER,
)
ITEM_VERBS = {verb.name: verb for verb in (RETRY, CANCEL, PRIORITISE, PROCESS, CLEAR)}
PERMISSIONS = {
    "retry": "inventory.retry_item",
    "cancel": "inventory.cancel_batch",
    "prioritise": "inventory.change_queueitem",
    "process": "inventory.process_queue",
    "clear": "inventory.clear_completed",
    "correct": "inventory.retry_item",
}
