"""The address on a sticker: it leads a member to the scan page of its order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from qrtracking.views.base import ScanView
from qrtracking.views.found import find


class TrackView(ScanView):
    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return redirect(find(request, self.user, code))
