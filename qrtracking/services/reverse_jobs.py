"""Submitting reverse jobs: every unit of a batch but the excluded ones is to be prepared."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from jobs.models.job import HIGH, LOW
from jobs.runner import run_job
from jobs.services import submit_job
from qrtracking import errors
from qrtracking.models import Batch, MasterCode, Order, OrderItem, ReverseJob, UnitCode
from qrtracking.rules.text import Entry, parse_entries
from qrtracking.services import preparing

MAX_EXCLUDES = 100_000
MAX_ENTRY_LENGTH = 500
# Short lists take effect with the answer; resolving a long one is the first part of the job.
RESOLVED_AT_SUBMIT = 1_000


def submit_reverse_job(  # noqa: PLR0913 (keyword-only: the fields of the request)
    *,
    actor: User,
    batch_id: UUID,
    order_id: UUID,
    exclude_codes: object = (),
    filter_variant_id: UUID | None = None,
    filter_case_numbers: Sequence[int] | None = None,
    priority: int = 5,
    notify_email: bool = True,
    label: str = "",
    process_now: bool = False,
) -> ReverseJob:
    """Insert the job and ring for it; with `process_now` work it off here, up to a small size.

    The batch must be of the actor's organization. Raises, in this order, BatchNotFound,
    BatchMismatch, the errors of the lists, PriorityInvalid, BatchNotReady, OrderLockedForJobs and
    TooManyUnitsNow.
    """
    batch = get_batch_of_order(actor=actor, batch_id=batch_id, order_id=order_id)
    entries = check_excludes(exclude_codes)
    cases = check_filters(batch, filter_variant_id, filter_case_numbers)
    check_priority(priority)
    check_batch_open(batch)
    if process_now:
        check_small_enough(batch, filter_variant_id, cases)
    job = ReverseJob(
        organization_id=batch.organization_id,
        manufacturer_org_id=batch.organization_id,
        created_by=actor,
        batch=batch,
        order_id=batch.order_id,
        exclude_codes=[entry.stored for entry in entries],
        filter_variant_id=filter_variant_id,
        filter_case_numbers=cases,
        priority=priority,
        notify_email=notify_email,
        label=label,
        process_now=process_now,
    )
    with transaction.atomic():
        submit_job(job)
        if len(entries) <= RESOLVED_AT_SUBMIT:
            preparing.resolve_now(job, entries)
    if process_now:
        return run_job(job) or job
    return job


def get_batch_of_order(*, actor: User, batch_id: UUID, order_id: UUID) -> Batch:
    """Raises BatchNotFound (unknown or foreign) or BatchMismatch (of another order)."""
    batch: Batch | None = (
        Batch.objects.filter(organization=actor.organization, pk=batch_id)
        .select_related("order")
        .first()
    )
    if batch is None:
        raise errors.BatchNotFound
    if batch.order_id != order_id:
        raise errors.BatchMismatch
    return batch


def check_excludes(exclude_codes: object) -> tuple[Entry, ...]:
    """The unique entries of a list of texts."""
    if not isinstance(exclude_codes, list | tuple) or not all(
        isinstance(text, str) for text in exclude_codes
    ):
        raise errors.ExcludeCodesInvalid
    if len(exclude_codes) > MAX_EXCLUDES:
        raise errors.TooManyExcludes
    entries = parse_entries(exclude_codes)
    if len(entries) > MAX_EXCLUDES:
        raise errors.TooManyExcludes
    if any(len(entry.typed) > MAX_ENTRY_LENGTH for entry in entries):
        raise errors.ExcludeTooLong
    return entries


def check_filters(
    batch: Batch, variant_id: UUID | None, case_numbers: Sequence[int] | None
) -> list[int] | None:
    """The case numbers without repetition, in order; None when cases do not matter."""
    if (
        variant_id is not None
        and not OrderItem.objects.filter(order_id=batch.order_id, variant_id=variant_id).exists()
    ):
        raise errors.FilterVariantInvalid
    if case_numbers is None:
        return None
    wanted = sorted(set(case_numbers))
    known = MasterCode.objects.filter(batch=batch, case_number__in=wanted).count()
    if not wanted or known != len(wanted):
        raise errors.FilterCasesInvalid
    return wanted


def check_priority(priority: int) -> None:
    if not HIGH <= priority <= LOW:
        raise errors.PriorityInvalid


def check_batch_open(batch: Batch) -> None:
    """Raises BatchNotReady or OrderLockedForJobs."""
    if not batch.is_packable:
        raise errors.BatchNotReady(batch.status)
    if Order.objects.locked().filter(pk=batch.order_id).exists():
        raise errors.OrderLockedForJobs


def check_small_enough(
    batch: Batch, variant_id: UUID | None, case_numbers: Sequence[int] | None
) -> None:
    filters: dict[str, Any] = {}
    if variant_id is not None:
        filters["variant_id"] = variant_id
    if case_numbers is not None:
        filters["planned_case_number__in"] = case_numbers
    count = UnitCode.objects.eligible().filter(batch=batch, **filters).count()
    if count > settings.QR_INLINE_LIMIT:
        raise errors.TooManyUnitsNow(count)
