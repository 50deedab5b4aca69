"""What was taken in: totals, and the phones of each place."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from inventory.rules.scan_words import IntakeScan, ScanOutcome, Spot
from inventory.selectors.intake_scans import (
    IntakeCount,
    PlaceTotal,
    count_refused,
    get_totals,
    list_scans,
)
from inventory.views.base import IntakePost, IntakeView

LISTED = 500


@dataclass(frozen=True)
class PlaceList:
    total: PlaceTotal
    # One scan of each phone.
    scans: tuple[IntakeScan, ...]


class DoneView(IntakeView):
    def get(self, request: HttpRequest) -> HttpResponse:
        count = get_totals(self.own_scans)
        scans = list_scans(self.own_scans, limit=LISTED)
        context = {
            "count": count,
            "refused": count_refused(self.own_scans),
            "places": list_by_place(count, scans),
            "listed": LISTED if len(scans) == LISTED else 0,
            "since": self.count.since,
            "place": self.place,
        }
        return self.render("done.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """What waits in the browser is sent before the form that leads here."""
        return redirect("intake:done")


class AgainView(IntakePost):
    """Begin a new count."""

    @property
    def page_url(self) -> str:
        return reverse("intake:done")

    def post(self, request: HttpRequest) -> HttpResponse:
        self.begin_count()
        return redirect("intake:place")


def list_by_place(count: IntakeCount, scans: Iterable[IntakeScan]) -> list[PlaceList]:
    last: dict[str, IntakeScan] = {}
    for scan in scans:
        if scan.imei is None or scan.status != "completed" or scan.is_undone:
            continue
        shown = last.setdefault(scan.imei, scan)
        # What a second scan at the same place repeats says more than that it does.
        if shown.outcome is ScanOutcome.ALREADY and shown.place == scan.place:
            last[scan.imei] = scan
    by_place: dict[Spot, list[IntakeScan]] = {}
    for scan in last.values():
        by_place.setdefault(scan.place, []).append(scan)
    return [PlaceList(total, tuple(by_place.get(total.place, ()))) for total in count.places]
