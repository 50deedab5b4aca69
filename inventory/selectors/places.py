"""Places by name, for people who choose one."""

from uuid import UUID

from django.db.models import Q

from inventory.models import Location
from inventory.rules.places import place_key

OFFERED = 1_000


def list_places(organization_id: UUID) -> list[Location]:
    """What may be chosen, by warehouse and name; at most OFFERED."""
    places = Location.objects.filter(organization_id=organization_id, is_active=True)
    named = places.select_related("warehouse").order_by("warehouse__name", "name", "id")
    return list(named[:OFFERED])


def is_known_place(organization_id: UUID, location: str, warehouse: str = "") -> bool:
    """Whether the place is there already; without a warehouse, in the default one."""
    key = place_key(warehouse)
    wanted = Q(warehouse__name_key=key) if key else Q(warehouse__is_default=True)
    places = Location.objects.filter(
        wanted, organization_id=organization_id, name_key=place_key(location)
    )
    return bool(places.exists())
