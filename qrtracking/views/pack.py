"""Scan & pack: units go on the list of a person, a case takes the list.

The list is kept by the server, the open case and the tick in the address: a reload loses nothing.
"""

from collections import Counter
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import DomainError
from qrtracking.forms.scan import PasteForm
from qrtracking.models import MasterCode
from qrtracking.rules.scan_words import ScanAnswer
from qrtracking.rules.text import Entry, EntryKind, count_entries, parse_entries
from qrtracking.services.scan_list import clear_list, list_items, remove_item
from qrtracking.services.scanning import ScanResult, scan
from qrtracking.services.undoing import undo_last
from qrtracking.views.answers import shorten
from qrtracking.views.base import BatchMixin
from qrtracking.views.scanned import answer_for
from scanning.answers import PARAMETER, Answer, Kind, keep_answer
from scanning.forms import StationForm
from scanning.views import PostMixin

# A longer list would keep the page waiting; each label is a scan of its own.
MAX_PASTED = 500
REASONS_SHOWN = 10
OTHER_CASES = "other_cases"


class PackMixin(BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:pack", args=[self.kwargs["batch_id"]])

    @cached_property
    def open_case(self) -> MasterCode | None:
        """The case that is named in the address or in the form, while it has room."""
        batch = self.overview.batch
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        number = sent.get("open", "")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        cases = MasterCode.objects.filter(batch=batch, case_number=int(number))
        case: MasterCode | None = cases.first()
        return case if case and not case.is_full else None

    @property
    def takes_other_cases(self) -> bool:
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        return bool(sent.get(OTHER_CASES))

    def scan(self, text: str, key: UUID) -> ScanResult:
        case = self.open_case
        return scan(
            actor=self.user,
            batch_id=self.overview.batch.pk,
            client_uuid=uuid5(key, f"{text}|{case.pk if case else ''}"),
            text=text,
            case_id=case.pk if case else None,
            skip_case_validation=self.takes_other_cases,
        )

    def show(self, answer: Answer, *, case: MasterCode | None) -> HttpResponse:
        """The page with this answer and this case open."""
        key = keep_answer(self.request, answer).partition("=")[2]
        parameters = {PARAMETER: key}
        if case is not None and not case.is_full:
            parameters["open"] = str(case.case_number)
        if self.takes_other_cases:
            parameters[OTHER_CASES] = "on"
        return redirect(f"{self.page_url}?{urlencode(parameters)}")


class PackView(PackMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        items = list(list_items(user=self.user, batch_id=batch_id))
        context: dict[str, Any] = {
            **self.batch_context(),
            "items": items[::-1],
            "open_case": self.open_case,
            "filled": len(items) + (self.open_case.actual_unit_count if self.open_case else 0),
            "takes_other_cases": self.takes_other_cases,
            "answer": answer_for(request, self.user),
            "scan_key": uuid4(),
        }
        return self.render("pack.html", context)


class PackScanView(PostMixin, PackMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        opened = self.open_case
        form = StationForm(request.POST)
        if not form.is_valid():
            text = str(next(iter(form.errors.values()))[0])
            return self.show(Answer("wrong", text, advice="Nothing was changed."), case=opened)
        text = form.cleaned_data["code"]
        try:
            result = self.scan(text, form.cleaned_data["key"])
        except DomainError as error:
            return self.show(Answer("wrong", error.message, scanned=shorten(text)), case=opened)
        is_ok = result.outcome is ScanAnswer.OK and result.case is not None
        return self.show(answer_to(result, text), case=result.case if is_ok else opened)


class PackPasteView(PostMixin, PackMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        opened = self.open_case
        form = PasteForm(request.POST)
        if not form.is_valid():
            text = str(next(iter(form.errors.values()))[0])
            return self.show(Answer("wrong", text, advice="Nothing was changed."), case=opened)
        pasted = form.cleaned_data["codes"]
        labels = labels_of(parse_entries(pasted))
        if len(labels) > MAX_PASTED:
            title = f"{len(labels):,} codes are too many at once. Paste up to {MAX_PASTED}."
            return self.show(Answer("wrong", title, advice="Nothing was changed."), case=opened)
        try:
            results = [(text, self.scan(text, form.cleaned_data["key"])) for text in labels]
        except DomainError as error:
            return self.show(Answer("wrong", error.message), case=opened)
        if opened is not None:
            opened.refresh_from_db()
        return self.show(answer_to_paste(pasted, results), case=opened)


class PackListView(PostMixin, PackMixin):
    """Remove one unit, clear the list, or undo."""

    verb = "remove"

    def post(self, request: HttpRequest, batch_id: UUID, **_: UUID) -> HttpResponse:
        opened = self.open_case
        try:
            answer, case = self._act(self.overview.batch.pk)
        except DomainError as error:
            return self.show(Answer("wrong", error.message), case=opened)
        return self.show(answer, case=case or opened)

    def _act(self, batch_id: UUID) -> tuple[Answer, MasterCode | None]:
        if self.verb == "undo":
            undone = undo_last(actor=self.user, batch_id=batch_id)
            return Answer("ok", undone.message), undone.case
        if self.verb == "clear":
            count = clear_list(actor=self.user, batch_id=batch_id)
            return Answer("ok", f"List cleared: {count:,} {_units(count)}."), None
        is_removed = remove_item(actor=self.user, batch_id=batch_id, item_id=self.kwargs["item_id"])
        if is_removed:
            return Answer("ok", "Taken off your list."), None
        return Answer("duplicate", "It is no longer on your list."), None


def answer_to(result: ScanResult, text: str) -> Answer:
    kinds: dict[ScanAnswer, Kind] = {ScanAnswer.OK: "ok", ScanAnswer.DUPLICATE: "duplicate"}
    kind = kinds.get(result.outcome, "wrong")
    advice = "" if kind == "ok" else "Nothing was changed."
    return Answer(kind=kind, title=result.message, scanned=shorten(text), advice=advice)


def answer_to_paste(pasted: str, results: list[tuple[str, ScanResult]]) -> Answer:
    total, unique = count_entries(pasted), len(results)
    counts = Counter(result.outcome for _, result in results)
    refused = [(text, one) for text, one in results if one.outcome is not ScanAnswer.OK]
    notes = [f"{shorten(text)}: {one.message}" for text, one in refused[:REASONS_SHOWN]]
    if len(refused) > REASONS_SHOWN:
        notes.append(f"and {len(refused) - REASONS_SHOWN:,} more")
    if not refused and results:
        notes.append(results[-1][1].message)
    taken = counts[ScanAnswer.OK]
    return Answer(
        kind="ok" if taken == unique else "duplicate" if taken else "wrong",
        title=f"Detected {total:,} {'code' if total == 1 else 'codes'} ({unique:,} unique)",
        advice=f"{taken:,} taken, {len(refused):,} refused.",
        notes=tuple(notes),
    )


def labels_of(entries: tuple[Entry, ...]) -> list[str]:
    """One text for each unit: a range is as many labels as it has numbers, up to the limit."""
    labels: list[str] = []
    for entry in entries:
        if entry.kind is EntryKind.RANGE:
            room = MAX_PASTED + 1 - len(labels)
            last = min(entry.last, entry.first + max(room, 0) - 1)
            labels += [f"SEQ:{number}" for number in range(entry.first, last + 1)]
        else:
            # A number of a query string is no unit; stored, it is known as that.
            labels.append(entry.stored)
    return list(dict.fromkeys(labels))


def _units(count: int) -> str:
    return "unit" if count == 1 else "units"
