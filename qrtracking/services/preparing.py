"""The slices of a reverse job: resolve its excludes, count the batch, prepare the rest.

Each slice takes the lock of its batch, so that jobs of one batch run interleaved and no exclude
slips between two of them. No slice reads unit rows into Python.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from math import ceil
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F, Max

from jobs.models.job import moved
from jobs.registry import Continue, Done
from qrtracking import statements
from qrtracking.errors import BatchMissing, BatchNoLongerReady
from qrtracking.models import (
    FREE,
    PACKABLE,
    Batch,
    ReverseJob,
    ReverseJobExclude,
    ReverseJobStatus,
    UnitCode,
)
from qrtracking.rules import progress
from qrtracking.rules.text import Entry, as_columns, restore_entries

RESOLVE_ENTRIES = 20_000
# Entries may be ranges: a slice ends at so many units as well.
RESOLVE_UNITS = 200_000
COUNT_SEQUENCES = 200_000
LISTED = 100

Log = Callable[[str], None]

FREE_STATUSES = [str(status) for status in FREE]


@dataclass
class Cursor:
    """Where a job stands. It is stored as JSON in the job's row."""

    phase: str = "start"
    at: int = 0
    # Sequence numbers: the last one of the batch, and how many make a prepare slice.
    last: int = 0
    step: int = 0
    not_found: list[str] = field(default_factory=list)
    not_found_count: int = 0
    # As counted so far.
    total: int = 0
    excluded: int = 0
    packed_count: int = 0
    not_needed: int = 0
    # For each prepare slice the units that it is to prepare, as counted.
    expected: list[int] = field(default_factory=list)
    # Of a cancelled job: no row of it is left in the queue.
    is_cleared: bool = False

    @classmethod
    def of(cls, job: ReverseJob) -> "Cursor":
        return cls(**job.cursor)

    def stored(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Siblings:
    """Ids of other jobs of the batch that matter to a slice."""

    cancelled: list[UUID]
    # Jobs whose excludes hold for this one: its own and those submitted later.
    barring: list[UUID]


def run_slice(job: ReverseJob, *, log: Log) -> Continue | Done:
    """Do the next slice of a locked job; raises BatchNoLongerReady when it has no point any more."""
    match Cursor.of(job).phase:
        case "start":
            return start(job)
        case "resolve":
            return resolve(job, log)
        case "count":
            return count(job, log)
        case _:
            return prepare(job, log)


def lock_batch(batch_id: UUID) -> None:
    """Wait for the turn of this transaction among those that prepare or exclude in the batch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(batch_id)])


def resolve_now(job: ReverseJob, entries: Sequence[Entry]) -> None:
    """Resolve a short list in the transaction that submits the job."""
    if not entries:
        return
    lock_batch(job.batch_id)
    cursor = Cursor(at=len(entries))
    taken_out = _resolve(job, entries, cursor)
    changes: dict[str, Any] = {"cursor": cursor.stored(), "invalidated_count": taken_out}
    ReverseJob.objects.filter(pk=job.pk).update(**moved(**changes))
    job.cursor, job.invalidated_count = changes["cursor"], taken_out


def start(job: ReverseJob) -> Continue:
    """The job is claimed: it may run for minutes, and its page shows that somebody has it."""
    cursor = Cursor.of(job)
    last = UnitCode.objects.filter(batch_id=job.batch_id).aggregate(last=Max("sequence_number"))
    cursor.last, cursor.step = last["last"] or 0, settings.QR_PREPARE_SLICE
    cursor.phase = "resolve"
    return Continue(progress=progress.CLAIMED, changes={"cursor": cursor.stored()})


def resolve(job: ReverseJob, log: Log) -> Continue:
    cursor = Cursor.of(job)
    changes: dict[str, Any] = {}
    entries = restore_entries(job.exclude_codes)
    part = _next_entries(entries, cursor.at)
    if part:
        lock_batch(job.batch_id)
        _siblings(job)
        taken_out = _resolve(job, part, cursor)
        cursor.at += len(part)
        changes["invalidated_count"] = F("invalidated_count") + taken_out
    if cursor.at < len(entries):
        return Continue(changes={"cursor": cursor.stored(), **changes})
    units = ReverseJobExclude.objects.filter(job_id=job.pk).count()
    log(
        f"Resolved {len(entries)} exclude entries: {units} units, "
        f"{cursor.not_found_count} not found"
    )
    cursor.phase, cursor.at = "count", 0
    return Continue(progress=progress.RESOLVED, changes={"cursor": cursor.stored(), **changes})


def count(job: ReverseJob, log: Log) -> Continue:
    cursor = Cursor.of(job)
    lock_batch(job.batch_id)
    _siblings(job)
    width = max(cursor.step, COUNT_SEQUENCES // cursor.step * cursor.step)
    upto = min(cursor.at + width, cursor.last)
    stretch = _stretch(job, cursor.at, upto) | {"step": cursor.step}
    by_part = {row[0]: row[1:] for row in statements.fetch_all("count_units", stretch)}
    for part in range(cursor.at // cursor.step, ceil(upto / cursor.step)):
        eligible, own, packed, not_needed = by_part.get(part, (0, 0, 0, 0))
        cursor.expected.append(eligible - own)
        cursor.total += eligible
        cursor.excluded += own
        cursor.packed_count += packed
        cursor.not_needed += not_needed
    cursor.at = upto
    if upto < cursor.last:
        return Continue(changes={"cursor": cursor.stored()})
    log(f"Counted {cursor.total} available units")
    cursor.phase, cursor.at = "prepare", 0
    # Only now: clients see null until the units are counted.
    changes = {
        "total_available_in_batch": cursor.total,
        "remaining_to_prepare": cursor.total - cursor.excluded,
        "excluded_matched_count": cursor.excluded,
        "cursor": cursor.stored(),
    }
    return Continue(progress=progress.COUNTED, changes=changes)


def prepare(job: ReverseJob, log: Log) -> Continue | Done:
    cursor = Cursor.of(job)
    lock_batch(job.batch_id)
    siblings = _siblings(job)
    upto = min(cursor.at + cursor.step, cursor.last)
    stretch = _stretch(job, cursor.at, upto)
    if siblings.cancelled:
        parameters = {"jobs": siblings.cancelled, "limit": cursor.step * len(siblings.cancelled)}
        statements.execute("invalidate_cancelled", stretch | parameters)
    prepared, candidates = statements.fetch_one(
        "prepare_units", stretch | {"barring": siblings.barring}
    )
    expected = cursor.expected[cursor.at // cursor.step] if upto > cursor.at else 0
    cursor.at = upto
    counts = _Counts.of(job).after_slice(
        expected=expected, prepared=prepared, duplicates=candidates - prepared
    )
    _log_tenths(job, counts, log)
    changes = {**counts.changes(), "cursor": cursor.stored()}
    if upto < cursor.last:
        return Continue(progress=progress.prepare_progress(cursor.at, cursor.last), changes=changes)
    changes["remaining_to_prepare"] = 0
    return Done(
        summary=_summary(job, cursor, counts),
        message=(
            f"Job completed: {counts.prepared} codes prepared, {counts.duplicates} duplicates "
            f"skipped, {counts.excluded} excluded"
        ),
        changes=changes,
    )


@dataclass(frozen=True)
class _Counts:
    """prepared + duplicates + invalid + excluded = total, after every slice as at the end."""

    total: int
    prepared: int
    duplicates: int
    invalid: int
    excluded: int
    remaining: int

    @classmethod
    def of(cls, job: ReverseJob) -> "_Counts":
        return cls(
            total=job.total_available_in_batch or 0,
            prepared=job.prepared_count,
            duplicates=job.duplicate_count,
            invalid=job.invalid_count,
            excluded=job.excluded_matched_count,
            remaining=job.remaining_to_prepare or 0,
        )

    def after_slice(self, *, expected: int, prepared: int, duplicates: int) -> "_Counts":
        missing = expected - prepared - duplicates
        return replace(
            self,
            # Units that became eligible after they were counted.
            total=self.total + max(0, -missing),
            prepared=self.prepared + prepared,
            duplicates=self.duplicates + duplicates,
            invalid=self.invalid + max(0, missing),
            remaining=self.remaining - expected,
        )

    def changes(self) -> dict[str, Any]:
        return {
            "total_available_in_batch": self.total,
            "prepared_count": self.prepared,
            "duplicate_count": self.duplicates,
            "invalid_count": self.invalid,
            "remaining_to_prepare": self.remaining,
        }


def _log_tenths(job: ReverseJob, counts: _Counts, log: Log) -> None:
    """A line whenever another tenth is prepared."""
    whole = counts.total - counts.excluded
    if whole and job.prepared_count * 10 // whole < counts.prepared * 10 // whole:
        log(f"Prepared {counts.prepared} of {whole}")


def _summary(job: ReverseJob, cursor: Cursor, counts: _Counts) -> dict[str, Any]:
    return {
        "prepared": counts.prepared,
        "duplicates": counts.duplicates,
        "invalid": counts.invalid,
        "total_available": counts.total,
        "excluded_count": len(job.exclude_codes),
        "excluded_matched": counts.excluded,
        "excluded_not_found": cursor.not_found,
        "excluded_not_found_count": cursor.not_found_count,
        "excluded_already_packed": _list_packed_excludes(job) if cursor.packed_count else [],
        "excluded_already_packed_count": cursor.packed_count,
        "excluded_not_needed": cursor.not_needed,
        "invalidated": job.invalidated_count,
    }


def _list_packed_excludes(job: ReverseJob) -> list[dict[str, Any]]:
    own = ReverseJobExclude.objects.filter(job_id=job.pk).values("sequence_number")
    units = UnitCode.objects.filter(
        batch_id=job.batch_id, master_code__isnull=False, sequence_number__in=own
    )
    rows = units.order_by("sequence_number").values_list("code", "master_code__case_number")
    return [{"code": code, "case_number": number} for code, number in rows[:LISTED]]


def _stretch(job: ReverseJob, after: int, upto: int) -> dict[str, Any]:
    """The parameters that the statements over units share: which ones, and what counts as free."""
    return {
        "organization": job.organization_id,
        "job": job.pk,
        "batch": job.batch_id,
        "variant": job.filter_variant_id,
        "cases": job.filter_case_numbers,
        "free": FREE_STATUSES,
        "first": after + 1,
        "last": upto,
    }


def _siblings(job: ReverseJob) -> Siblings:
    """Read after the batch's lock is taken: what others have committed is seen.

    Raises BatchNoLongerReady when the batch is not to be packed any more.
    """
    status = Batch.objects.filter(pk=job.batch_id).values_list("status", flat=True).first()
    if status is None:
        raise BatchMissing
    if status not in PACKABLE:
        raise BatchNoLongerReady(status)
    others = ReverseJob.objects.filter(batch_id=job.batch_id).order_by("created_at", "id")
    rows = others.values_list("pk", "status", "created_at")
    cancelled = [pk for pk, word, _ in rows if word == ReverseJobStatus.CANCELLED]
    own = (job.created_at, job.pk)
    later = [pk for pk, word, at in rows if (at, pk) > own and word != ReverseJobStatus.CANCELLED]
    return Siblings(cancelled=cancelled, barring=[job.pk, *later])


def _next_entries(entries: Sequence[Entry], at: int) -> Sequence[Entry]:
    """The next slice of entries, bounded in entries and in units."""
    part = entries[at : at + RESOLVE_ENTRIES]
    units = accumulate(max(1, entry.last - entry.first + 1) for entry in part)
    fitting = sum(1 for total in units if total <= RESOLVE_UNITS)
    return part[: max(1, fitting)]


def _resolve(job: ReverseJob, part: Sequence[Entry], cursor: Cursor) -> int:
    """Keep the units of these entries; returns how many live rows of earlier jobs went."""
    columns = as_columns(part)
    _, taken_out, unknown = statements.fetch_one(
        "resolve_excludes",
        {
            "organization": job.organization_id,
            "job": job.pk,
            "batch": job.batch_id,
            **columns,
        },
    )
    known = set(columns["positions"]).difference(unknown)
    missing = [entry.typed for at, entry in enumerate(part) if at not in known]
    cursor.not_found_count += len(missing)
    cursor.not_found.extend(missing[: LISTED - len(cursor.not_found)])
    return int(taken_out)
