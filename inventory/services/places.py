"""Finding places by their names, and making those that are new."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from inventory.models import Location, Warehouse
from inventory.rules.places import place_key, place_name
from inventory.rules.refusals import ItemRefused

DEFAULT_WAREHOUSE = "Main warehouse"
DEFAULT_LOCATION = "Default Location"


@dataclass(frozen=True, order=True)
class Place:
    """A place by name; without a warehouse it is in the default one."""

    warehouse: str | None
    location: str

    @property
    def key(self) -> tuple[str | None, str]:
        warehouse = None if self.warehouse is None else place_key(self.warehouse)
        return warehouse, place_key(self.location)


@dataclass
class Places:
    """Ids and names of the places that a slice names."""

    ids: dict[tuple[str | None, str], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    warehouses: dict[str | None, int] = field(default_factory=dict)

    def id_of(self, place: Place) -> int:
        """Raises ItemRefused when nobody may make the place."""
        warehouse, _ = place.key
        if warehouse not in self.warehouses:
            raise ItemRefused("unknown_warehouse", f"Unknown location '{place.warehouse}'")
        if place.key not in self.ids:
            raise ItemRefused("unknown_location", f"Unknown location '{place.location}'")
        return self.ids[place.key]


@transaction.atomic
def save_warehouse(warehouse: Warehouse) -> Warehouse:
    """Save it; a default one takes the place of the one before, an organization's first is one."""
    others = Warehouse.objects.filter(organization_id=warehouse.organization_id)
    others = others.exclude(pk=warehouse.pk)
    warehouse.name_key = place_key(warehouse.name)
    warehouse.is_default = warehouse.is_default or not others.filter(is_default=True).exists()
    if warehouse.is_default:
        others.filter(is_default=True).update(is_default=False)
    warehouse.save()
    return warehouse


def find_places(*, organization_id: UUID, wanted: Iterable[Place]) -> Places:
    """Find these places in the caller's transaction; missing ones are made where settings allow."""
    first: dict[tuple[str | None, str], Place] = {}
    for place in wanted:
        # Of several spellings the first one stays.
        first.setdefault(place.key, place)
    # By key: whoever makes the same places beside us takes them in the same sequence.
    places = sorted(first.values(), key=lambda one: (one.key[1], one.key[0] or ""))
    found = Places()
    if not places:
        return found
    found.warehouses = _find_warehouses(organization_id, places)
    keys = {place.key[1] for place in places}
    _read_locations(organization_id, keys, found)
    missing = [
        place for place in places
        if place.key not in found.ids and place.key[0] in found.warehouses
    ]  # fmt: skip
    missing = [one for one in missing if settings.QUEUE_AUTO_CREATE_LOCATIONS or _is_default(one)]
    if missing:
        _make_locations(organization_id, missing, found)
        _read_locations(organization_id, keys, found)
    return found


def foresee_places(*, organization_id: UUID, wanted: Iterable[Place]) -> Places:
    """As `find_places`, for asking only whether it would refuse: nothing is made, nothing locked."""
    places = {place.key: place for place in wanted}
    mine = Warehouse.objects.filter(organization_id=organization_id)
    named = mine.filter(name_key__in={warehouse for warehouse, _ in places if warehouse})
    default = mine.filter(is_default=True).values_list("pk", flat=True).first()
    found = Places(warehouses={**dict(named.values_list("name_key", "pk")), None: default or 0})
    _read_locations(organization_id, {key for _, key in places}, found)
    for key, place in places.items():
        if settings.QUEUE_AUTO_CREATE_LOCATIONS or _is_default(place):
            found.ids.setdefault(key, 0)
    return found


def _is_default(place: Place) -> bool:
    return place.warehouse is None and place.key[1] == place_key(DEFAULT_LOCATION)


def _find_warehouses(organization_id: UUID, places: list[Place]) -> dict[str | None, int]:
    """By key, and the default one under None; that one is made when it is missing."""
    keys = {place.key[0] for place in places if place.key[0] is not None}
    mine = Warehouse.objects.filter(organization_id=organization_id)
    rows = list(mine.filter(Q(is_default=True) | Q(name_key__in=keys)))
    if not any(row.is_default for row in rows):
        made = Warehouse(
            organization_id=organization_id,
            name=DEFAULT_WAREHOUSE,
            name_key=place_key(DEFAULT_WAREHOUSE),
            is_default=True,
        )
        Warehouse.objects.bulk_create([made], ignore_conflicts=True)
        rows = list(mine.filter(Q(is_default=True) | Q(name_key__in=keys)))
    by_key: dict[str | None, int] = {row.name_key: row.pk for row in rows}
    by_key[None] = next(row.pk for row in rows if row.is_default)
    return by_key


def _read_locations(organization_id: UUID, keys: set[str], found: Places) -> None:
    rows = Location.objects.filter(
        organization_id=organization_id,
        warehouse_id__in=set(found.warehouses.values()),
        name_key__in=keys,
    )
    by_warehouse = {pk: key for key, pk in found.warehouses.items() if key is not None}
    default = found.warehouses.get(None)
    for row in rows:
        found.names[row.pk] = row.name
        if row.warehouse_id in by_warehouse:
            found.ids[by_warehouse[row.warehouse_id], row.name_key] = row.pk
        if row.warehouse_id == default:
            found.ids[None, row.name_key] = row.pk


def _make_locations(organization_id: UUID, missing: list[Place], found: Places) -> None:
    Location.objects.bulk_create(
        [
            Location(
                organization_id=organization_id,
                warehouse_id=found.warehouses[place.key[0]],
                name=place_name(place.location),
                name_key=place.key[1],
                description=f"Auto-created location for {place_name(place.location)}",
                auto_created=True,
            )
            for place in missing
        ],
        ignore_conflicts=True,
    )
