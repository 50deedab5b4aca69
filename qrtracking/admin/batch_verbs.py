"""What staff may do to batches besides the kernel's verbs for their generation."""

from django import forms

from accounts.unfold import UnfoldAdminTextInputWidget
from jobs.admin_base import VERBS, PlainForm, Verb
from qrtracking.admin.acting import acting_for
from qrtracking.models import BatchStatus
from qrtracking.services.completing import IN_PRODUCTION, complete_production
from qrtracking.services.generation import start_generation
from qrtracking.services.label_sheets import WITH_CODES, create_all_sheets
from qrtracking.services.reasons import MAX_LENGTH

# Each is a transaction over all cases of a batch.
BATCHES_AT_ONCE = 20


class CompleteForm(forms.Form):
    allow_incomplete = forms.BooleanField(
        required=False,
        label="Complete also with cases that are not packed",
        help_text="They stay as they are. A reason is required then.",
    )
    reason = forms.CharField(
        max_length=MAX_LENGTH,
        required=False,
        help_text="Kept in the history with your name.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def clean(self):
        fields = super().clean()
        if fields.get("allow_incomplete") and not fields.get("reason"):
            self.add_error("reason", "A reason is required to complete an incomplete batch.")
        return fields


def _complete(batch, actor, data):
    return complete_production(
        actor=acting_for(actor, batch.organization),
        batch_id=batch.pk,
        allow_incomplete=data["allow_incomplete"],
        reason=data["reason"],
    )


def _label(batch, actor, data):
    return batch, create_all_sheets(actor=acting_for(actor, batch.organization), batch=batch)


def _tell_completed(completion):
    number = f"{completion.cases_updated:,} of {completion.total_cases:,} cases"
    return f"BATCH-{completion.order.order_no}: production completed, {number} are ready to ship."


def _tell_labels(result):
    batch, sheets = result
    return f"{batch.batch_code}: {len(sheets):,} label sheets are drawn in the background."


GENERATE = Verb(
    name="generate",
    label="Generate codes",
    icon="qr_code",
    effect="The codes of units, spares and cases are made in the background.",
    done="sent to be generated",
    condition="only a pending batch can be generated; retry a failed one",
    form=PlainForm,
    is_possible=lambda batch: batch.status == BatchStatus.PENDING,
    candidates=lambda batches: batches,
    act=lambda batch, actor, data: start_generation(batch=batch),
    tell=lambda batch: f"{batch.batch_code}: codes are generated in the background.",
)
LABEL = Verb(
    name="label",
    label="Make all labels",
    icon="label",
    effect="Sheets of all labels are drawn in the background: units, spares and cases.",
    done="sent to be drawn",
    condition="only a batch whose codes are generated has labels",
    form=PlainForm,
    is_possible=lambda batch: batch.status in WITH_CODES,
    candidates=lambda batches: batches,
    act=_label,
    tell=_tell_labels,
    limit=BATCHES_AT_ONCE,
)
COMPLETE = Verb(
    name="complete",
    label="Complete production",
    icon="task_alt",
    effect="Packed cases become ready to ship, and nothing more can be packed in the batch. It "
    "cannot be undone.",
    done="completed",
    condition="only a batch in printing or in production can be completed",
    form=CompleteForm,
    is_possible=lambda batch: batch.status in IN_PRODUCTION,
    candidates=lambda batches: batches,
    act=_complete,
    tell=_tell_completed,
    is_dangerous=True,
    limit=BATCHES_AT_ONCE,
)
BATCH_VERBS = {**VERBS, **{verb.name: verb for verb in (GENERATE, LABEL, COMPLETE)}}
