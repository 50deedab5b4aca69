"""What the scan pages read. They show one organization: the one that the person acts for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from accounts.models import User
from qrtracking import statements
from qrtracking.models import (
    Batch,
    BatchStatus,
    MasterCode,
    Order,
    OrderItem,
    PreparedCode,
    ProductVariant,
    ReverseJob,
    ReverseJobStatus,
    ScanEvent,
    UnitCode,
)
from qrtracking.rules.progress import BatchProgress, batch_progress
from qrtracking.rules.ranges import case_ranges_text
from qrtracking.rules.text import EntryKind, match_key, parse_case_entry, parse_entries
from qrtracking.selectors import list_batches, list_jobs

BATCHES_SHOWN = 50
JOBS_SHOWN = 20
CLOSED = (BatchStatus.COMPLETED, BatchStatus.CANCELLED)


@dataclass(frozen=True)
class BatchOverview:
    """A batch with the numbers of its cases. Units are never counted: the cases know them."""

    batch: Batch
    cases: int
    packed_cases: int
    units_in_cases: int
    is_locked: bool

    @property
    def packed_units(self) -> int:
        return min(self.units_in_cases, self.planned_units)

    @property
    def planned_units(self) -> int:
        return self.batch.planned_unique_codes

    @property
    def progress(self) -> BatchProgress:
        return batch_progress(
            packed_cases=self.packed_cases,
            cases=self.cases,
            packed_units=self.packed_units,
            planned_units=self.planned_units,
        )

    @property
    def is_open(self) -> bool:
        """Whether anything may be packed; the services check it again."""
        return self.batch.is_packable and not self.is_locked


@dataclass(frozen=True)
class CaseRanges:
    packed: str
    partial: str
    empty: str


class Label(NamedTuple):
    """What a scanned text means: a unit with its sequence, or a case with its number."""

    kind: str
    batch_id: UUID
    number: int


def list_open_batches(
    *, user: User, before: UUID | None = None
) -> tuple[list[BatchOverview], UUID | None]:
    """The newest open batches; with more of them, the key to ask for the older ones with."""
    batches = list_batches(user=user).filter(organization=user.organization)
    if before is not None:
        batches = batches.filter(pk__lt=before)
    # Keys grow with time.
    found = list(batches.exclude(status__in=CLOSED).order_by("-pk")[: BATCHES_SHOWN + 1])
    shown = found[:BATCHES_SHOWN]
    return _overviews(shown), shown[-1].pk if len(found) > len(shown) else None


def get_overview(*, user: User, batch_id: UUID) -> BatchOverview | None:
    batch = list_batches(user=user).filter(organization=user.organization, pk=batch_id).first()
    return _overviews([batch])[0] if batch else None


def get_case_ranges(*, batch: Batch) -> CaseRanges:
    packed: list[int] = []
    partial: list[int] = []
    empty: list[int] = []
    cases = MasterCode.objects.filter(batch=batch).order_by("case_number")
    for number, actual, expected in cases.values_list(
        "case_number", "actual_unit_count", "expected_unit_count"
    ):
        (packed if actual >= expected else partial if actual else empty).append(number)
    return CaseRanges(case_ranges_text(packed), case_ranges_text(partial), case_ranges_text(empty))


def list_variants_of_batch(*, batch: Batch) -> list[ProductVariant]:
    items = OrderItem.objects.filter(order_id=batch.order_id).select_related("variant")
    return [item.variant for item in items.order_by("created_at", "id")]


def list_batch_jobs(*, user: User, batch: Batch) -> list[ReverseJob]:
    """The newest jobs of a batch, and every older one that has not ended."""
    jobs = list_jobs(user=user).filter(batch=batch).select_related("created_by")
    newest = list(jobs.order_by("-created_at", "-pk")[:JOBS_SHOWN])
    shown = {job.pk for job in newest}
    older = jobs.unfinished().exclude(pk__in=shown).order_by("-created_at", "-pk")
    return newest + list(older) if len(newest) == JOBS_SHOWN else newest


def get_job(*, user: User, job_id: UUID) -> ReverseJob | None:
    jobs = list_jobs(user=user).filter(organization=user.organization)
    job: ReverseJob | None = (
        jobs.select_related("created_by", "filter_variant").filter(pk=job_id).first()
    )
    return job


def has_ready_units(*, batch: Batch) -> bool:
    """Whether a case would find units in the queue. Asked with every poll: nothing is counted."""
    live = PreparedCode.objects.live().filter(batch=batch, job__cancel_requested_at=None)
    return live.exclude(job__status=ReverseJobStatus.CANCELLED).exists()


def find_label(*, user: User, text: str) -> Label | None:
    """The unit or case of the user's organization that one scanned label means."""
    entries = parse_entries(text)
    if user.organization is None or len(entries) != 1 or entries[0].kind is not EntryKind.CODE:
        return None
    parameters = {"organization": user.organization.pk, "text": match_key(entries[0].text)}
    rows = statements.fetch_all("find_label", parameters)
    return Label(*rows[0]) if rows else None


def find_case(*, user: User, batch: Batch, text: str) -> MasterCode | None:
    """The case of the batch that a label, `CASE:42` or a bare number names."""
    entry = parse_case_entry(text, bare_numbers=True)
    if entry is None:
        return None
    number = entry.number
    if number is None:
        label = find_label(user=user, text=text)
        if label is None or label.kind != "case" or label.batch_id != batch.pk:
            return None
        number = label.number
    return MasterCode.objects.filter(batch=batch, case_number=number).first()


def list_linked_sequences(*, case: MasterCode, event_id: UUID) -> list[int]:
    units = UnitCode.objects.filter(master_code=case, packed_event_id=event_id)
    return list(units.order_by("sequence_number").values_list("sequence_number", flat=True))


def list_events(
    *, batch: Batch, kind: str = "", before: UUID | None = None, limit: int
) -> list[ScanEvent]:
    """What was done in a batch, the newest first, with who undid it."""
    events = ScanEvent.objects.filter(batch=batch)
    if kind:
        events = events.filter(kind=kind)
    if before is not None:
        events = events.filter(pk__lt=before)
    related = events.select_related("actor", "master_code", "undone_by_event__actor")
    return list(related.order_by("-pk")[:limit])


def _overviews(batches: Sequence[Batch]) -> list[BatchOverview]:
    """Two statements for any number of batches."""
    full = Count("pk", filter=Q(actual_unit_count__gte=F("expected_unit_count")))
    cases = MasterCode.objects.filter(batch__in=batches).values("batch").order_by()
    rows = cases.annotate(all=Count("pk"), full=full, held=Sum("actual_unit_count"))
    counts = {
        batch_id: (cases, packed, units)
        for batch_id, cases, packed, units in rows.values_list("batch", "all", "full", "held")
    }
    orders = Order.objects.locked().filter(pk__in=[batch.order_id for batch in batches])
    locked = set(orders.values_list("pk", flat=True))
    return [
        _overview(batch, counts.get(batch.pk, (0, 0, 0)), is_locked=batch.order_id in locked)
        for batch in batches
    ]


def _overview(batch: Batch, counts: tuple[int, int, int], *, is_locked: bool) -> BatchOverview:
    cases, packed, units = counts
    return BatchOverview(
        batch=batch, cases=cases, packed_cases=packed, units_in_cases=units, is_locked=is_locked
    )
