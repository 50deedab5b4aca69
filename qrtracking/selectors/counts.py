"""How many units wait, and how far a batch is."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from qrtracking import statements
from qrtracking.models import FREE, Batch, MasterCode, ProductVariant

COUNTED_UP_TO = 10_000


@dataclass(frozen=True)
class QueueCounts:
    """Units that wait for a case; counting stops at COUNTED_UP_TO, also for each variant."""

    ready: int
    ready_capped: bool
    next_sequence: int | None
    by_variant: dict[str, int]


def count_queue(*, batch: Batch) -> QueueCounts:
    parameters = {
        "batch": batch.pk,
        "order": batch.order_id,
        "case_number": None,
        "free": list(FREE),
        "limit": COUNTED_UP_TO + 1,
    }
    rows = statements.fetch_all("link_ready", parameters)
    variants = ProductVariant.objects.in_bulk([variant_id for variant_id, _, _ in rows])
    counts: Counter[str] = Counter()
    for variant_id, units, _ in rows:
        # Two products may have variants of the same code.
        counts[variants[variant_id].variant_code] += units
    return QueueCounts(
        ready=min(counts.total(), COUNTED_UP_TO),
        ready_capped=counts.total() > COUNTED_UP_TO,
        next_sequence=min((first for _, _, first in rows), default=None),
        by_variant={code: min(units, COUNTED_UP_TO) for code, units in counts.items()},
    )


@dataclass(frozen=True)
class CaseSums:
    cases: int
    packed: int
    packed_units: int


def sum_cases(*, batch: Batch) -> CaseSums:
    """Progress of a batch from its cases, never by counting units."""
    sums = MasterCode.objects.filter(batch=batch).aggregate(
        cases=Count("pk"),
        packed=Count("pk", filter=Q(actual_unit_count__gte=F("expected_unit_count"))),
        packed_units=Coalesce(Sum("actual_unit_count"), 0),
    )
    return CaseSums(**sums)
