"""What the exclude entries of a job mean, or would mean: judged by the units as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from qrtracking import statements
from qrtracking.models import FREE, Batch, ReverseJob
from qrtracking.rules.portions import first_portion
from qrtracking.rules.text import Entry, as_columns, restore_entries


class ExcludeOutcome(StrEnum):
    MATCHED = "matched"
    ALREADY_PACKED = "already_packed"
    NOT_NEEDED = "not_needed"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Judgement:
    """Units of the batch: `matched` are kept from being prepared, the others would not be anyway."""

    unit_count: int = 0
    matched_count: int = 0
    already_packed_count: int = 0
    first_sequence: int | None = None
    last_sequence: int | None = None
    case_number: int | None = None

    @property
    def not_needed_count(self) -> int:
        """Spare, spoiled or outside the filters."""
        return self.unit_count - self.matched_count - self.already_packed_count

    @property
    def outcome(self) -> ExcludeOutcome:
        if not self.unit_count:
            return ExcludeOutcome.NOT_FOUND
        if self.matched_count:
            return ExcludeOutcome.MATCHED
        is_packed = self.already_packed_count > 0
        return ExcludeOutcome.ALREADY_PACKED if is_packed else ExcludeOutcome.NOT_NEEDED


@dataclass(frozen=True)
class ExcludeLine:
    """One entry as it was typed; `case_number` is the case of the first packed unit."""

    entry: str
    judgement: Judgement


@dataclass(frozen=True)
class ExcludePage:
    lines: list[ExcludeLine]
    # Where the next page begins; None after the last entry.
    following: int | None


@dataclass(frozen=True)
class Preview:
    """What excludes would do. Long lists are judged in part: the job itself reads all of them."""

    entry_count: int
    lines: list[ExcludeLine]
    total: Judgement

    @property
    def judged_count(self) -> int:
        return len(self.lines)

    @property
    def not_found_count(self) -> int:
        return sum(one.judgement.outcome is ExcludeOutcome.NOT_FOUND for one in self.lines)

    @property
    def is_complete(self) -> bool:
        return self.judged_count == self.entry_count


def list_excludes(*, job: ReverseJob, first: int, most: int) -> ExcludePage:
    """The entries of a job from the position `first` (0 the first one) on."""
    wanted = ReverseJob.objects.filter(pk=job.pk)
    stored: list[str] = wanted.values_list(
        f"exclude_codes__{first}_{first + most + 1}", flat=True
    ).get()
    entries = restore_entries(stored or [])
    portion = first_portion(entries, most=most) if entries else ()
    lines, _ = _judge(
        batch_id=job.batch_id,
        organization_id=job.organization_id,
        entries=portion,
        variant_id=job.filter_variant_id,
        case_numbers=job.filter_case_numbers,
    )
    is_last = len(portion) == len(entries)
    return ExcludePage(lines, None if is_last else first + len(portion))


def preview_excludes(
    *,
    batch: Batch,
    entries: Sequence[Entry],
    variant_id: UUID | None = None,
    case_numbers: Sequence[int] | None = None,
) -> Preview:
    lines, total = _judge(
        batch_id=batch.pk,
        organization_id=batch.organization_id,
        entries=first_portion(entries) if entries else (),
        variant_id=variant_id,
        case_numbers=case_numbers,
    )
    return Preview(entry_count=len(entries), lines=lines, total=total)


def _judge(
    *,
    batch_id: UUID,
    organization_id: UUID,
    entries: Sequence[Entry],
    variant_id: UUID | None,
    case_numbers: Sequence[int] | None,
) -> tuple[list[ExcludeLine], Judgement]:
    parameters: dict[str, Any] = {
        "organization": organization_id,
        "batch": batch_id,
        **as_columns(entries),
        "free": [str(status) for status in FREE],
        "variant": variant_id,
        "cases": None if case_numbers is None else list(case_numbers),
    }
    rows = statements.fetch_all("judge_excludes", parameters)
    judged = {position: Judgement(*numbers) for position, *numbers in rows}
    nothing = Judgement()
    lines = [ExcludeLine(one.typed, judged.get(at, nothing)) for at, one in enumerate(entries)]
    return lines, judged.get(None, nothing)
