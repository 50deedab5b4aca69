"""Devices as people and programs look for them; each filter reads an index at a million devices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Reverse

from inventory import statements
from inventory.errors import DeviceNotFound
from inventory.models import Device, TestResult, UnitInfo, WorkingStatus
from inventory.rules.imei import read_imei
from inventory.rules.places import place_key
from inventory.rules.refusals import ItemRefused

SEARCH_HELP = "Finds: IMEI, second IMEI, the last 4 to 8 digits, start of serial number or SKU"
LAST_DIGITS = range(4, 9)
# Phones whose serial number begins alike; who types so little wants to type on.
SERIALS_READ = 500
LONGEST_SEARCH = 100
# So few devices are found by their keys: the planner takes no value for rare, and would read all
# devices by their time for it.
FEW = 5_000
# Devices of other models than their TACs that are listed.
MISMATCHES = 10_000
TAC_DIGITS = 8

RESULTS: Mapping[str, str] = {
    TestResult.PASSED: WorkingStatus.YES,
    TestResult.FAILED: WorkingStatus.NO,
    TestResult.PENDING: WorkingStatus.PENDING,
}


@dataclass(frozen=True)
class DeviceFilters:
    """Blank ones fit every device; a value that nothing can have fits none."""

    search: str = ""
    # Place and warehouse by name in any spelling, place also by id.
    location: str = ""
    location_id: str = ""
    warehouse: str = ""
    sku: str = ""
    brand: str = ""
    model: str = ""
    # PASSED, FAILED, PENDING; YES, NO, PENDING; active, removed.
    result: str = ""
    working: str = ""
    status: str = ""
    # Each only "yes": check digit wrong; a fallback stands in for a value; model not that of its
    # TAC; a model is suggested.
    luhn_invalid: str = ""
    assumed: str = ""
    tac_mismatch: str = ""
    suggested: str = ""
    updated_after: datetime | None = None

    @classmethod
    def from_texts(cls, texts: Mapping[str, Any]) -> "DeviceFilters":
        """From a query or a job's options; other names are ignored."""
        known: dict[str, Any] = {name: str(texts[name]) for name in TEXT_FILTERS if name in texts}
        return cls(**known)


TEXT_FILTERS = tuple(field.name for field in fields(DeviceFilters) if field.type is str)


def list_devices(
    organization_ids: Iterable[UUID], filters: DeviceFilters | None = None
) -> QuerySet[Device]:
    """The devices that fit, with all that `with_parts` reads; in no order."""
    organizations = list(organization_ids)
    devices: QuerySet[Device] = Device.objects.filter(organization_id__in=organizations)
    return with_parts(filter_devices(devices, filters or DeviceFilters(), organizations))


def with_parts(devices: QuerySet[Device]) -> QuerySet[Device]:
    """`device.skuinfo`, `.inspection`, `.unitinfo` and `.stock.location.warehouse` cost no query."""
    return devices.select_related("skuinfo", "inspection", "unitinfo", "stock__location__warehouse")


def filter_devices(
    devices: QuerySet[Device], filters: DeviceFilters, organization_ids: Sequence[UUID]
) -> QuerySet[Device]:
    """All of `devices` belong to `organization_ids`."""
    found = devices.filter(_by_column(filters))
    if filters.sku:
        found = _of_sku(found, filters.sku, organization_ids)
    if filters.tac_mismatch:
        found = found.filter(pk__in=list_tac_mismatches(organization_ids))
    if filters.search.strip():
        found = search_devices(found, filters.search, organization_ids)
    return found


def search_devices(
    devices: QuerySet[Device], text: str, organization_ids: Sequence[UUID]
) -> QuerySet[Device]:
    """By IMEI in any spelling, second IMEI, last 4 to 8 digits, start of serial number or SKU."""
    term = text.strip()[:LONGEST_SEARCH]
    if not term or not term.isprintable():
        return devices.none()
    imei = _imei_in(term)
    wanted = Q(pk__in=_units(term, imei, organization_ids)) | Q(sku__istartswith=term)
    if imei is not None:
        wanted |= Q(imei=imei)
    if term.isascii() and term.isdigit() and len(term) in LAST_DIGITS:
        wanted |= Q(imei_end__startswith=term[::-1])
    # Every index begins with the organization: named, it is used also for who sees all of them.
    return devices.alias(imei_end=Reverse("imei")).filter(
        wanted, organization_id__in=list(organization_ids)
    )


def list_tac_mismatches(organization_ids: Sequence[UUID]) -> list[int]:
    """Keys of devices whose known model is not the one of their TAC; at most MISMATCHES."""
    parameters = {"organizations": list(organization_ids), "limit": MISMATCHES}
    return [pk for (pk,) in statements.fetch_all("tac_mismatches", parameters)]


def find_device(organization_id: UUID, imei: Any) -> Device:
    """By any spelling of its IMEI, with its parts. Raises DeviceNotFound."""
    try:
        number = read_imei(imei).imei
    except ItemRefused:
        raise DeviceNotFound from None
    device = list_devices([organization_id]).filter(imei=number).first()
    if device is None:
        raise DeviceNotFound
    return device


def _by_column(filters: DeviceFilters) -> Q:
    named = {
        "skuinfo__brand__iexact": filters.brand,
        "skuinfo__model__iexact": filters.model,
        "inspection__working_status": filters.working,
        "status": filters.status,
        "stock__location__name_key": place_key(filters.location),
        "stock__location__warehouse__name_key": place_key(filters.warehouse),
        "updated_at__gt": filters.updated_after,
    }
    wanted = Q(**{name: value for name, value in named.items() if value})
    if filters.location_id:
        wanted &= Q(stock__location_id=_number(filters.location_id))
    if filters.result:
        wanted &= Q(inspection__working_status=RESULTS.get(filters.result.upper(), ""))
    if filters.luhn_invalid:
        wanted &= Q(luhn_valid=False)
    if filters.assumed:
        wanted &= ~Q(assumed=[])
    if filters.suggested:
        wanted &= Q(suggested__isnull=False)
    return wanted


def _of_sku(
    devices: QuerySet[Device], sku: str, organization_ids: Sequence[UUID]
) -> QuerySet[Device]:
    same = Device.objects.filter(organization_id__in=list(organization_ids), sku__iexact=sku)
    ids = list(same.values_list("pk", flat=True)[: FEW + 1])
    return devices.filter(pk__in=ids) if len(ids) <= FEW else devices.filter(sku__iexact=sku)


def _units(term: str, imei: str | None, organization_ids: Sequence[UUID]) -> list[int]:
    """Read first: the planner cannot join an OR over two tables."""
    units = UnitInfo.objects.filter(organization_id__in=list(organization_ids))
    found = units.filter(serial_number__istartswith=term).values_list("pk", flat=True)
    seconds = units.filter(imei2=imei).values_list("pk", flat=True) if imei else ()
    return [*found.order_by("pk")[:SERIALS_READ], *seconds]


def _imei_in(term: str) -> str | None:
    try:
        return read_imei(term).imei
    except ItemRefused:
        return None


def _number(text: str) -> int:
    """No row has the number 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
