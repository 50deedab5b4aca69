"""Places at which phones can be taken in."""

from uuid import UUID

from django.db.models import QuerySet

from inventory.models import Location, Warehouse
from inventory.rules.blanks import is_blank
from inventory.rules.fields import FIELDS
from inventory.rules.places import place_key

SHOWN = 30


def may_be_place(name: str) -> bool:
    """Whether a posted phone can name it: some words stand for no place at all."""
    return not is_blank(name, fallback=FIELDS["location"].fallback)


def list_places(*, organization_id: UUID, query: str = "") -> list[Location]:
    """By name; the place that is called exactly so comes first."""
    key = place_key(query)
    rows = _list_open(organization_id).filter(name_key__contains=key)
    found = list(rows.order_by("name_key", "id")[: SHOWN + 1])
    exact = list(_list_open(organization_id).filter(name_key=key).order_by("id")) if key else []
    named = {place.pk for place in exact}
    places = exact + [place for place in found if place.pk not in named]
    return [place for place in places if may_be_place(place.name)][:SHOWN]


def find_place(*, organization_id: UUID, location_id: int | None) -> Location | None:
    if location_id is None or not 0 < location_id < 2**63:
        return None
    place: Location | None = _list_open(organization_id).filter(pk=location_id).first()
    return place if place is not None and may_be_place(place.name) else None


def list_warehouses(*, organization_id: UUID) -> list[Warehouse]:
    """The default one first."""
    rows = Warehouse.objects.filter(organization_id=organization_id)
    return list(rows.order_by("-is_default", "name", "id"))


def _list_open(organization_id: UUID) -> "QuerySet[Location]":
    places: QuerySet[Location] = Location.objects.filter(
        organization_id=organization_id, is_active=True
    )
    return places.select_related("warehouse")
