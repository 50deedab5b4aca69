"""Making the codes of a batch: cases, units, then spares, a slice of rows at a time by COPY."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from jobs.dispatch import ring
from jobs.models import moved
from jobs.registry import Continue, Done
from jobs.services import submit_job
from qrtracking.errors import (
    BatchNotStartable,
    BatchTooLarge,
    CancelledBatchRemains,
    HashSecretMissing,
    OrderHasBatch,
    OrderInvalid,
    OrderNotApproved,
    OrderNumberInvalid,
)
from qrtracking.models import Batch, BatchStatus, Order, OrderStatus
from qrtracking.rules.codes import unit_stem
from qrtracking.rules.plan import BatchPlan, PlanItem, plan_batch
from qrtracking.services import copying
from qrtracking.services.cancelled_batches import make_way
from qrtracking.services.copying import Item

SLICE = 20_000
MAX_CODES = 2_000_000
# From so many rows on, the planner should know of them before the first job reads them.
ANALYZE_FROM = 20_000


@dataclass
class Cursor:
    """Where a generation stands. It is stored as JSON in the batch's row."""

    items: list[Item]
    units_per_case: int
    order_no: str
    cases_done: int = 0
    units_done: int = 0
    plan: BatchPlan = field(init=False)

    def __post_init__(self) -> None:
        self.items = [item if isinstance(item, Item) else Item(**item) for item in self.items]

    def make_plan(self, batch: Batch) -> None:
        """The variants of the plan are places in `items`."""
        self.plan = plan_batch(
            [
                PlanItem(place, item.qty, item.units_per_case)
                for place, item in enumerate(self.items)
            ],
            units_per_case=self.units_per_case,
            percent=batch.buffer_percent,
            use_item_case_sizes=batch.use_item_case_sizes,
        )

    @property
    def stored(self) -> dict[str, Any]:
        return {
            "items": [asdict(item) for item in self.items],
            "units_per_case": self.units_per_case,
            "order_no": self.order_no,
            "cases_done": self.cases_done,
            "units_done": self.units_done,
        }

    @property
    def totals(self) -> dict[str, int]:
        return {
            "total_master_codes": self.plan.case_count,
            "total_unique_codes": self.plan.unit_count,
            "planned_unique_codes": self.plan.base_count,
        }

    @property
    def is_finished(self) -> bool:
        plan = self.plan
        return (self.cases_done, self.units_done) == (plan.case_count, plan.unit_count)

    @property
    def percent(self) -> int:
        done = self.cases_done + self.units_done
        return 100 * done // (self.plan.case_count + self.plan.unit_count)


@transaction.atomic
def create_batch(
    *,
    order: Order,
    actor: User | None,
    spare_percent: Decimal | None = None,
    use_item_case_sizes: bool = False,
    start: bool = True,
) -> Batch:
    """Give an approved order its batch; with `start` its codes are generated in the background.

    It takes the place of a cancelled one, whose codes are deleted first. Raises OrderHasBatch,
    CancelledBatchRemains, OrderNotApproved, OrderInvalid, BatchTooLarge and HashSecretMissing.
    """
    locked = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if not make_way(locked):
        raise CancelledBatchRemains
    if Batch.objects.filter(order=locked).exists():
        raise OrderHasBatch
    if locked.status != OrderStatus.APPROVED:
        raise OrderNotApproved
    batch = Batch(
        organization_id=locked.organization_id,
        order=locked,
        created_by=actor,
        buffer_percent=locked.qr_buffer_percent if spare_percent is None else spare_percent,
        use_item_case_sizes=use_item_case_sizes,
        status=BatchStatus.QUEUED if start else BatchStatus.PENDING,
    )
    for name, count in _begin(batch).totals.items():
        setattr(batch, name, count)
    if start:
        return submit_job(batch)
    batch.save(force_insert=True)
    return batch


@transaction.atomic
def start_generation(*, batch: Batch) -> Batch:
    """Send a pending batch to work; a failed one goes on by `jobs.services.retry_job`.

    Raises BatchNotStartable for every other status.
    """
    pending = Batch.objects.filter(pk=batch.pk, status=BatchStatus.PENDING)
    started = pending.update(**moved(status=BatchStatus.QUEUED))
    batch.refresh_from_db()
    if not started:
        raise BatchNotStartable(batch.status)
    ring(batch)
    return batch


def run_slice(batch: Batch, *, size: int = SLICE) -> Continue | Done:
    """Write the next rows of a batch; the caller's transaction commits them with the cursor."""
    cursor = _go_on(batch) if batch.cursor else _begin(batch)
    if cursor.cases_done < cursor.plan.case_count:
        _write_cases(batch, cursor, size)
    else:
        _write_units(batch, cursor, size)
    changes = {"cursor": cursor.stored, **cursor.totals}
    if not cursor.is_finished:
        return Continue(progress=cursor.percent, changes=changes)
    if cursor.plan.unit_count >= ANALYZE_FROM:
        _analyze()
    return _done(cursor.plan, changes)


def _begin(batch: Batch) -> Cursor:
    if not settings.QR_HASH_SECRET:
        raise HashSecretMissing
    order = batch.order
    cursor = Cursor(list(_items(order)), order.units_per_case, order.order_no)
    try:
        cursor.make_plan(batch)
    except ValueError as error:
        raise OrderInvalid(f"This order cannot be planned: {error}.") from error
    if cursor.plan.unit_count > MAX_CODES:
        raise BatchTooLarge
    return cursor


def _go_on(batch: Batch) -> Cursor:
    cursor = Cursor(**batch.cursor)
    cursor.make_plan(batch)
    return cursor


def _items(order: Order) -> Iterator[Item]:
    items = order.items.select_related("product", "variant").order_by("created_at", "id")
    for item in items:
        stem = unit_stem(
            prefix=settings.QR_UNIT_PREFIX,
            product_code=item.product.product_code,
            variant_code=item.variant.variant_code,
            order_no=order.order_no,
        )
        # Anything else would neither survive an address nor a COPY.
        if not re.fullmatch(r"[A-Za-z0-9-]+", stem):
            raise OrderNumberInvalid
        yield Item(str(item.variant_id), str(item.product_id), stem, item.qty, item.units_per_case)


def _write_cases(batch: Batch, cursor: Cursor, size: int) -> None:
    last = min(cursor.cases_done + size, cursor.plan.case_count)
    cases = cursor.plan.cases(cursor.cases_done + 1, last)
    copying.write_cases(batch, cases, items=cursor.items, order_no=cursor.order_no)
    cursor.cases_done = last


def _write_units(batch: Batch, cursor: Cursor, size: int) -> None:
    last = min(cursor.units_done + size, cursor.plan.unit_count)
    blocks = cursor.plan.blocks(cursor.units_done + 1, last)
    copying.write_units(batch, blocks, items=cursor.items)
    cursor.units_done = last


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE qr_codes, qr_master_codes")


def _done(plan: BatchPlan, changes: dict[str, Any]) -> Done:
    return Done(
        summary={"units": plan.base_count, "spares": plan.spare_count, "cases": plan.case_count},
        message=(
            f"Job completed: {plan.base_count} units, {plan.spare_count} spares and "
            f"{plan.case_count} cases generated"
        ),
        changes=changes,
    )
