"""A photo of labels: every IMEI in it is a scan; other codes are listed and left."""

from collections import Counter
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.errors import DomainError
from inventory.models import Location
from inventory.rules.imei import read_imei
from inventory.rules.refusals import ItemRefused
from inventory.rules.scan_words import expected_digit
from inventory.services.intake_scans import take_in
from inventory.views.answers import answer_of
from inventory.views.base import UNCHANGED, IntakePost
from scanning.answers import Answer, Kind, cut
from scanning.forms import PhotoForm
from scanning.photos import decode_codes

# Each is a transaction of its own, and the page waits for all of them.
MAX_CODES = 100


class PhotoView(IntakePost):
    def post(self, request: HttpRequest) -> HttpResponse:
        if self.place is None:
            return redirect("intake:place")
        form = PhotoForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._refuse(str(next(iter(form.errors.values()))[0]))
        try:
            texts = list(dict.fromkeys(decode_codes(form.cleaned_data["image"].read())))
        except DomainError as error:
            return self._refuse(error.message)
        if len(texts) > MAX_CODES:
            title = f"{len(texts):,} codes are too many for one photo. It may show {MAX_CODES}."
            return self._refuse(title)
        answers = [self._scan(self.place, text, form.cleaned_data["key"]) for text in texts]
        return self.show(sum_up(answers))

    def _refuse(self, title: str) -> HttpResponse:
        return self.show(Answer("wrong", title, advice=UNCHANGED))

    def _scan(self, place: Location, text: str, key: UUID) -> Answer:
        digit = expected_digit(text)
        if digit is not None:
            title = f"Check digit is wrong, expected {digit}. Type it to keep it"
            return Answer("wrong", title, scanned=cut(text))
        if not is_imei(text):
            return Answer("wrong", "Not an IMEI", scanned=cut(text))
        try:
            scan = take_in(
                organization_id=self.organization_id,
                actor=self.user,
                place=place,
                text=text,
                client_ref=uuid5(key, f"{place.pk}|{text}"),
                now=timezone.now(),
            )
        except DomainError as error:
            return Answer("wrong", error.message, scanned=cut(text))
        return answer_of(scan)


def is_imei(text: str) -> bool:
    """A label has codes of other things, and nobody has pointed at one of them."""
    try:
        read_imei(text)
    except ItemRefused:
        return False
    return True


def sum_up(answers: list[Answer]) -> Answer:
    """Counted and listed; green when every IMEI was taken and nothing else was seen."""
    if len(answers) == 1:
        return answers[0]
    counts = Counter(answer.kind for answer in answers)
    worst: Kind = "wrong" if not counts["ok"] + counts["duplicate"] else "duplicate"
    return Answer(
        kind="ok" if counts["ok"] == len(answers) else worst,
        title=f"{len(answers):,} codes: {counts['ok']:,} taken in, "
        f"{counts['duplicate']:,} already scanned, {counts['wrong']:,} left",
        lines=tuple((answer.kind, f"{answer.scanned}: {answer.title}") for answer in answers),
        word="Photo",
    )
