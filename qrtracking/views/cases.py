"""The cases of a batch, and the page of one: what lies in it, and correcting it."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import DomainError
from accounts.models import Role
from qrtracking.forms.scan import ReasonForm, SpoiledForm
from qrtracking.models import LOCKED, CaseStatus, MasterCode
from qrtracking.rules.text import parse_case_entry
from qrtracking.selectors.scan import (
    PARTS,
    count_case_parts,
    find_case,
    get_planned_units,
    lacks_ssccs,
    list_batch_cases,
    list_case_events,
    list_spoiled_of,
    list_units_in,
)
from qrtracking.services.closing import close_case_short
from qrtracking.services.ssccs import assign_ssccs
from qrtracking.services.unlinking import unlink_case
from qrtracking.views.answers import shorten
from qrtracking.views.base import BatchMixin, CaseMixin
from scanning.answers import read_answer
from scanning.views import PostMixin, say

EVENTS_SHOWN = 10
# An unlinked case would be missing from what has been told to the warehouse.
CANNOT_UNLINK = (*LOCKED, CaseStatus.READY_TO_SHIP, CaseStatus.IN_TRANSIT)


class CasesMixin(BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:cases", args=[self.kwargs["batch_id"]])


class CasesView(CasesMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        text = read_case(request)
        if text:
            return self._open(text)
        part = request.GET.get("status", "")
        part = part if part in PARTS else ""
        batch = self.overview.batch
        cases, following = list_batch_cases(batch=batch, part=part, first=read_number(request))
        context = {
            **self.batch_context(),
            "parts": count_case_parts(batch=batch),
            "part": part,
            "cases": cases,
            "following": following,
            "is_first_page": read_number(request) <= 1,
            "may_number": self.user.has_role(Role.MANAGER) and lacks_ssccs(batch=batch),
        }
        return self.render("cases.html", context)

    def _open(self, text: str) -> HttpResponse:
        """The case that somebody scanned or typed."""
        case = find_case(user=self.user, batch=self.overview.batch, text=text)
        if case is not None:
            return redirect("scan:case", case.pk)
        entry = parse_case_entry(text, bare_numbers=True)
        name = f"Case #{entry.number}" if entry and entry.number else shorten(text)
        say(self.request, f"{name} is not a case of this order.", level=messages.WARNING)
        return redirect(self.page_url)


class SsccsView(PostMixin, CasesMixin):
    """Give a shipping number to each case that has none."""

    required_role = Role.MANAGER

    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        try:
            given = assign_ssccs(actor=self.user, batch_id=self.overview.batch.pk)
        except DomainError as error:
            say(request, f"{error.message}.".replace("..", "."), level=messages.ERROR)
        else:
            count = given.assigned_count
            cases = "case" if count == 1 else "cases"
            say(request, f"{count:,} {cases} got a shipping number.")
        return redirect(self.page_url)


class CaseView(CaseMixin):
    def get(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        case = self.case
        units, following = list_units_in(case=case, first=read_number(request))
        context = {
            **self.batch_context(),
            **self.verbs(),
            "case": case,
            "units": units,
            "following": following,
            "is_first_page": read_number(request) <= 1,
            "planned": get_planned_units(case=case),
            "spoiled": list_spoiled_of(case=case),
            "events": list_case_events(case=case, limit=EVENTS_SHOWN),
            "answer": read_answer(request),
            "form": SpoiledForm(),
        }
        return self.render("case.html", context)

    def verbs(self) -> dict[str, bool]:
        """What this person may do now; the services check it again."""
        may_manage = self.overview.is_open and self.user.has_role(Role.MANAGER)
        return {
            "may_unlink": may_manage and can_unlink(self.case),
            "may_close": may_manage and can_close(self.case),
            "may_spoil": may_manage,
        }


class CaseVerbView(PostMixin, CaseMixin):
    """Asks for a reason, and does it."""

    required_role = Role.MANAGER
    template: ClassVar[str]

    def get(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        if not (self.overview.is_open and self.is_possible()):
            return redirect(self.page_url)
        return self.ask(ReasonForm())

    def post(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        case, form = self.case, ReasonForm(request.POST)
        if not form.is_valid():
            return self.ask(form, status=400)
        try:
            done = self.act(case, form.cleaned_data["reason"])
        except DomainError as error:
            say(request, f"{error.message}.".replace("..", "."), level=messages.ERROR)
        else:
            say(request, done)
        return redirect(self.page_url)

    def ask(self, form: ReasonForm, *, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {**self.batch_context(), "case": self.case, "form": form}
        return self.render(self.template, context, status=status)

    def is_possible(self) -> bool:
        raise NotImplementedError

    def act(self, case: MasterCode, reason: str) -> str:
        raise NotImplementedError


class UnlinkView(CaseVerbView):
    template = "case_unlink.html"

    def is_possible(self) -> bool:
        return can_unlink(self.case)

    def act(self, case: MasterCode, reason: str) -> str:
        result = unlink_case(actor=self.user, case_id=case.pk, reason=reason)
        return f"{result.message}."


class CloseShortView(CaseVerbView):
    template = "case_close_short.html"

    def is_possible(self) -> bool:
        return can_close(self.case)

    def act(self, case: MasterCode, reason: str) -> str:
        closed = close_case_short(actor=self.user, case_id=case.pk, reason=reason)
        count = closed.actual_unit_count
        return f"Case #{closed.case_number} is closed with {count:,} {_units(count)}."


def can_unlink(case: MasterCode) -> bool:
    return case.actual_unit_count > 0 and case.status not in CANNOT_UNLINK


def can_close(case: MasterCode) -> bool:
    return 0 < case.actual_unit_count < case.expected_unit_count


def read_case(request: HttpRequest) -> str:
    """The case that a field asks for; people also write `#7`, as the pages do."""
    return request.GET.get("case", "").strip().removeprefix("#")


def read_number(request: HttpRequest) -> int:
    """The number that a page begins at; 1 for anything that is none."""
    text = request.GET.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _units(count: int) -> str:
    return "unit" if count == 1 else "units"
