"""Demo data: a warehouse with phones in stock, failures to look into, and work that waits."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.demo import Demo
from accounts.models import Organization, User
from inventory.models import (
    Location,
    QueueBatch,
    QueueImport,
    QueueItem,
    QueueSource,
    SkuRule,
    TacModel,
    Warehouse,
)
from inventory.rules.imei import check_digit
from inventory.rules.places import place_key
from inventory.services.adding import add_items
from inventory.services.claims import ClaimKind, claim
from inventory.services.importing import create_import
from inventory.services.learning import learn_tacs
from inventory.services.outcomes import failed_for_now, settle
from inventory.services.processing import process_slice
from inventory.services.tac_import import import_tacs
from jobs.runner import run_job
from jobs.states import State

WAREHOUSE = "demo-warehouse"
OPERATOR = "demo-operator"
LISTED_DEVICES = 5
SLICE = 200
FILE_NAME = "delivery.csv"
WAIT_SECONDS = 0.2

Phone = dict[str, Any]


@dataclass(frozen=True)
class Site:
    organization: Organization
    operator: User
    now: datetime


@dataclass(frozen=True)
class Plan:
    """A batch of the demo, known again by its source."""

    source: str
    phones: Callable[[], list[Phone]]
    options: dict[str, Any] = field(default_factory=dict)
    # What happens to its items in the transaction that adds them; nothing: they wait for tomorrow.
    work: Callable[[Site, QueueBatch], None] | None = None


def imei_of(number: int) -> str:
    """35, twelve digits and the check digit: 1 gives 350000000000014."""
    body = f"35{number:012d}"
    return body + check_digit(body)


def load(demo: Demo) -> dict[str, Any]:
    site = Site(demo.organizations[WAREHOUSE], demo.users[OPERATOR], demo.now)
    _furnish(site)
    batches = {name: _load_batch(site, plan) for name, plan in PLANS.items()}
    _learn(site)
    return {"inventory": describe(site, batches, _load_import(site))}


def describe(
    site: Site, batches: dict[str, QueueBatch], waiting_import: QueueImport
) -> dict[str, Any]:
    places = Location.objects.filter(organization=site.organization).order_by("id")
    retrying = QueueItem.objects.filter(
        organization=site.organization, batch_id=batches["retrying"].batch_id
    )
    return {
        "organization": site.organization.slug,
        "batches": {name: batch.batch_id for name, batch in batches.items()},
        "retrying_item": retrying.values_list("pk", flat=True).order_by("pk").first(),
        "import": str(waiting_import.pk),
        "places": list(places.values_list("name", flat=True)),
        "devices": [imei_of(number) for number in range(1, LISTED_DEVICES + 1)],
    }


def _furnish(site: Site) -> None:
    """Warehouses, places, sources and SKU rules."""
    mine = {"organization": site.organization}
    for warehouse, places in PLACES.items():
        hall, _ = Warehouse.objects.get_or_create(
            **mine,
            name_key=place_key(warehouse),
            defaults={"name": warehouse, "is_default": warehouse == DEFAULT_WAREHOUSE},
        )
        for place in places:
            Location.objects.get_or_create(
                **mine, warehouse=hall, name_key=place_key(place), defaults={"name": place}
            )
    for name, values in SOURCES.items():
        QueueSource.objects.get_or_create(**mine, name=name, defaults=values)
    for position, (sku, matches) in enumerate(SKU_RULES.items(), start=1):
        SkuRule.objects.get_or_create(**mine, sku=sku, defaults={"position": position, **matches})


@transaction.atomic
def _load_batch(site: Site, plan: Plan) -> QueueBatch:
    known = QueueBatch.objects.filter(organization=site.organization, source=plan.source)
    batch: QueueBatch | None = known.order_by("id").first()
    if batch is not None:
        return batch
    # Workers see nothing of it before it is as it is to be.
    batch = add_items(
        organization_id=site.organization.pk,
        actor=site.operator,
        items=plan.phones(),
        source=plan.source,
        scheduled_at=None if plan.work else _tomorrow_at_six(site.now),
        now=site.now,
        **plan.options,
    ).batch
    if plan.work is not None:
        plan.work(site, batch)
    return batch


def _tomorrow_at_six(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=6, minute=0, second=0, microsecond=0)


def _work_off(site: Site, batch: QueueBatch) -> None:
    while True:
        count, _ = process_slice(
            organization_id=site.organization.pk, kind=ClaimKind.CLEAN, limit=SLICE, worker="demo"
        )
        if not count.claimed:
            return


def _fail_twice(site: Site, batch: QueueBatch) -> None:
    """The database was busy, and there is one retry left. It waits a day, to be looked at."""
    item = QueueItem.objects.get(organization=site.organization, batch_id=batch.batch_id)
    for delay in (0, timedelta(days=1).total_seconds()):
        claimed = claim(
            organization_id=site.organization.pk,
            kind=ClaimKind.ONE,
            limit=1,
            worker="demo",
            item_id=item.pk,
        )
        failed = [
            replace(
                failed_for_now(one, code="database_busy", error="The database was busy"),
                delay=delay,
            )
            for one in claimed.items
        ]
        settle(failed, organization_id=site.organization.pk)


def _learn(site: Site) -> None:
    if not TacModel.objects.filter(organization=site.organization).exists():
        import_tacs(organization_id=site.organization.pk, file=BytesIO(CONFIRMED_TACS))
        learn_tacs(organization_id=site.organization.pk)


def _load_import(site: Site) -> QueueImport:
    """A file that was read and judged; somebody is to look at it and to queue it."""
    imports: Any = QueueImport.objects
    known = imports.filter(organization=site.organization, file_name=FILE_NAME)
    waiting: QueueImport = known.order_by("created_at").first() or create_import(
        organization_id=site.organization.pk,
        actor=site.operator,
        file=ContentFile("\n".join(_list_delivery()).encode()),
        file_name=FILE_NAME,
        location="Rack B1",
        now=site.now,
    )
    while waiting.state in {State.WAITING, State.ACTIVE}:
        if run_job(waiting) is None:
            # A worker has it.
            time.sleep(WAIT_SECONDS)
        waiting.refresh_from_db()
    return waiting


def _list_delivery() -> list[str]:
    """Six phones that nobody knows, two that are there, one twice, two that are refused."""
    phones = [*range(201, 207), 1, 2, 201]
    rows = [f"{imei_of(number)};iPhone 14;256GB;Blue" for number in phones]
    return ["IMEI;Model;Memory;Colour", *rows, "12;iPhone 14;256GB;Blue", "3.56938E+14;;;"]


def _tested_phones() -> list[Phone]:
    """Sixty phones from the test bench: most of one model, some of others, two not recognised."""
    return [_tested_phone(number) for number in range(1, 61)]


def _tested_phone(number: int) -> Phone:
    model, brand = ("iPhone 13", "Apple")
    if number % 10 == 0:
        model, brand = ("Galaxy S21", "Samsung")
    has_defect = number % 9 == 0
    phone = {
        "imei": imei_of(number),
        "brand": brand,
        "model": model,
        "storage": ("128GB", "256GB", "512GB")[number % 3],
        "color": ("Midnight", "Blue", "Pink", "Starlight")[number % 4],
        "carrier": ("Unlocked", "AT&T", "VZW")[number % 3],
        "location": ALL_PLACES[number % 5],
        "working": "NO" if has_defect else "YES",
        "batteryHealth": f"{79 + number % 21}%",
        "grade": "ABC"[number % 3],
        "testerName": "Robin",
    }
    if has_defect:
        phone["failed"] = "Face ID,Rear Camera"
    if number in UNRECOGNISED:
        del phone["brand"], phone["model"]
    return phone


def _returned_phones() -> list[Phone]:
    """Three that came before, and two that have gone to another place."""
    repeats = [{"imei": imei_of(number), "notes": "Recheck"} for number in (1, 2, 3)]
    there = {"warehouse": "Returns", "location": "Repair desk"}
    return [*repeats, *({"imei": imei_of(number), **there} for number in (4, 5))]


def _wrong_phones() -> list[Phone]:
    """One for each reason for which an IMEI is refused."""
    return [{**phone, "model": "iPhone 13"} for phone in WRONG.values()]


DEFAULT_WAREHOUSE = "Main hall"
PLACES = {
    DEFAULT_WAREHOUSE: ["Default Location", "Rack A1", "Rack A2", "Rack B1"],
    "Returns": ["Returns desk", "Repair desk"],
}
# In the default warehouse, by name alone.
ALL_PLACES = ["Rack A1", "Rack A2", "Rack B1", "Rack A1", "Rack A2"]
UNRECOGNISED = {7, 14}
SOURCES: dict[str, dict[str, Any]] = {
    "test-bench": {
        "json_schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "required": ["imei"],
            "properties": {
                "imei": {"type": "string", "maxLength": 40},
                "batteryHealth": {"type": ["string", "number"]},
                "working": {"enum": ["YES", "NO", "PENDING"]},
            },
        },
    },
    "returns-desk": {"default_location": "Rack B1", "validation": "strict", "max_retries": 5},
}
SKU_RULES = {
    "IP13-MID-UNL": {"match_model": "iPhone 13", "match_color": "Midnight"},
    "IP13-512": {"match_model": "iPhone 13", "match_storage": "512GB"},
    "SAMSUNG-MIX": {"match_brand": "Samsung"},
}
CONFIRMED_TACS = b"tac,brand,model\n35693803,Nokia,Nokia 3310\n49015420,Nokia,Nokia 6310\n"
WRONG: dict[str, Phone] = {
    "imei_missing": {"serialNumber": "F2LXX0001"},
    "imei_not_numeric": {"imei": "35693803564380A"},
    "imei_length": {"imei": "35693803564"},
    "imei_scientific": {"imei": "3.56938E+14"},
    "imei_number_ambiguous": {"imei": 35693803564380},
    "imei_multiple": {"imei": "490154203237518/356938035643809"},
    "imei_placeholder": {"imei": "000000000000000"},
    "imei_check_digit": {"imei": "356938035643808"},
}
PLANS = {
    "tested": Plan("test-bench", _tested_phones, work=_work_off),
    "returned": Plan("returns-desk", _returned_phones, {"undoable": True}, _work_off),
    "refused": Plan("paper-list", _wrong_phones, {"validation": "strict"}, _work_off),
    "scheduled": Plan(
        "night-delivery", lambda: [{"imei": imei_of(number)} for number in range(61, 101)]
    ),
    "retrying": Plan("single-add", lambda: [{"imei": imei_of(101)}], {"priority": 2}, _fail_twice),
}
