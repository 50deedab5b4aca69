"""Where phones are taken in: found by name, made when there is none, the last one remembered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.errors import DomainError
from inventory.models import Location
from inventory.rules.places import place_key, place_name
from inventory.selectors.intake_places import (
    SHOWN,
    find_place,
    list_places,
    list_warehouses,
    may_be_place,
)
from inventory.services.intake_scans import LONGEST_PLACE, make_place, may_make_places
from inventory.views.base import COOKIE, UNCHANGED, IntakePost, IntakeView
from scanning.answers import Answer, keep_answer, read_answer


class PlaceView(IntakeView):
    def get(self, request: HttpRequest) -> HttpResponse:
        query = place_name(request.GET.get("q", "").replace("\0", ""))[:LONGEST_PLACE]
        places = list_places(organization_id=self.organization_id, query=query)
        is_named = any(place.name_key == place_key(query) for place in places)
        context = {
            "query": query,
            "places": places,
            "is_cut": len(places) == SHOWN,
            "last": None if query else self.place or self._last_place(),
            "may_make": bool(query) and not is_named and may_make_places() and may_be_place(query),
            "is_named": is_named,
            "warehouses": list_warehouses(organization_id=self.organization_id),
            "answer": read_answer(request),
        }
        return self.render("place.html", context)

    def _last_place(self) -> Location | None:
        text = self.request.COOKIES.get(COOKIE, "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        return find_place(organization_id=self.organization_id, location_id=number)


class ChoosePlaceView(IntakePost):
    """A place by its id, or one that is made by its name."""

    def post(self, request: HttpRequest) -> HttpResponse:
        number = request.POST.get("location", "")
        if number.isascii() and number.isdigit() and len(number) < 19:
            place = find_place(organization_id=self.organization_id, location_id=int(number))
            if place is None:
                return self._refuse("This place is no longer there", "")
            return self.keep_place(place)
        name = request.POST.get("name", "")
        try:
            return self.keep_place(self._make(name))
        except DomainError as error:
            return self._refuse(error.message, name)

    def _make(self, name: str) -> Location:
        warehouse = self.request.POST.get("warehouse") or None
        return make_place(organization_id=self.organization_id, name=name, warehouse=warehouse)

    def _refuse(self, title: str, name: str) -> HttpResponse:
        query = keep_answer(self.request, Answer("wrong", title, advice=UNCHANGED))
        kept = urlencode({"q": place_name(name)[:LONGEST_PLACE]})
        return redirect(f"{reverse('intake:place')}{query}&{kept}")
