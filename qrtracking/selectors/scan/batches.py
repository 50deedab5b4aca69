"""Batches as the scan pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from accounts.models import User
from qrtracking.models import Batch, BatchStatus, MasterCode, Order, OrderItem, ProductVariant
from qrtracking.rules.progress import BatchProgress, batch_progress
from qrtracking.rules.ranges import case_ranges_text
from qrtracking.selectors.visible import list_batches

BATCHES_SHOWN = 50
CLOSED = (BatchStatus.COMPLETED, BatchStatus.CANCELLED)


@dataclass(frozen=True)
class BatchOverview:
    """A batch with the numbers of its cases. Units are never counted: the cases know them."""

    batch: Batch
    cases: int
    packed_cases: int
    units_in_cases: int
    # What the cases still take.
    units_left: int
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


def _overviews(batches: Sequence[Batch]) -> list[BatchOverview]:
    """Two statements for any number of batches."""
    full = Count("pk", filter=Q(actual_unit_count__gte=F("expected_unit_count")))
    cases = MasterCode.objects.filter(batch__in=batches).values("batch").order_by()
    rows = cases.annotate(
        all=Count("pk"),
        full=full,
        held=Sum("actual_unit_count"),
        room=Sum("expected_unit_count") - Sum("actual_unit_count"),
    )
    names = ("batch", "all", "full", "held", "room")
    counts = {batch_id: sums for batch_id, *sums in rows.values_list(*names)}
    orders = Order.objects.locked().filter(pk__in=[batch.order_id for batch in batches])
    locked = set(orders.values_list("pk", flat=True))
    return [
        _overview(batch, counts.get(batch.pk, (0, 0, 0, 0)), is_locked=batch.order_id in locked)
        for batch in batches
    ]


def _overview(batch: Batch, sums: Sequence[int], *, is_locked: bool) -> BatchOverview:
    cases, packed, held, room = sums
    return BatchOverview(
        batch=batch,
        cases=cases,
        packed_cases=packed,
        units_in_cases=held,
        units_left=room,
        is_locked=is_locked,
    )
