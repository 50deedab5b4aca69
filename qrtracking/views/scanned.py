"""The band of a scan that a station sent by itself: the page names it in its address.

So the page shows it after a reload too, and a scan has the same words with JavaScript and without.
"""

from uuid import UUID

from django.http import HttpRequest

from accounts.errors import DomainError
from accounts.models import User
from qrtracking import errors
from qrtracking.models import EventKind, ScanItem, ScanOutcome
from qrtracking.rules.scan_words import ScanAnswer, answer_of
from qrtracking.selectors.scan import find_case, list_linked_sequences
from qrtracking.views.answers import case_took, refused, shorten
from scanning.answers import Answer, Kind, read_answer

PARAMETER = "scan"
SAME_CASE = "same_case"
KINDS: dict[ScanAnswer, Kind] = {ScanAnswer.OK: "ok", ScanAnswer.DUPLICATE: "duplicate"}
# A stored scan keeps the words of what refused it; these have more to say.
_KNOWN: dict[str, DomainError] = {
    error.message: error
    for error in (
        errors.CaseFull(),
        errors.QueueEmpty(),
        errors.OrderLocked(),
    )
}


def answer_for(request: HttpRequest, user: User) -> Answer | None:
    """What this page was asked to show: the answer to a form, or to one of the person's scans."""
    return read_answer(request) or _read_scan(request, user)


def _read_scan(request: HttpRequest, user: User) -> Answer | None:
    try:
        key = UUID(request.GET.get(PARAMETER, ""))
    except ValueError:
        return None
    items = ScanItem.objects.filter(organization=user.organization, user=user, client_uuid=key)
    item = items.select_related("batch__order", "event__master_code").first()
    return _answer(item, user, is_same_case=SAME_CASE in request.GET) if item else None


def _answer(item: ScanItem, user: User, *, is_same_case: bool) -> Answer:
    is_refused = item.outcome == ScanOutcome.REFUSED
    if item.event and item.event.kind == EventKind.LINK_QUEUE and item.event.master_code:
        case = item.event.master_code
        sequences = list_linked_sequences(case=case, event_id=item.event.pk)
        return case_took(case, title=item.message, scanned=item.raw_text, sequences=sequences)
    known = _KNOWN.get(item.message) if is_refused else None
    if known is not None:
        if is_same_case and isinstance(known, errors.QueueEmpty):
            # It has the same text, and other advice.
            known = errors.QueueOtherCases()
        case = find_case(user=user, batch=item.batch, text=item.raw_text)
        return refused(known, scanned=item.raw_text, case=case)
    kind = KINDS.get(answer_of(is_refused=is_refused, message=item.message), "wrong")
    advice = "" if kind == "ok" else "Nothing was changed."
    return Answer(kind, item.message, scanned=shorten(item.raw_text), advice=advice)
