"""What was done in a batch, and taking back the last of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import DomainError
from qrtracking.models import EventKind
from qrtracking.scan_selectors import list_events
from qrtracking.services.undoing import undo_last
from qrtracking.views.base import BatchMixin, PostMixin, say

SHOWN = 50


class HistoryView(BatchMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        kind = request.GET.get("kind", "")
        kind = kind if kind in EventKind.values else ""
        events = list_events(
            batch=self.overview.batch, kind=kind, before=_key(request), limit=SHOWN + 1
        )
        shown = events[:SHOWN]
        context = {
            **self.batch_context(),
            "events": shown,
            "older": shown[-1].pk if len(events) > SHOWN else None,
            "kind": kind,
            "kinds": EventKind.choices,
        }
        return self.render("history.html", context)


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


def _key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["before"])
    except (KeyError, ValueError):
        return None
