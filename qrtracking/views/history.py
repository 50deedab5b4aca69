"""What was done in a batch, and taking back the last of it."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.api.files import file_answer
from accounts.errors import DomainError
from qrtracking.exports import history as exported
from qrtracking.models import EventKind
from qrtracking.rules.text import parse_case_entry
from qrtracking.selectors.scan import EventFilter, find_case, list_actors, list_events
from qrtracking.services.undoing import undo_last
from qrtracking.views.base import BatchMixin
from qrtracking.views.cases import read_case
from scanning.views import PostMixin, say
from tables.streaming import XLSX_CONTENT_TYPE, stream_xlsx

SHOWN = 50
# No case has it: an unknown case shows nothing.
NO_CASE = 0


class HistoryMixin(BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:history", args=[self.kwargs["batch_id"]])

    def asked(self) -> EventFilter:
        """What the address asks for; what makes no sense in it is left out."""
        kind = self.request.GET.get("kind", "")
        return EventFilter(
            kind=kind if kind in EventKind.values else "",
            actor_id=_key(self.request.GET.get("person")),
            case_number=self._case_number(read_case(self.request)),
        )

    def _case_number(self, text: str) -> int | None:
        if not text:
            return None
        entry = parse_case_entry(text, bare_numbers=True)
        if entry and entry.number:
            return entry.number
        case = find_case(user=self.user, batch=self.overview.batch, text=text)
        return case.case_number if case else NO_CASE


class HistoryView(HistoryMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        batch, only = self.overview.batch, self.asked()
        before = _key(request.GET.get("before"))
        events = list_events(batch=batch, only=only, before=before, limit=SHOWN + 1)
        shown = events[:SHOWN]
        context = {
            **self.batch_context(),
            "events": shown,
            "older": shown[-1].pk if len(events) > SHOWN else None,
            "is_newest": before is None,
            "only": only,
            "query": urlencode(_query_of(only, case=request.GET.get("case", ""))),
            "kinds": EventKind.choices,
            "people": list_actors(batch=batch),
            "case_text": request.GET.get("case", ""),
        }
        return self.render("history.html", context)


class HistoryXlsxView(HistoryMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
        batch = self.overview.batch
        return file_answer(
            stream_xlsx([exported.history_sheet(batch=batch, only=self.asked())]),
            name=exported.file_name(order_no=batch.order.order_no, on=timezone.now().date()),
            content_type=XLSX_CONTENT_TYPE,
        )


class UndoView(PostMixin, BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:batch", args=[self.kwargs["batch_id"]])

    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        try:
            undone = undo_last(actor=self.user, batch_id=self.overview.batch.pk)
        except DomainError as error:
            say(request, error.message, level=messages.WARNING)
        else:
            say(request, undone.message)
        return redirect(self.page_url)


def _query_of(only: EventFilter, *, case: str) -> dict[str, str]:
    """The filter for the links of the page."""
    asked = {"kind": only.kind, "person": str(only.actor_id or ""), "case": case.strip()}
    return {name: value for name, value in asked.items() if value}


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
