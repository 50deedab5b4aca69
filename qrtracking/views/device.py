"""A page on which people try their camera, their speaker and their scanner gun. It changes nothing."""

from django.http import HttpRequest, HttpResponse

from qrtracking.views.base import ScanView


class DeviceView(ScanView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render("device.html", {})
