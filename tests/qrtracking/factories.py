"""Rows for tests: each default is the smallest valid one."""

from decimal import Decimal
from typing import Any

import factory
from django.conf import settings
from django.db import connection

from qrtracking.models import (
    Batch,
    LabelPrinter,
    LabelSheet,
    MasterCode,
    Order,
    OrderItem,
    PackingPlan,
    PackingPlanRow,
    PreparedCode,
    Product,
    ProductVariant,
    ReverseJob,
    ReverseJobExclude,
    ReverseJobLog,
    ScanEvent,
    ScanItem,
    UnitCode,
)
from qrtracking.rules.codes import master_code, unit_stem, unit_text
from qrtracking.rules.plan import BatchPlan, PlanItem, plan_batch
from tests.accounts.factories import OrganizationFactory, UserFactory

SECRET = b"example-key"


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    organization = factory.SubFactory(OrganizationFactory)
    product_code = factory.Sequence(lambda number: f"TEA{100 + number}")
    product_name = "Green tea"


class ProductVariantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProductVariant

    product = factory.SubFactory(ProductFactory)
    organization = factory.SelfAttribute("product.organization")
    variant_code = factory.Sequence(lambda number: f"MINT-{number}")
    variant_name = factory.LazyAttribute(lambda variant: variant.variant_code.title())


class OrderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Order

    class Params:
        draft = factory.Trait(status="draft")

    organization = factory.SubFactory(OrganizationFactory)
    seller_org = factory.SelfAttribute("organization")
    # Not one of the numbers of the worked examples.
    order_no = factory.Sequence(lambda number: f"ORD-HM-1125-{1000 + number}")
    status = "approved"


class OrderItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrderItem

    order = factory.SubFactory(OrderFactory)
    organization = factory.SelfAttribute("order.organization")
    variant = factory.SubFactory(
        ProductVariantFactory, product__organization=factory.SelfAttribute("...organization")
    )
    product = factory.SelfAttribute("variant.product")
    qty = 100


class BatchFactory(factory.django.DjangoModelFactory):
    """A batch without cases and units; `make_generated_batch` makes them too."""

    class Meta:
        model = Batch

    order = factory.SubFactory(OrderFactory)
    organization = factory.SelfAttribute("order.organization")
    status = "generated"


class MasterCodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MasterCode

    class Params:
        full = factory.Trait(actual_unit_count=100, status="packed")
        locked = factory.Trait(actual_unit_count=100, status="received_warehouse")

    batch = factory.SubFactory(BatchFactory)
    organization = factory.SelfAttribute("batch.organization")
    order = factory.SelfAttribute("batch.order")
    case_number = factory.Sequence(lambda number: number + 1)
    master_code = factory.LazyAttribute(lambda case: _master_code(case.order, case.case_number))
    planned_unit_count = 100
    expected_unit_count = factory.SelfAttribute("planned_unit_count")


class UnitCodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UnitCode

    class Params:
        spare = factory.Trait(is_buffer=True, status="buffer_available")
        packed = factory.Trait(
            status="packed",
            master_code=factory.SubFactory(
                MasterCodeFactory, batch=factory.SelfAttribute("..batch")
            ),
        )

    batch = factory.SubFactory(BatchFactory)
    organization = factory.SelfAttribute("batch.organization")
    order = factory.SelfAttribute("batch.order")
    variant = factory.SubFactory(
        ProductVariantFactory, product__organization=factory.SelfAttribute("...organization")
    )
    product = factory.SelfAttribute("variant.product")
    sequence_number = factory.Sequence(lambda number: number + 1)
    code = factory.LazyAttribute(
        lambda unit: unit_text(_stem(unit.variant, unit.order), unit.sequence_number, secret=SECRET)
    )


class ReverseJobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReverseJob

    class Params:
        running = factory.Trait(status="running")
        completed = factory.Trait(status="completed", progress=100)
        failed = factory.Trait(status="failed", error_code="internal_error")
        cancelled = factory.Trait(status="cancelled")

    batch = factory.SubFactory(BatchFactory)
    organization = factory.SelfAttribute("batch.organization")
    order = factory.SelfAttribute("batch.order")
    manufacturer_org = factory.SelfAttribute("organization")
    created_by = factory.SubFactory(UserFactory)


class ReverseJobExcludeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReverseJobExclude

    job = factory.SubFactory(ReverseJobFactory)
    organization = factory.SelfAttribute("job.organization")
    sequence_number = factory.Sequence(lambda number: number + 1)


class ReverseJobLogFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReverseJobLog

    job = factory.SubFactory(ReverseJobFactory)
    organization = factory.SelfAttribute("job.organization")
    message = "Job started (attempt 1)"


class PreparedCodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PreparedCode

    class Params:
        invalid = factory.Trait(status="invalid", invalid_reason="excluded")

    unit = factory.SubFactory(UnitCodeFactory)
    batch = factory.SelfAttribute("unit.batch")
    organization = factory.SelfAttribute("batch.organization")
    order = factory.SelfAttribute("batch.order")
    job = factory.SubFactory(ReverseJobFactory, batch=factory.SelfAttribute("..batch"))
    code = factory.SelfAttribute("unit.code")
    sequence_number = factory.SelfAttribute("unit.sequence_number")
    variant = factory.SelfAttribute("unit.variant")
    planned_case_number = factory.SelfAttribute("unit.planned_case_number")


class PackingPlanFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PackingPlan

    class Params:
        checked = factory.Trait(status="completed", progress=100, ready_count=1, case_count=1)
        applied = factory.Trait(status="completed", progress=100, phase="apply", packed_count=1)

    batch = factory.SubFactory(BatchFactory)
    organization = factory.SelfAttribute("batch.organization")
    order = factory.SelfAttribute("batch.order")
    created_by = factory.SubFactory(UserFactory)
    source = "paste"
    sha256 = "0" * 64


class PackingPlanRowFactory(factory.django.DjangoModelFactory):
    """A unit of a plan, refused because nobody knows it."""

    class Meta:
        model = PackingPlanRow

    plan = factory.SubFactory(PackingPlanFactory)
    organization = factory.SelfAttribute("plan.organization")
    row_no = factory.Sequence(lambda number: number + 1)
    position = 1
    raw_master = "CASE:1"
    raw = "zzz"
    outcome = "refused"
    reason = "not_found"


class ScanEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScanEvent

    batch = factory.SubFactory(BatchFactory)
    organization = factory.SelfAttribute("batch.organization")
    order = factory.SelfAttribute("batch.order")
    kind = "link_scan"
    actor = factory.SubFactory(UserFactory)


class ScanItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScanItem

    batch = factory.SubFactory(BatchFactory)
    organization = factory.SelfAttribute("batch.organization")
    user = factory.SubFactory(UserFactory)
    raw_text = "15"
    outcome = "listed"


class LabelPrinterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LabelPrinter

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda number: f"Printer {number}")
    host = "127.0.0.1"


class LabelSheetFactory(factory.django.DjangoModelFactory):
    """Unit labels 1 to 5 on one page."""

    class Meta:
        model = LabelSheet

    class Params:
        completed = factory.Trait(status="completed", progress=100, verified_count=1)
        failed = factory.Trait(status="failed", error_code="label_verification_failed")

    batch = factory.SubFactory(BatchFactory)
    organization = factory.SelfAttribute("batch.organization")
    order = factory.SelfAttribute("batch.order")
    kind = "unit"
    from_number = 1
    to_number = 5
    label_count = 5
    page_count = 1


def make_generated_batch(
    *,
    units: int = 1000,
    per_case: int = 100,
    spare_percent: int | str = 10,
    variants: dict[str, int] | None = None,
    **order_fields: Any,
) -> Batch:
    """A generated batch with cases, units and spares, as worked example B1 unless told otherwise.

    `variants` gives the units of each variant code: `{"JAS": 250, "MINT": 100}`. Codes are made
    with SECRET. Its order is `batch.order`; the product has the code TEA100.
    """
    order = OrderFactory(units_per_case=per_case, **order_fields)
    product = Product.objects.filter(organization=order.organization, product_code="TEA100").first()
    product = product or ProductFactory(organization=order.organization, product_code="TEA100")
    items = [
        OrderItemFactory(order=order, variant=_variant(product, code), qty=count)
        for code, count in (variants or {"MINT": units}).items()
    ]
    plan = plan_batch(
        [PlanItem(item.variant, item.qty) for item in items],
        units_per_case=per_case,
        percent=Decimal(spare_percent),
    )
    batch = BatchFactory(
        order=order,
        buffer_percent=Decimal(spare_percent),
        total_master_codes=plan.case_count,
        total_unique_codes=plan.unit_count,
        planned_unique_codes=plan.base_count,
    )
    _copy_cases(batch, plan)
    _copy_units(batch, plan)
    return batch


def _variant(product: Product, code: str) -> ProductVariant:
    found = ProductVariant.objects.filter(product=product, variant_code=code).first()
    return found or ProductVariantFactory(product=product, variant_code=code)


def _stem(variant: ProductVariant, order: Order) -> str:
    return unit_stem(
        prefix=settings.QR_UNIT_PREFIX,
        product_code=variant.product.product_code,
        variant_code=variant.variant_code,
        order_no=order.order_no,
    )


def _master_code(order: Order, number: int) -> str:
    return master_code(
        prefix=settings.QR_MASTER_PREFIX,
        order_no=order.order_no,
        case_number=number,
        secret=SECRET,
    )


def _copy_cases(batch: Batch, plan: BatchPlan) -> None:
    MasterCode.objects.bulk_create(
        MasterCodeFactory.build(
            batch=batch,
            case_number=case.number,
            planned_unit_count=case.unit_count,
            planned_variant=case.variant,
            is_mixed=case.is_mixed,
        )
        for case in plan.cases(1, plan.case_count)
    )


def _copy_units(batch: Batch, plan: BatchPlan) -> None:
    columns = (
        "organization_id, batch_id, order_id, product_id, variant_id, code, sequence_number, "
        "planned_case_number, is_buffer, status"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY qr_codes ({columns}) FROM STDIN") as copy,
    ):
        for block in plan.blocks(1, plan.unit_count):
            variant, stem = block.variant, _stem(block.variant, batch.order)
            keys = (batch.organization_id, batch.pk, batch.order_id, variant.product_id, variant.pk)
            status = "buffer_available" if block.is_spare else "generated"
            for sequence in range(block.first, block.last + 1):
                code = unit_text(stem, sequence, secret=SECRET)
                copy.write_row((*keys, code, sequence, block.case_number, block.is_spare, status))
