"""Spoiled units: marked by any form of entry, and replaced by spares."""

from collections import Counter
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import DomainError
from accounts.models import Role
from qrtracking.forms.scan import SpoiledForm
from qrtracking.rules.spoil_lines import read_spoil_lines
from qrtracking.selectors.scan import list_spoiled
from qrtracking.services.spoiling import SpoilLine, SpoilOutcome, replace_spoiled
from qrtracking.views.answers import shorten
from qrtracking.views.base import BatchMixin, CaseMixin
from scanning.answers import Answer, Kind, keep_answer, read_answer
from scanning.views import PostMixin

# The answer is kept in the session: what became of more lines is told by the history.
LINES_SHOWN = 100


class SpoiledMixin(BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:spoiled", args=[self.kwargs["batch_id"]])


class SpoiledView(SpoiledMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        context = {
            **self.batch_context(),
            "may_spoil": self.overview.is_open and self.user.has_role(Role.MANAGER),
            "items": list_spoiled(batch=self.overview.batch),
            "form": SpoiledForm(),
            "answer": read_answer(request),
        }
        return self.render("spoiled.html", context)


class SpoilMixin(PostMixin, BatchMixin):
    required_role = Role.MANAGER

    def spoil(self) -> HttpResponse:
        batch_id = self.overview.batch.pk
        form = SpoiledForm(self.request.POST)
        if form.is_valid():
            answer = self._spoil(batch_id, form.cleaned_data["units"])
        else:
            text = str(next(iter(form.errors.values()))[0])
            answer = Answer("wrong", text, advice="Nothing was changed.")
        return redirect(self.page_url + keep_answer(self.request, answer))

    def _spoil(self, batch_id: UUID, text: str) -> Answer:
        spoiled, spares = read_spoil_lines(text)
        if not spoiled:
            return Answer("wrong", "No unit was named.", advice="Nothing was changed.")
        try:
            lines = replace_spoiled(
                actor=self.user, batch_id=batch_id, spoiled=spoiled, spares=spares
            )
        except DomainError as error:
            return Answer("wrong", _WORDS.get(error.code, error.message))
        return answer_to(lines)


class SpoilView(SpoilMixin, SpoiledMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self.spoil()


class CaseSpoilView(SpoilMixin, CaseMixin):
    """The same from the page of a case, and back to it."""

    def post(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        return self.spoil()


def answer_to(lines: list[SpoilLine]) -> Answer:
    """A line for each unit; amber when one has no spare, red when one was refused."""
    outcomes = Counter(line.outcome for line in lines)
    refused, alone = outcomes[SpoilOutcome.REFUSED], outcomes[SpoilOutcome.SPOILED]
    replaced = outcomes[SpoilOutcome.REPLACED]
    kind: Kind = "wrong" if refused else "duplicate" if alone else "ok"
    more = len(lines) - LINES_SHOWN
    return Answer(
        kind=kind,
        title=f"{alone + replaced:,} spoiled, {replaced:,} replaced, {refused:,} refused",
        lines=tuple((_KINDS[line.outcome], _line(line)) for line in lines[:LINES_SHOWN]),
        notes=(f"and {more:,} more, see the history",) if more > 0 else (),
        advice="A case that lost a unit without a spare is short." if alone else "",
    )


_KINDS: dict[SpoilOutcome, Kind] = {
    SpoilOutcome.REPLACED: "ok",
    SpoilOutcome.SPOILED: "duplicate",
    SpoilOutcome.REFUSED: "wrong",
}


def _line(line: SpoilLine) -> str:
    if line.outcome is SpoilOutcome.REFUSED:
        return f"{shorten(line.entry)}: {line.message}"
    return line.message


# The service speaks to callers of the API there.
_WORDS = {
    "codes_required": "No unit was named.",
    "unique_codes_too_many": "These are over 5,000 units. Name fewer at once.",
}
