"""What staff may do to cases. The services decide; a refused case costs no other."""

from django import forms
from django.db.models import F

from accounts.unfold import UnfoldAdminTextInputWidget
from jobs.admin_base import PlainForm, Verb
from qrtracking.admin.acting import acting_for
from qrtracking.errors.packing import CaseNotReceived
from qrtracking.models import LOCKED
from qrtracking.services.closing import close_case_short
from qrtracking.services.reasons import MAX_LENGTH
from qrtracking.services.receiving import RECEIVABLE, receive_cases
from qrtracking.services.unlinking import COMPLETED, unlink_case

# Each case is a transaction over all of its units.
CASES_AT_ONCE = 200


class RequiredReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=MAX_LENGTH,
        help_text="Required. Kept in the history with your name.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


def _unlink(case, actor, data):
    actor = acting_for(actor, case.organization)
    return unlink_case(actor=actor, case_id=case.pk, reason=data["reason"])


def _close(case, actor, data):
    actor = acting_for(actor, case.organization)
    return close_case_short(actor=actor, case_id=case.pk, reason=data["reason"])


def _receive(case, actor, data):
    actor = acting_for(actor, case.organization)
    receipt = receive_cases(actor=actor, master_codes=[case.master_code])
    if receipt.refused:
        raise CaseNotReceived(receipt.refused[0].reason)
    return receipt.received[0]


UNLINK = Verb(
    name="unlink",
    label="Unlink",
    icon="link_off",
    effect="All units are taken out of the case. What the queue gave it waits in the queue again.",
    done="emptied",
    condition="only a case that holds units and has not left production can be unlinked",
    form=RequiredReasonForm,
    is_possible=lambda case: (
        case.actual_unit_count > 0 and case.status not in (*LOCKED, *COMPLETED)
    ),
    candidates=lambda cases: cases.filter(actual_unit_count__gt=0),
    act=_unlink,
    tell=lambda result: f"{result.message}.",
    is_dangerous=True,
    limit=CASES_AT_ONCE,
)
CLOSE = Verb(
    name="close",
    label="Close short",
    icon="inventory",
    effect="The case is full and packed with the units that it holds now.",
    done="closed short",
    condition="only a partly filled case can be closed short",
    form=RequiredReasonForm,
    is_possible=lambda case: 0 < case.actual_unit_count < case.expected_unit_count,
    candidates=lambda cases: cases.filter(
        actual_unit_count__gt=0, actual_unit_count__lt=F("expected_unit_count")
    ),
    act=_close,
    tell=lambda case: f"Case #{case.case_number} closed with {case.actual_unit_count:,} units.",
    is_dangerous=True,
    limit=CASES_AT_ONCE,
)
RECEIVE = Verb(
    name="receive",
    label="Mark received",
    icon="warehouse",
    effect="The case is at the warehouse. From the first one on, nothing of its order can be packed "
    "or taken out any more.",
    done="received",
    condition="only a case that is ready to ship or in transit can be received",
    form=PlainForm,
    is_possible=lambda case: case.status in RECEIVABLE,
    candidates=lambda cases: cases.filter(status__in=RECEIVABLE),
    act=_receive,
    tell=lambda case: f"Case #{case.case_number} received with {case.actual_unit_count:,} units.",
    is_dangerous=True,
    limit=CASES_AT_ONCE,
)
CASE_VERBS = {verb.name: verb for verb in (UNLINK, CLOSE, RECEIVE)}
