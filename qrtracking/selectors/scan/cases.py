"""The cases of a batch, and one of them with what lies in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q

from accounts.models import User
from qrtracking.models import (
    LOCKED,
    Batch,
    CaseStatus,
    EventKind,
    MasterCode,
    ScanEvent,
    ScanItem,
    ScanOutcome,
    SsccCounter,
    UnitCode,
    UnitStatus,
)

CASES_SHOWN = 100
UNITS_SHOWN = 200
SPOILED_SHOWN = 50

# What people ask for: a packed case is one that is full, whatever has happened to it since.
PARTS: Mapping[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "empty": ("Empty", Q(actual_unit_count=0)),
    "partial": (
        "Partial",
        Q(actual_unit_count__gt=0, actual_unit_count__lt=F("expected_unit_count")),
    ),
    "packed": ("Packed", Q(actual_unit_count__gte=F("expected_unit_count"))),
    "short": ("Closed short", Q(short_reason__isnull=False)),
    "shipping": (
        "Ready to ship",
        Q(status__in=[CaseStatus.READY_TO_SHIP, CaseStatus.IN_TRANSIT]),
    ),
    "warehouse": ("At the warehouse", Q(status__in=LOCKED)),
}


@dataclass(frozen=True)
class CasePart:
    """A part of a batch's cases, as a tab shows it."""

    key: str
    name: str
    count: int


@dataclass(frozen=True)
class PlannedUnits:
    count: int
    first: int | None
    last: int | None


@dataclass(frozen=True)
class SpoiledUnit:
    sequence: int
    replaced_by: int | None


def count_case_parts(*, batch: Batch) -> list[CasePart]:
    """One statement over the cases of the batch; the parts without cases are left out."""
    counts = MasterCode.objects.filter(batch=batch).aggregate(
        **{f"n_{key}": Count("pk", filter=part) for key, (_, part) in PARTS.items()}
    )
    parts = [CasePart(key, name, counts[f"n_{key}"]) for key, (name, _) in PARTS.items()]
    return [part for part in parts if part.count or not part.key]


def list_batch_cases(*, batch: Batch, part: str, first: int) -> tuple[list[MasterCode], int | None]:
    """A page of cases from a number on; with more of them, the number that the next one begins at.

    By key, so that the last page of ten thousand cases costs what the first one costs.
    """
    cases = MasterCode.objects.filter(PARTS[part][1], batch=batch, case_number__gte=first)
    related = cases.select_related("planned_variant", "manufacturer_scanned_by")
    found = list(related.order_by("case_number")[: CASES_SHOWN + 1])
    shown = found[:CASES_SHOWN]
    return shown, found[-1].case_number if len(found) > len(shown) else None


def lacks_ssccs(*, batch: Batch) -> bool:
    """Whether there are shipping numbers to give and cases that have none."""
    counters = SsccCounter.objects.filter(organization_id=batch.organization_id)
    return counters.exists() and MasterCode.objects.filter(batch=batch, sscc=None).exists()


def get_case(*, user: User, case_id: UUID) -> MasterCode | None:
    cases = MasterCode.objects.filter(organization=user.organization, pk=case_id)
    case: MasterCode | None = cases.select_related(
        "planned_variant", "manufacturer_scanned_by"
    ).first()
    return case


def list_units_in(*, case: MasterCode, first: int) -> tuple[list[UnitCode], int | None]:
    """A page of the units that are packed into a case, from a number on."""
    units = UnitCode.objects.filter(master_code=case, sequence_number__gte=first)
    related = units.select_related("variant", "last_scanned_by")
    found = list(related.order_by("sequence_number")[: UNITS_SHOWN + 1])
    shown = found[:UNITS_SHOWN]
    return shown, found[-1].sequence_number if len(found) > len(shown) else None


def get_planned_units(*, case: MasterCode) -> PlannedUnits:
    """What the label plan means for a case. It does not tell what lies in it."""
    planned = UnitCode.objects.filter(
        batch_id=case.batch_id, planned_case_number=case.case_number
    ).aggregate(count=Count("pk"), first=Min("sequence_number"), last=Max("sequence_number"))
    return PlannedUnits(**planned)


def list_spoiled_of(*, case: MasterCode) -> list[SpoiledUnit]:
    """The spoiled ones among the units that were planned for a case, and their spares."""
    spoiled = UnitCode.objects.filter(
        batch_id=case.batch_id,
        planned_case_number=case.case_number,
        status=UnitStatus.SPOILED,
    ).order_by("sequence_number")
    numbers = list(spoiled.values_list("sequence_number", flat=True)[:SPOILED_SHOWN])
    spares = UnitCode.objects.spares().filter(
        batch_id=case.batch_id, replaces_sequence_no__in=numbers
    )
    good = spares.exclude(status=UnitStatus.SPOILED)
    replaced = dict(good.values_list("replaces_sequence_no", "sequence_number"))
    return [SpoiledUnit(number, replaced.get(number)) for number in numbers]


def list_spoiled(*, batch: Batch) -> list[ScanItem]:
    """The units that were marked spoiled last, through the events that did it."""
    events = ScanEvent.objects.filter(batch=batch, kind__in=[EventKind.SPOIL, EventKind.REPLACE])
    newest = list(events.order_by("-pk").values_list("pk", flat=True)[:SPOILED_SHOWN])
    items = ScanItem.objects.filter(event__in=newest, outcome=ScanOutcome.REMOVED)
    related = items.select_related("unit", "user", "event__undone_by_event")
    return list(related.order_by("-pk")[:SPOILED_SHOWN])
