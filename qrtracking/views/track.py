"""The address on a sticker: it leads a member to the scan page of its order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from qrtracking.scan_selectors import find_label, get_overview
from qrtracking.views.answers import Answer, keep_answer, shorten
from qrtracking.views.base import ScanView

LONGEST_CODE = 500


class TrackView(ScanView):
    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        label = find_label(user=self.user, text=code) if len(code) <= LONGEST_CODE else None
        if label is not None and get_overview(user=self.user, batch_id=label.batch_id):
            return redirect("scan:batch", label.batch_id)
        answer = Answer(
            kind="wrong",
            title="This code is not known in your organization.",
            scanned=shorten(code),
            expected="a unit or case label of one of your orders",
            advice="Scan it again, or choose the order below.",
        )
        return redirect(reverse("scan:home") + keep_answer(request, answer))
