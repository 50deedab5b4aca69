"""Perfect case: the label of an undamaged case packs all the units that were planned for it."""

from collections import Counter
from uuid import UUID, uuid4, uuid5

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import DomainError
from qrtracking.forms.scan import PasteForm
from qrtracking.models import MasterCode
from qrtracking.rules.scan_words import ScanAnswer, command_of
from qrtracking.rules.text import parse_entries
from qrtracking.services.perfecting import mark_case_perfect
from qrtracking.services.scanning import ScanMode, ScanResult, scan
from qrtracking.views.answers import shorten
from qrtracking.views.base import BatchMixin
from qrtracking.views.pack import answer_to
from qrtracking.views.scanned import answer_for
from scanning.answers import Answer, keep_answer
from scanning.views import PostMixin

# Each case is a transaction of its own, and the page waits for all of them.
MAX_CASES = 100
PARTIAL_SHOWN = 50


class PerfectMixin(BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:perfect", args=[self.kwargs["batch_id"]])

    def show(self, answer: Answer) -> HttpResponse:
        return redirect(self.page_url + keep_answer(self.request, answer))


class PerfectView(PerfectMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        partial = MasterCode.objects.filter(
            batch=self.overview.batch,
            actual_unit_count__gt=0,
            actual_unit_count__lt=F("expected_unit_count"),
        )
        context = {
            **self.batch_context(),
            "answer": answer_for(request, self.user),
            "partial": list(partial.order_by("case_number")[:PARTIAL_SHOWN]),
            "scan_key": uuid4(),
        }
        return self.render("perfect.html", context)


class PerfectMarkView(PostMixin, PerfectMixin):
    """One scanned label or a pasted list of them."""

    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        batch = self.overview.batch
        form = PasteForm(request.POST)
        if not form.is_valid():
            text = str(next(iter(form.errors.values()))[0])
            return self.show(Answer("wrong", text, advice="Nothing was changed."))
        labels = labels_of(form.cleaned_data["codes"])
        if not labels or len(labels) > MAX_CASES:
            title = f"Scan or paste from 1 to {MAX_CASES} case labels."
            return self.show(Answer("wrong", title, advice="Nothing was changed."))
        key = form.cleaned_data["key"]
        try:
            results = [self._scan(batch.pk, key, label) for label in labels]
        except DomainError as error:
            return self.show(Answer("wrong", error.message))
        return self.show(answer_to_all(labels, results))

    def _scan(self, batch_id: UUID, key: UUID, label: str) -> ScanResult:
        return scan(
            actor=self.user,
            batch_id=batch_id,
            client_uuid=uuid5(key, label),
            text=label,
            mode=ScanMode.PERFECT,
        )


class PerfectRestView(PostMixin, PerfectMixin):
    """Fill up a case that has some of its units from scanning."""

    def post(self, request: HttpRequest, batch_id: UUID, number: int) -> HttpResponse:
        batch = self.overview.batch
        try:
            marked = mark_case_perfect(
                actor=self.user,
                master_code=f"CASE:{number}",
                order_id=batch.order_id,
                batch_id=batch.pk,
                force=True,
            )
        except DomainError as error:
            text = str(error.extra.get("message", error.message))
            return self.show(Answer("wrong", text, advice="Nothing was changed."))
        return self.show(
            Answer("duplicate" if marked.already_complete else "ok", title=marked.message)
        )


def labels_of(text: str) -> list[str]:
    """A printed command is one label, though it may have two words."""
    if command_of(text):
        return [text]
    return [entry.stored for entry in parse_entries(text)]


def answer_to_all(labels: list[str], results: list[ScanResult]) -> Answer:
    """A line for each case; one label alone has the whole band."""
    if len(results) == 1:
        return answer_to(results[0], labels[0])
    outcomes = Counter(result.outcome for result in results)
    packed, known = outcomes[ScanAnswer.OK], outcomes[ScanAnswer.DUPLICATE]
    refused = len(results) - packed - known
    return Answer(
        kind="wrong" if refused else "ok" if packed else "duplicate",
        title=f"{packed:,} packed, {known:,} already complete, {refused:,} refused",
        notes=tuple(_line(label, one) for label, one in zip(labels, results, strict=True)),
    )


def _line(label: str, result: ScanResult) -> str:
    case = f"Case #{result.case.case_number}" if result.case else shorten(label)
    return f"{case}: {result.message}"
