"""How far batches are. Everything comes from their cases: units are never counted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from accounts.models import User
from qrtracking import statements
from qrtracking.models import LOCKED, Batch, MasterCode, UnitCode, UnitStatus
from qrtracking.models.batch import BatchQuerySet
from qrtracking.models.case import MasterCodeQuerySet
from qrtracking.rules.progress import BatchProgress, batch_progress, percentage
from qrtracking.selectors.visible import list_batches

BATCHES_SHOWN = 200
SCANS_SHOWN = 5
# Any other word of a spare says that it is used up, in a case or as spoiled.
_USED_UP = [status for status in UnitStatus if status != UnitStatus.BUFFER_AVAILABLE]
# Ten thousand cases of a batch hold few different numbers, and exact ratios are slow.
_case_percentage = lru_cache(maxsize=4096)(percentage)


class Scan(NamedTuple):
    last_scanned_at: datetime
    last_scanned_by: UUID | None


class CaseDetail(NamedTuple):
    case_number: int
    expected_units: int
    actual_units: int
    status: str

    @property
    def is_packed(self) -> bool:
        return self.actual_units >= self.expected_units

    @property
    def percentage(self) -> int:
        return _case_percentage(self.actual_units, self.expected_units)


class _Sums(NamedTuple):
    cases: int = 0
    packed: int = 0
    units: int = 0
    received: int = 0


class _Spares(NamedTuple):
    used: int = 0
    spoiled: int = 0


@dataclass(frozen=True)
class BatchReport:
    """A batch with the numbers of its cases, and the cases themselves when they were asked for."""

    batch: Batch
    sums: _Sums
    spares: _Spares
    latest_scans: list[Scan]
    case_details: list[CaseDetail] = field(default_factory=list)

    @property
    def packed_units(self) -> int:
        """Spares can fill a batch beyond its plan; the plan is all that progress counts."""
        return min(self.sums.units, self.batch.planned_unique_codes)

    @property
    def available_spares(self) -> int:
        return max(self.batch.spare_count - sum(self.spares), 0)

    @property
    def warehouse_started(self) -> bool:
        return self.sums.received > 0

    @property
    def progress(self) -> BatchProgress:
        return batch_progress(
            packed_cases=self.sums.packed,
            cases=self.sums.cases,
            packed_units=self.packed_units,
            planned_units=self.batch.planned_unique_codes,
        )

    @property
    def packed_case_numbers(self) -> list[int]:
        return [case.case_number for case in self.case_details if case.is_packed]

    @property
    def partial_case_numbers(self) -> list[int]:
        cases = [case for case in self.case_details if not case.is_packed]
        return [case.case_number for case in cases if case.actual_units]

    @property
    def empty_case_numbers(self) -> list[int]:
        cases = [case for case in self.case_details if not case.is_packed]
        return [case.case_number for case in cases if not case.actual_units]


@dataclass(frozen=True)
class ProgressReport:
    """`batches` are the newest ones; the totals are of all."""

    batches: list[BatchReport]
    total_batches: int
    complete_batches: int

    @property
    def shown_batches(self) -> int:
        return len(self.batches)

    @property
    def in_progress_batches(self) -> int:
        return self.total_batches - self.complete_batches


def get_progress(
    *, user: User, order_id: UUID | None = None, batch_id: UUID | None = None
) -> ProgressReport:
    """The batches that the user may see; of one order or batch with every case."""
    batches = list_batches(user=user)
    if order_id is not None:
        batches = batches.filter(order_id=order_id)
    if batch_id is not None:
        batches = batches.filter(pk=batch_id)
    with_cases = order_id is not None or batch_id is not None
    newest = batches.select_related("order__buyer_org").order_by("-created_at", "-pk")
    return ProgressReport(
        batches=_report(list(newest[:BATCHES_SHOWN]), with_cases=with_cases),
        total_batches=batches.count(),
        complete_batches=_count_complete(batches),
    )


def get_batch_progress(*, user: User, batch_id: UUID) -> BatchReport | None:
    batches = list_batches(user=user).select_related("order__buyer_org").filter(pk=batch_id)
    reports = _report(list(batches), with_cases=True)
    return reports[0] if reports else None


def list_scanned_cases(*, user: User, order_id: UUID | None, limit: int) -> list[MasterCode]:
    """The cases that somebody has scanned, the last one first."""
    cases: MasterCodeQuerySet = MasterCode.objects.filter(
        organization=user.organization, manufacturer_scanned_at__isnull=False
    )
    if order_id is not None:
        cases = cases.filter(order_id=order_id)
    cases = cases.select_related("batch__order", "manufacturer_scanned_by")
    return list(cases.order_by("-manufacturer_scanned_at", "-pk")[:limit])


def _report(batches: Sequence[Batch], *, with_cases: bool) -> list[BatchReport]:
    """A few statements for any number of batches."""
    keys = [batch.pk for batch in batches]
    sums, spares, scans = _sum_cases(keys), _count_spares(keys), _latest_scans(keys)
    details = _list_details(keys) if with_cases else {}
    return [
        BatchReport(
            batch=batch,
            sums=sums.get(batch.pk, _Sums()),
            spares=spares.get(batch.pk, _Spares()),
            latest_scans=scans.get(batch.pk, []),
            case_details=details.get(batch.pk, []),
        )
        for batch in batches
    ]


def _sum_cases(batch_ids: Sequence[UUID]) -> dict[UUID, _Sums]:
    cases = MasterCode.objects.filter(batch_id__in=batch_ids).order_by().values("batch_id")
    rows = cases.annotate(
        all=Count("pk"),
        full=Count("pk", filter=Q(actual_unit_count__gte=F("expected_unit_count"))),
        held=Sum("actual_unit_count"),
        received=Count("pk", filter=Q(status__in=LOCKED)),
    )
    names = ("batch_id", "all", "full", "held", "received")
    return {batch_id: _Sums(*counts) for batch_id, *counts in rows.values_list(*names)}


def _count_spares(batch_ids: Sequence[UUID]) -> dict[UUID, _Spares]:
    """By the index of the spares: only those are read that are used up, which are few."""
    used_up = UnitCode.objects.spares().filter(batch_id__in=batch_ids, status__in=_USED_UP)
    spoiled = Q(status=UnitStatus.SPOILED)
    rows = used_up.order_by().values("batch_id")
    rows = rows.annotate(used=Count("pk", filter=~spoiled), bad=Count("pk", filter=spoiled))
    return {pk: _Spares(used, bad) for pk, used, bad in rows.values_list("batch_id", "used", "bad")}


def _latest_scans(batch_ids: Sequence[UUID]) -> dict[UUID, list[Scan]]:
    scans: dict[UUID, list[Scan]] = defaultdict(list)
    parameters = {"batches": list(batch_ids), "limit": SCANS_SHOWN}
    for batch_id, scanned_at, scanned_by in statements.fetch_all("latest_scans", parameters):
        scans[batch_id].append(Scan(scanned_at, scanned_by))
    return scans


def _list_details(batch_ids: Sequence[UUID]) -> dict[UUID, list[CaseDetail]]:
    details: dict[UUID, list[CaseDetail]] = defaultdict(list)
    cases = MasterCode.objects.filter(batch_id__in=batch_ids).order_by("batch_id", "case_number")
    names = ("batch_id", "case_number", "expected_unit_count", "actual_unit_count", "status")
    for batch_id, *values in cases.values_list(*names):
        details[batch_id].append(CaseDetail(*values))
    return details


def _count_complete(batches: BatchQuerySet) -> int:
    """Of all batches, also those that no list shows; by the rule of `batch_progress`."""
    cases = MasterCode.objects.filter(batch__in=batches.values("pk")).order_by().values("batch_id")
    sums = cases.annotate(
        missing=Count("pk", filter=Q(actual_unit_count__lt=F("expected_unit_count"))),
        held=Sum("actual_unit_count"),
    )
    complete: int = sums.filter(missing=0, held__gte=F("batch__planned_unique_codes")).count()
    return complete
