"""Scan & pack: each scanned unit falls into exactly one bucket."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Bucket(StrEnum):
    """In the order in which they are tried; what passes all of them is linked up to the room."""

    NOT_FOUND = "not_found"
    ALREADY_LINKED = "already_linked"
    WRONG_BATCH = "wrong_batch"
    NOT_AVAILABLE = "not_available"
    WRONG_VARIANT = "wrong_variant"
    WRONG_SEQUENCE = "wrong_sequence"


class Scanned(NamedTuple):
    """A unit that somebody named, or a name that means none. Free spares are free as well."""

    code: str
    unit_id: UUID | None = None
    batch_id: UUID | None = None
    is_packed: bool = False
    is_free: bool = False
    is_spare: bool = False
    variant_id: UUID | None = None
    sequence: int = 0
    planned_case: int | None = None


@dataclass
class Buckets:
    filtered: dict[Bucket, list[Scanned]] = field(
        default_factory=lambda: {bucket: [] for bucket in Bucket}
    )
    linked: list[Scanned] = field(default_factory=list)
    unused: list[Scanned] = field(default_factory=list)
    targets: Collection[UUID] = ()

    def count(self, bucket: Bucket) -> int:
        return len(self.filtered[bucket])

    @property
    def total(self) -> int:
        return self.filtered_count + len(self.linked) + len(self.unused)

    @property
    def filtered_count(self) -> int:
        return sum(map(len, self.filtered.values()))

    @property
    def summary(self) -> dict[str, int]:
        return {
            "total_submitted": self.total,
            "successfully_linked": len(self.linked),
            **{bucket.value: self.count(bucket) for bucket in _TOLD},
            "unused_capacity": len(self.unused),
        }

    @property
    def reasons(self) -> str:
        """`4 not found, 6 already linked`: what was filtered out, and how often."""
        counts = [(self.count(bucket), bucket.replace("_", " ")) for bucket in _TOLD]
        return ", ".join(f"{count} {words}" for count, words in counts if count)

    @property
    def note(self) -> str:
        linked = f"Successfully linked {len(self.linked)} of {self.total} codes."
        return f"{linked} Filtered out: {self.reasons}." if self.filtered_count else linked


@dataclass(frozen=True)
class Fit:
    """What a case takes. `case_number` is None when the label plan does not matter."""

    batch_id: UUID
    room: int
    case_number: int | None
    # The variants of the case; None when it is empty and planned for none.
    variants: Collection[UUID] | None


# As they are told, which is not the order in which they are tried.
_TOLD = (
    Bucket.NOT_FOUND,
    Bucket.ALREADY_LINKED,
    Bucket.WRONG_BATCH,
    Bucket.WRONG_VARIANT,
    Bucket.WRONG_SEQUENCE,
    Bucket.NOT_AVAILABLE,
)


def sort_scanned(scanned: Iterable[Scanned], fit: Fit) -> Buckets:
    buckets = Buckets()
    candidates = [unit for unit in scanned if not _drop(unit, _reason(unit, fit), buckets)]
    buckets.targets = _most_frequent(candidates) if fit.variants is None else fit.variants
    fitting = [unit for unit in candidates if not _drop(unit, _misfit(unit, fit, buckets), buckets)]
    buckets.linked, buckets.unused = fitting[: fit.room], fitting[fit.room :]
    return buckets


def _drop(unit: Scanned, bucket: Bucket | None, buckets: Buckets) -> bool:
    if bucket is not None:
        buckets.filtered[bucket].append(unit)
    return bucket is not None


def _reason(unit: Scanned, fit: Fit) -> Bucket | None:
    reasons = (
        (Bucket.NOT_FOUND, unit.unit_id is None),
        (Bucket.ALREADY_LINKED, unit.is_packed),
        (Bucket.WRONG_BATCH, unit.batch_id != fit.batch_id),
        (Bucket.NOT_AVAILABLE, not unit.is_free),
    )
    return next((bucket for bucket, is_true in reasons if is_true), None)


def _misfit(unit: Scanned, fit: Fit, buckets: Buckets) -> Bucket | None:
    if unit.variant_id not in buckets.targets:
        return Bucket.WRONG_VARIANT
    planned = None if unit.is_spare else unit.planned_case
    is_elsewhere = planned is not None and planned != fit.case_number
    return Bucket.WRONG_SEQUENCE if fit.case_number is not None and is_elsewhere else None


def _most_frequent(units: Sequence[Scanned]) -> Collection[UUID]:
    """The variant of most of the units, the first named one when several have as many."""
    counts = Counter(unit.variant_id for unit in units if unit.variant_id is not None)
    return {variant_id for variant_id, _ in counts.most_common(1)}
