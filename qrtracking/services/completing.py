"""The end of a batch's production: packed cases are ready to ship, their units follow them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import OrganizationRequired
from accounts.models import User
from jobs.dispatch import run_soon
from jobs.models.job import moved
from qrtracking import errors, statements
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    Batch,
    BatchStatus,
    CaseStatus,
    EventKind,
    MasterCode,
    Order,
    ScanEvent,
)
from qrtracking.rules.progress import percentage
from qrtracking.services.case_locks import close_orders, enter_order
from qrtracking.services.reasons import check_reason

IN_PRODUCTION = (BatchStatus.PRINTING, BatchStatus.IN_PRODUCTION)
SLICE = 20_000
# The schedule that does in the background what ends leave behind.
HOUSEKEEPING = "qr_housekeeping"
# In the cursor of a completed batch while its units follow: the last case that is done.
_FOLLOWED = "followed_case"


@dataclass(frozen=True)
class Completion:
    batch: Batch
    order: Order
    cases_updated: int
    total_cases: int
    packed_cases: int

    @property
    def completed_at(self) -> datetime | None:
        return self.batch.production_completed_at

    @property
    def progress_percentage(self) -> int:
        return percentage(self.packed_cases, self.total_cases)

    @property
    def destination_id(self) -> UUID | None:
        return self.order.warehouse_org_id or self.order.buyer_org_id


@dataclass(frozen=True)
class _Cases:
    total: int
    units: int
    unpacked: list[int]

    @property
    def packed(self) -> int:
        return self.total - len(self.unpacked)


@transaction.atomic
def complete_production(
    *, actor: User, batch_id: UUID, allow_incomplete: bool = False, reason: str = ""
) -> Completion:
    """End the packing of a batch; an incomplete one only when it is allowed, and with a reason.

    Waits for everybody who packs. Raises, in this order, ReasonTooLong, BatchNotFound,
    NoDestination, BatchNotInProduction, OrderLocked, BatchIncomplete and ReasonRequired.
    """
    if actor.organization is None:
        raise OrganizationRequired
    reason = check_reason(reason, required=False)
    batch, order = _hold(organization_id=actor.organization.pk, batch_id=batch_id)
    if not (order.warehouse_org_id or order.buyer_org_id):
        raise packing_errors.NoDestination
    if batch.status not in IN_PRODUCTION:
        raise packing_errors.BatchNotInProduction(batch.status)
    if Order.objects.locked().filter(pk=order.pk).exists():
        raise errors.OrderLocked
    cases = _count_cases(batch)
    if cases.unpacked and not allow_incomplete:
        raise packing_errors.BatchIncomplete(
            packed=cases.packed, total=cases.total, unpacked=cases.unpacked
        )
    if cases.unpacked and not reason:
        raise packing_errors.ReasonRequired
    return _complete(actor, batch, order, cases, reason)


def move_units_of_completed() -> Iterator[int]:
    """Let units follow their completed cases, a slice in each transaction; gives their numbers."""
    while (count := _move_slice()) is not None:
        yield count


def _hold(*, organization_id: UUID, batch_id: UUID) -> tuple[Batch, Order]:
    batches = Batch.objects.filter(organization_id=organization_id, pk=batch_id)
    order_ids = list(batches.values_list("order_id", flat=True))
    orders = close_orders(organization_id=organization_id, order_ids=order_ids)
    batch: Batch | None = batches.select_for_update(no_key=True).first()
    if batch is None or not orders:
        raise errors.BatchNotFound
    return batch, orders[0]


def _count_cases(batch: Batch) -> _Cases:
    rows = MasterCode.objects.filter(batch=batch).order_by("case_number")
    cases = list(rows.values_list("case_number", "actual_unit_count", "expected_unit_count"))
    return _Cases(
        total=len(cases),
        units=sum(actual for _, actual, _ in cases),
        unpacked=[number for number, actual, expected in cases if actual < expected],
    )


def _complete(actor: User, batch: Batch, order: Order, cases: _Cases, reason: str) -> Completion:
    packed = MasterCode.objects.filter(batch=batch, status=CaseStatus.PACKED)
    updated = packed.update(status=CaseStatus.READY_TO_SHIP, updated_at=Now())
    Batch.objects.filter(pk=batch.pk).update(
        **moved(
            status=BatchStatus.COMPLETED,
            production_completed_at=Now(),
            production_completed_by=actor,
            cursor={_FOLLOWED: 0},
        )
    )
    ScanEvent.objects.create(
        organization_id=batch.organization_id,
        batch=batch,
        order=order,
        kind=EventKind.COMPLETE,
        unit_count=cases.units,
        actor=actor,
        note=reason,
    )
    run_soon(HOUSEKEEPING)
    batch.refresh_from_db()
    return Completion(
        batch=batch,
        order=order,
        cases_updated=updated,
        total_cases=cases.total,
        packed_cases=cases.packed,
    )


@transaction.atomic
def _move_slice() -> int | None:
    """The next slice of any batch; None when nothing is left to do."""
    behind = Batch.objects.filter(status=BatchStatus.COMPLETED, cursor__has_key=_FOLLOWED)
    found = behind.order_by("production_completed_at", "pk").first()
    if found is None:
        return None
    # The order first, as everybody: the warehouse's intake changes the same units.
    enter_order(organization_id=found.organization_id, order_id=found.order_id)
    batch = behind.select_for_update(no_key=True).filter(pk=found.pk).first()
    if batch is None:
        return 0
    parameters = {"batch": batch.pk, "after": batch.cursor[_FOLLOWED], "limit": SLICE}
    last, count = statements.fetch_one("follow_cases", parameters)
    cursor = {} if last is None else {_FOLLOWED: last}
    Batch.objects.filter(pk=batch.pk).update(cursor=cursor, updated_at=Now())
    return int(count)
