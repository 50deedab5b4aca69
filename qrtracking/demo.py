"""Demo data: orders of two manufacturers in every stage that packing knows."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.demo import Demo
from accounts.models import Organization, User
from jobs.models import Job, moved
from jobs.runner import run_job
from jobs.services import cancel_job
from jobs.states import State
from qrtracking.models import (
    Batch,
    BatchStatus,
    LabelKind,
    LabelSheet,
    MasterCode,
    Order,
    PackingPlan,
    Product,
    ProductVariant,
    ReverseJob,
    UnitCode,
)
from qrtracking.services.cleaning import keep_house
from qrtracking.services.completing import complete_production
from qrtracking.services.generation import create_batch
from qrtracking.services.label_sheets import create_label_sheet, open_label_file
from qrtracking.services.linking import link_from_queue
from qrtracking.services.orders import NewItem, NewOrder, create_order
from qrtracking.services.packing_plans import submit_plan_text
from qrtracking.services.receiving import receive_cases
from qrtracking.services.reverse_jobs import submit_reverse_job
from qrtracking.services.undoing import undo_last

WAIT_SECONDS = 0.2
LISTED_CASES = 5
EXCLUDED_EVERY = 240


@dataclass(frozen=True)
class Plan:
    """An order of the demo; `build` takes its generated batch as far as its stage."""

    items: dict[str, int]
    build: Callable[["Line", Batch], None] | None = None
    spare_percent: int = 10
    has_batch: bool = True
    is_large: bool = False


@dataclass(frozen=True)
class Line:
    """A manufacturer of the demo with the people who work there."""

    organization: Organization
    product: Product
    manager: User
    operator: User
    demo: Demo

    def submit(self, batch: Batch, *, label: str, **options: Any) -> ReverseJob:
        return submit_reverse_job(
            actor=self.operator,
            batch_id=batch.pk,
            order_id=batch.order_id,
            label=label,
            notify_email=False,
            **options,
        )

    def prepare(self, batch: Batch, *, label: str, exclude_codes: Sequence[str] = ()) -> None:
        """Prepare all units but the excluded ones, once."""
        job = ReverseJob.objects.filter(batch=batch, label=label).first()
        work_off(job or self.submit(batch, label=label, exclude_codes=exclude_codes))

    def link(self, batch: Batch, number: int, *, units: int | None = None) -> None:
        """Pack a case from the queue; without `units` full."""
        link_from_queue(
            actor=self.operator,
            batch_id=batch.pk,
            order_id=batch.order_id,
            master_code=f"CASE:{number}",
            target_units=units,
        )


@dataclass(frozen=True)
class Maker:
    """A manufacturer of the demo: its slug, its one product, and who works there."""

    slug: str
    product_code: str
    product_name: str
    manager: str
    operator: str

    def line(self, demo: Demo) -> Line:
        organization = demo.organizations[self.slug]
        product, _ = Product.objects.get_or_create(
            organization=organization,
            product_code=self.product_code,
            defaults={"product_name": self.product_name},
        )
        people = demo.users[self.manager], demo.users[self.operator]
        return Line(organization, product, *people, demo)


def load(demo: Demo) -> dict[str, Any]:
    orders: dict[str, Order] = {}
    for maker, plans in MAKERS.items():
        line = maker.line(demo)
        wanted = {
            letter: plan for letter, plan in plans.items() if demo.is_large or not plan.is_large
        }
        orders |= {letter: _load_order(line, letter, plan) for letter, plan in wanted.items()}
    return {"qrtracking": {"orders": {letter: describe(order) for letter, order in orders.items()}}}


def work_off(job: Job) -> None:
    """Work on a job here until it is done; a worker may have taken it before us."""
    while job.state in {State.WAITING, State.ACTIVE}:
        if run_job(job) is None:
            time.sleep(WAIT_SECONDS)
        job.refresh_from_db()


def describe(order: Order) -> dict[str, Any]:
    facts: dict[str, Any] = {"order_id": str(order.pk), "order_no": order.order_no}
    batch = Batch.objects.filter(order=order).first()
    if batch is None:
        return facts | {"batch_id": None, "master_codes": []}
    cases = MasterCode.objects.filter(batch=batch).order_by("case_number")
    jobs = ReverseJob.objects.filter(batch=batch).order_by("created_at", "id")
    return facts | {
        "batch_id": str(batch.pk),
        "batch_status": batch.status,
        "master_codes": list(cases.values_list("master_code", flat=True)[:LISTED_CASES]),
        "jobs": [{"job_id": str(job.pk), "status": job.status} for job in jobs],
        "label_sheets": [
            {"sheet_id": str(sheet.pk), "kind": sheet.kind, "status": sheet.status}
            for sheet in LabelSheet.objects.filter(batch=batch).order_by("created_at", "id")
        ],
        "packing_plans": [
            {"plan_id": str(plan.pk), "status": plan.status}
            for plan in PackingPlan.objects.filter(batch=batch).order_by("created_at", "id")
        ],
    }


def _load_order(line: Line, letter: str, plan: Plan) -> Order:
    mark = f"DEMO-{letter}"
    known = Order.objects.filter(organization=line.organization, display_doc_no=mark)
    order: Order = known.order_by("created_at").first() or _write_order(line, mark, plan)
    if not plan.has_batch:
        return order
    batch = Batch.objects.filter(order=order).first()
    batch = batch or create_batch(order=order, actor=line.manager)
    work_off(batch)
    if plan.build is not None:
        plan.build(line, batch)
    return order


def _write_order(line: Line, mark: str, plan: Plan) -> Order:
    order = NewOrder(
        items=[NewItem(_variant(line.product, code), qty) for code, qty in plan.items.items()],
        display_doc_no=mark,
        buyer_org=line.demo.organizations["corner-tea-shops"],
        warehouse_org=line.demo.organizations["quayside-warehouse"],
        qr_buffer_percent=Decimal(plan.spare_percent),
    )
    return create_order(organization=line.organization, order=order, now=line.demo.now)


def _variant(product: Product, code: str) -> ProductVariant:
    variant, _ = ProductVariant.objects.get_or_create(
        organization_id=product.organization_id,
        product=product,
        variant_code=code,
        defaults={"variant_name": VARIANTS[code]},
    )
    return variant


def _build_printing(line: Line, batch: Batch) -> None:
    """Labels of all cases and of the first units are on paper; workers make the rest."""
    for kind, first, last in SHEETS:
        sheet = _ask_for_labels(line, batch, kind, first, last)
        work_off(sheet)
        if sheet.is_ready and sheet.downloaded_at is None:
            open_label_file(sheet=sheet, actor=line.manager).close()
    for kind, first, last in SHEETS_FOR_WORKERS:
        _ask_for_labels(line, batch, kind, first, last)
    plan = PackingPlan.objects.filter(batch=batch).order_by("created_at").first()
    work_off(
        plan
        or submit_plan_text(actor=line.manager, batch_id=batch.pk, text="\n".join(_plan(batch)))
    )


def _ask_for_labels(line: Line, batch: Batch, kind: str, first: int, last: int) -> LabelSheet:
    known: LabelSheet | None = LabelSheet.objects.filter(
        batch=batch, kind=kind, from_number=first, to_number=last
    ).first()
    return known or create_label_sheet(
        actor=line.manager, batch_id=batch.pk, kind=kind, from_number=first, to_number=last
    )


def _plan(batch: Batch) -> Iterator[str]:
    """Two cases, packed elsewhere; one label could not be read there."""
    cases = MasterCode.objects.filter(batch=batch, case_number__in=[9, 10])
    for case in cases.order_by("case_number"):
        units = UnitCode.objects.filter(batch=batch, planned_case_number=case.case_number)
        codes = list(units.order_by("sequence_number").values_list("code", flat=True))
        if case.case_number == 10:
            codes[-1] = codes[-1][:20]
        yield ",".join([case.master_code, *codes])


def _build_partly_packed(line: Line, batch: Batch) -> None:
    line.prepare(batch, label="All units")
    with transaction.atomic():
        if _is_untouched(batch):
            _link_cases(line, batch, 1, 2, 3)
            # The third case was to get the rest of the shift only.
            undo_last(actor=line.operator, batch_id=batch.pk)
            line.link(batch, 3, units=40)


def _build_big(line: Line, batch: Batch) -> None:
    _submit_on_hold(line, batch)
    _submit_and_cancel(line, batch)
    line.prepare(batch, label="Evening shift", exclude_codes=list(_excludes(batch)))
    _link_first_cases(line, batch)


def _build_received(line: Line, batch: Batch) -> None:
    line.prepare(batch, label="All units")
    _link_first_cases(line, batch)
    _complete_and_receive(line, batch)


@transaction.atomic
def _link_first_cases(line: Line, batch: Batch) -> None:
    if _is_untouched(batch):
        _link_cases(line, batch, 1, 2, 3)


def _link_cases(line: Line, batch: Batch, *numbers: int) -> None:
    for number in numbers:
        line.link(batch, number)


def _is_untouched(batch: Batch) -> bool:
    """Whether nobody has packed anything of it; the batch is locked until the transaction ends."""
    generated = Batch.objects.filter(pk=batch.pk, status=BatchStatus.GENERATED)
    return generated.select_for_update(no_key=True).exists()


@transaction.atomic
def _submit_on_hold(line: Line, batch: Batch) -> None:
    """A job that fails, because its batch is taken out of packing before a worker has it."""
    label = "Order was on hold"
    if ReverseJob.objects.filter(batch=batch, label=label).exists():
        return
    job = line.submit(batch, label=label)
    this_batch = Batch.objects.filter(pk=batch.pk)
    this_batch.update(**moved(status=BatchStatus.CANCELLED))
    run_job(job)
    this_batch.update(**moved(status=batch.status))


@transaction.atomic
def _submit_and_cancel(line: Line, batch: Batch) -> None:
    label = "Wrong cases"
    if not ReverseJob.objects.filter(batch=batch, label=label).exists():
        job = line.submit(batch, label=label, filter_case_numbers=[1, 2, 3], priority=7)
        cancel_job(job, actor=line.operator)


def _excludes(batch: Batch) -> Iterator[str]:
    """Fifty units, written as people paste them: links from labels, codes, numbers."""
    units = UnitCode.objects.filter(batch=batch, is_buffer=False).order_by("sequence_number")
    numbers = range(EXCLUDED_EVERY, batch.planned_unique_codes + 1, EXCLUDED_EVERY)
    for place, unit in enumerate(units.filter(sequence_number__in=numbers)):
        if place < 20:
            yield f"{settings.QR_BASE_URL}/track/product/{unit.code}?utm_source=label&n={place}"
        elif place < 40:
            yield unit.code
        else:
            yield f"SEQ:{unit.sequence_number}"


def _complete_and_receive(line: Line, batch: Batch) -> None:
    """The end of production, and a first case at the warehouse: from then on the order is locked."""
    if Batch.objects.filter(pk=batch.pk, status=BatchStatus.IN_PRODUCTION).exists():
        complete_production(actor=line.manager, batch_id=batch.pk)
        keep_house()
    if not Order.objects.locked().filter(pk=batch.order_id).exists():
        first = MasterCode.objects.get(batch=batch, case_number=1)
        receive_cases(actor=line.manager, master_codes=[first.master_code])


# kind, first and last number: what one waits for, and what is left to workers.
SHEETS = [(LabelKind.CASE, 1, 10), (LabelKind.UNIT, 1, 65)]
SHEETS_FOR_WORKERS = [(LabelKind.UNIT, 66, 1_000), (LabelKind.SPARE, 1, 100)]

VARIANTS = {
    "MINT": "Garden mint",
    "JAS-204518": "Jasmine, harvest 204518",
    "SAGE": "Mountain sage",
}
HARBOR = Maker(
    "harbor-tea-works", "TEA100", "Garden tea, 100 bags", "harbor-manager", "harbor-operator"
)
SILVERPINE = Maker(
    "silverpine-herbs", "HERB50", "Dried herbs, 50 g", "silverpine-manager", "silverpine-manager"
)
MAKERS = {
    HARBOR: {
        "A": Plan({"MINT": 1_000}, _build_printing),
        "B": Plan({"JAS-204518": 250, "MINT": 100}, _build_partly_packed),
        "C": Plan({"MINT": 12_000}, _build_big),
        "D": Plan({"MINT": 300}, _build_received),
        "E": Plan({"MINT": 500, "JAS-204518": 500}, has_batch=False),
        "L": Plan({"MINT": 1_000_000}, spare_percent=0, is_large=True),
    },
    SILVERPINE: {"S": Plan({"SAGE": 600})},
}
