"""What people watch while a batch is packed: cheap at any size, however often it is asked for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import TruncDay, TruncHour

from qrtracking import statements
from qrtracking.models import (
    Batch,
    CaseStatus,
    MasterCode,
    PreparedCode,
    PreparedStatus,
    ReverseJob,
    ScanEvent,
    ScanItem,
    UnitCode,
)
from qrtracking.rules.samples import scale, spread_windows
from qrtracking.selectors.counts import COUNTED_UP_TO
from qrtracking.selectors.scan.situation import PACKING

# Of the rows of all jobs that are asked for together; reading them takes some 30 ms.
ROWS_READ = 20_000
WINDOW = 200
HOURS, DAYS = 24, 30
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNIT_EVENTS = 50


class QueuePart(NamedTuple):
    """Rows of a job with one fate; `reason` only of invalid ones."""

    status: str
    reason: str
    number: int

    @property
    def words(self) -> str:
        return (self.reason or self.status).replace("_", " ")


@dataclass(frozen=True)
class QueueState:
    """What has become of the rows that a job has put into the queue."""

    parts: list[QueuePart]
    # Reckoned from samples all over the job: a part of few rows may be missing.
    is_estimate: bool

    def count(self, status: str) -> int:
        return sum(part.number for part in self.parts if part.status == status)

    @property
    def waiting(self) -> int:
        return self.count(PreparedStatus.PREPARED)

    @property
    def consumed(self) -> int:
        return self.count(PreparedStatus.CONSUMED)

    @property
    def invalid(self) -> int:
        return self.count(PreparedStatus.INVALID)

    @property
    def invalid_parts(self) -> list[QueuePart]:
        return [part for part in self.parts if part.status == PreparedStatus.INVALID]


class Packed(NamedTuple):
    """What was packed in one hour or day, without what was undone."""

    start: datetime
    units: int
    cases: int


@dataclass(frozen=True)
class PackedOverTime:
    """The 24 hours or 30 days up to the last packing, also those in which nothing was packed."""

    periods: list[Packed]
    is_hourly: bool


class Waiting(NamedTuple):
    """Rows of a variant that wait for a case, counted up to COUNTED_UP_TO."""

    variant: str
    number: int
    is_capped: bool


class StatusCount(NamedTuple):
    status: str
    number: int


def get_queue_states(*, jobs: Sequence[ReverseJob]) -> dict[UUID, QueueState]:
    """For each job its rows by status. One statement that reads some 20,000 rows at most."""
    filled = [job for job in jobs if job.prepared_count]
    if not filled:
        return {job.pk: QueueState([], is_estimate=False) for job in jobs}
    highest = {pk: last or 0 for pk, last in _sequence_ends(filled)}
    most = max(ROWS_READ // len(filled), WINDOW)
    windows = [
        (job.pk, *window)
        for job in filled
        for window in spread_windows(highest=highest[job.batch_id], most=most, width=WINDOW)
    ]
    keys, firsts, lasts = zip(*windows, strict=True)
    parameters = {"jobs": list(keys), "firsts": list(firsts), "lasts": list(lasts)}
    found: dict[UUID, list[QueuePart]] = defaultdict(list)
    for job_id, status, reason, number in statements.fetch_all("sample_queue", parameters):
        found[job_id].append(QueuePart(status, reason or "", number))
    return {
        job.pk: _state(job, found[job.pk], is_whole=highest.get(job.batch_id, 0) <= most)
        for job in jobs
    }


def get_packed_over_time(*, batch: Batch) -> PackedOverTime:
    """By the hour while packing took a day, else by the day: from events, never from units."""
    packing = ScanEvent.objects.filter(batch=batch, kind__in=PACKING, undone_by_event=None)
    ends = packing.aggregate(first=Min("created_at"), last=Max("created_at"))
    first, last = ends["first"], ends["last"]
    if first is None or last is None:
        return PackedOverTime([], is_hourly=True)
    is_hourly = last - first < HOURS * HOUR
    trunc, step, most = (TruncHour, HOUR, HOURS) if is_hourly else (TruncDay, DAY, DAYS)
    rows = (
        packing.filter(created_at__gt=last - most * step)
        .annotate(start=trunc("created_at"))
        .order_by("start")
        .values_list("start")
        .annotate(units=Sum("unit_count"), cases=Count("master_code", distinct=True))
    )
    return PackedOverTime(_without_gaps([Packed(*row) for row in rows], step, most), is_hourly)


def count_waiting(*, batch: Batch) -> list[Waiting]:
    parameters = {"batch": batch.pk, "order": batch.order_id, "limit": COUNTED_UP_TO + 1}
    return [
        Waiting(variant, min(number, COUNTED_UP_TO), number > COUNTED_UP_TO)
        for variant, number in statements.fetch_all("count_waiting", parameters)
    ]


def count_cases_by_status(*, batch: Batch) -> list[StatusCount]:
    """In the order in which a case goes through them."""
    cases = MasterCode.objects.filter(batch=batch).order_by().values_list("status")
    counts = dict(cases.annotate(number=Count("pk")))
    return [StatusCount(status, counts[status]) for status in CaseStatus if status in counts]


def list_unit_scans(*, unit: UnitCode) -> list[ScanItem]:
    """The scans of one unit, the newest first, with the events that they led to."""
    scans = ScanItem.objects.filter(unit=unit).select_related("user", "event__master_code")
    return list(scans.order_by("-pk")[:UNIT_EVENTS])


def list_unit_rows(*, unit: UnitCode) -> list[PreparedCode]:
    """What jobs have done with one unit, the newest first."""
    rows = PreparedCode.objects.filter(unit=unit).select_related("job", "master_code")
    return list(rows.order_by("-pk")[:UNIT_EVENTS])


def _sequence_ends(jobs: Sequence[ReverseJob]) -> list[tuple[UUID, int]]:
    """Spares come after the planned units, and no job prepares them."""
    batches = Batch.objects.filter(pk__in={job.batch_id for job in jobs})
    return list(batches.values_list("pk", "planned_unique_codes"))


def _state(job: ReverseJob, parts: Sequence[QueuePart], *, is_whole: bool) -> QueueState:
    if is_whole:
        return QueueState(list(parts), is_estimate=False)
    numbers = scale([part.number for part in parts], total=job.prepared_count)
    blown = [part._replace(number=number) for part, number in zip(parts, numbers, strict=True)]
    return QueueState(blown, is_estimate=True)


def _without_gaps(found: Sequence[Packed], step: timedelta, most: int) -> list[Packed]:
    known = {packed.start: packed for packed in found}
    starts = [found[-1].start - ago * step for ago in reversed(range(most))]
    return [known.get(start, Packed(start, 0, 0)) for start in starts]
