"""A photo of one label or of a whole tray: every code in it is a scan of its own, in reading order."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.errors import DomainError
from qrtracking.models import MasterCode
from qrtracking.rules.scan_words import ScanAnswer
from qrtracking.services.scanning import ScanMode, ScanResult, scan
from qrtracking.views.answers import shorten
from qrtracking.views.pack import PackMixin, answer_to
from qrtracking.views.scanned import KINDS
from scanning.answers import Answer, Kind
from scanning.forms import PhotoForm
from scanning.photos import decode_codes
from scanning.views import PostMixin

# More lie on no tray; each is a transaction of its own, and the page waits for all of them.
MAX_CODES = 200
UNCHANGED = "Nothing was changed."


class PhotoView(PostMixin, PackMixin):
    """It leads back to the page of its mode, with the case open that is open after the last code."""

    mode = ScanMode.PACK
    page = "scan:pack"

    @property
    def page_url(self) -> str:
        return reverse(self.page, args=[self.kwargs["batch_id"]])

    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        case = self.open_case
        form = PhotoForm(request.POST, request.FILES)
        if not form.is_valid():
            text = str(next(iter(form.errors.values()))[0])
            return self.show(Answer("wrong", text, advice=UNCHANGED), case=case)
        try:
            texts = decode_codes(form.cleaned_data["image"].read())
        except DomainError as error:
            return self.show(Answer("wrong", error.message, advice=UNCHANGED), case=case)
        if len(texts) > MAX_CODES:
            title = f"{len(texts):,} codes are too many for one photo. It may show {MAX_CODES}."
            return self.show(Answer("wrong", title, advice=UNCHANGED), case=case)
        results, case = self._scan_all(texts, form.cleaned_data["key"], case)
        return self.show(answer_to_photo(texts, results), case=case)

    def _scan_all(
        self, texts: Sequence[str], key: UUID, case: MasterCode | None
    ) -> tuple[list[ScanResult], MasterCode | None]:
        results = []
        for place, text in enumerate(texts):
            result = scan(
                actor=self.user,
                batch_id=self.overview.batch.pk,
                client_uuid=uuid5(key, f"{place}|{text}"),
                text=text,
                mode=self.mode,
                case_id=case.pk if case else None,
                skip_case_validation=self.takes_other_cases,
            )
            results.append(result)
            if result.outcome is ScanAnswer.OK and result.case is not None:
                case = None if result.case.is_full else result.case
        return results, case


def answer_to_photo(texts: Sequence[str], results: Sequence[ScanResult]) -> Answer:
    """Counted and listed; green only when every code was taken."""
    if len(results) == 1:
        return answer_to(results[0], texts[0])
    lines = tuple(_line(text, one) for text, one in zip(texts, results, strict=True))
    counts = Counter(kind for kind, _ in lines)
    worst: Kind = "wrong" if counts["wrong"] else "duplicate" if counts["duplicate"] else "ok"
    return Answer(
        kind=worst,
        title=f"{len(lines):,} codes: {counts['ok']:,} ok, {counts['duplicate']:,} already done, "
        f"{counts['wrong']:,} wrong",
        lines=lines,
    )


def _line(text: str, result: ScanResult) -> tuple[Kind, str]:
    kind = KINDS.get(result.outcome, "wrong")
    if kind == "ok":
        return kind, result.message
    name = f"#{result.unit.sequence_number}" if result.unit else shorten(text)
    return kind, f"{name}: {result.message}"
