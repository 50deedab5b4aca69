import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import Organization
from jobs.runner import run_job
from jobs.states import State
from qrtracking.models import Batch, Product, ProductVariant
from qrtracking.services.generation import create_batch
from qrtracking.services.orders import NewItem, NewOrder, create_order

WAIT_SECONDS = 0.5


class VariantQuantity(NamedTuple):
    code: str
    qty: int
    units_per_case: int | None


def variant_quantity(text: str) -> VariantQuantity:
    code, *numbers = text.split(":")
    if not 1 <= len(numbers) <= 2 or not all(number.isdecimal() for number in numbers):
        raise ArgumentTypeError(f"{text!r} is not code:quantity")
    return VariantQuantity(code, int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else None)


def percent(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 <= value <= 100:
        raise ArgumentTypeError("a percentage is from 0 to 100")
    return value.quantize(Decimal("0.01"))


class Command(BaseCommand):
    help = "Create an approved order and generate its batch of codes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org", required=True, help="slug, id or name of the manufacturer")
        parser.add_argument("--product", required=True, help="product code; made when missing")
        parser.add_argument(
            "--variant",
            required=True,
            action="append",
            type=variant_quantity,
            metavar="CODE:QTY[:UNITS_PER_CASE]",
            help="repeatable; a variant that the product lacks is made",
        )
        parser.add_argument("--units-per-case", type=int, default=100)
        parser.add_argument("--spare-percent", type=percent, default=Decimal(10))
        parser.add_argument("--order-no", help="default: the next number of the month")
        parser.add_argument("--item-case-sizes", action="store_true")
        parser.add_argument("--background", action="store_true", help="leave it to the workers")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            batch = submit(options)
        except DomainError as error:
            raise CommandError(error.message) from error
        if not options["background"]:
            batch = work_off(batch)
        facts = describe(batch, seconds=time.perf_counter() - started)
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in facts.items()))
        if batch.state is State.FAILED:
            raise CommandError(batch.error_message or batch.error_code)


@transaction.atomic
def submit(options: dict[str, Any]) -> Batch:
    organization = find_organization(options["org"])
    product, _ = Product.objects.get_or_create(
        organization=organization,
        product_code=options["product"],
        defaults={"product_name": options["product"]},
    )
    order = NewOrder(
        items=[NewItem(find_variant(product, item.code), *item[1:]) for item in options["variant"]],
        order_no=options["order_no"],
        units_per_case=options["units_per_case"],
        qr_buffer_percent=options["spare_percent"],
    )
    return create_batch(
        order=create_order(organization=organization, order=order, now=timezone.now()),
        actor=None,
        use_item_case_sizes=options["item_case_sizes"],
    )


def find_organization(text: str) -> Organization:
    names = Q(slug=text) | Q(name__iexact=text)
    try:
        names |= Q(pk=UUID(text))
    except ValueError:
        names |= Q(pk__in=[])
    found = list(Organization.objects.filter(names)[:2])
    if len(found) != 1:
        raise CommandError(f"No single organization is called {text!r}")
    return found[0]


def find_variant(product: Product, code: str) -> ProductVariant:
    variant, _ = ProductVariant.objects.get_or_create(
        organization_id=product.organization_id,
        product=product,
        variant_code=code,
        defaults={"variant_name": code},
    )
    return variant


def work_off(batch: Batch) -> Batch:
    """Work on the batch here until it has ended; a worker may have taken it before us."""
    while batch.state in {State.WAITING, State.ACTIVE}:
        if run_job(batch) is None:
            time.sleep(WAIT_SECONDS)
        batch.refresh_from_db()
    return batch


def describe(batch: Batch, *, seconds: float) -> dict[str, Any]:
    return {
        "order_id": str(batch.order_id),
        "order_no": batch.order.order_no,
        "batch_id": str(batch.pk),
        "batch_code": batch.batch_code,
        "status": batch.status,
        "units": batch.planned_unique_codes,
        "spares": batch.spare_count,
        "cases": batch.total_master_codes,
        "seconds": round(seconds, 3),
        "codes_per_second": round(batch.total_unique_codes / seconds),
    }
