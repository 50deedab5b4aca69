"""Taking phones in: a scan is added and worked off before the page answers.

The place and the time since when phones are counted are kept in the session, the answer to a scan
by the server under the scan's number: a reload loses nothing and repeats nothing.
"""

from typing import Any
from uuid import UUID, uuid4, uuid5

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.errors import DomainError
from inventory.forms.scans import IntakeForm
from inventory.models import Location
from inventory.rules.scan_words import IntakeScan, ScanOutcome, expected_digit
from inventory.selectors.intake_scans import count_phones, find_scan, list_scans
from inventory.services.intake_scans import take_in, undo_last
from inventory.views.answers import CHECK, answer_of, taken_back, wrong_check_digit
from inventory.views.base import UNCHANGED, IntakePost, IntakeView
from scanning.answers import Answer, cut, read_answer

PARAMETER = "scan"


class StationPage(IntakeView):
    def get(self, request: HttpRequest) -> HttpResponse:
        if self.place is None:
            return redirect("intake:place")
        answer = read_answer(request) or self._read_scan()
        is_held = answer is not None and answer.word == CHECK
        scans = list_scans(self.own_scans)
        context: dict[str, Any] = {
            "place": self.place,
            "organization": self.organization,
            "phones": count_phones(self.own_scans),
            "scans": scans,
            "last": _last_taken(scans),
            "answer": answer,
            "held": request.GET.get("held", "") if is_held else "",
            "scan_key": uuid4(),
        }
        return self.render("station.html", context)

    def _read_scan(self) -> Answer | None:
        """The band of a scan that the page has sent by itself."""
        try:
            key = UUID(self.request.GET.get(PARAMETER, ""))
        except ValueError:
            return None
        scan = find_scan(organization_id=self.organization_id, client_ref=key)
        return answer_of(scan) if scan else None


class ScanFormView(IntakePost):
    """A scan without JavaScript."""

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.place is None:
            return redirect("intake:place")
        form = IntakeForm(request.POST)
        if not form.is_valid():
            text = str(next(iter(form.errors.values()))[0])
            return self.show(Answer("wrong", text, advice=UNCHANGED))
        text = form.cleaned_data["code"]
        expected = expected_digit(text)
        if expected is not None and form.cleaned_data["held"] != text:
            return self.show(wrong_check_digit(text, expected), held=text)
        return self._take_in(self.place, text, form.cleaned_data["key"])

    def _take_in(self, place: Location, text: str, key: UUID) -> HttpResponse:
        client_ref = uuid5(key, f"{place.pk}|{text}")
        try:
            take_in(
                organization_id=self.organization_id,
                actor=self.user,
                place=place,
                text=text,
                client_ref=client_ref,
                now=timezone.now(),
            )
        except DomainError as error:
            return self.show(Answer("wrong", error.message, scanned=cut(text)))
        return redirect(f"{self.page_url}?{PARAMETER}={client_ref}")


class UndoView(IntakePost):
    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            scan = undo_last(
                organization_id=self.organization_id,
                actor=self.user,
                since=self.count.since,
                expected=request.POST.get("last", ""),
                now=timezone.now(),
            )
        except DomainError as error:
            return self.show(Answer("duplicate", error.message, word=CHECK))
        return self.show(taken_back(scan))


def _last_taken(scans: list[IntakeScan]) -> IntakeScan | None:
    """What "Undo last" takes back."""
    taken = (scan for scan in scans if not scan.is_undone and _is_taken(scan))
    return next(taken, None)


def _is_taken(scan: IntakeScan) -> bool:
    return scan.outcome not in {ScanOutcome.REFUSED, ScanOutcome.WAITING}
