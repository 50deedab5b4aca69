"""A warehouse with clients that are signed in, and phones as the contract's clients post them."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from statistics import median, quantiles
from typing import Any, NamedTuple

import psutil

from bench.database import execute
from bench.site import require

MODELS = [
    ("iPhone 13", "Apple", "128GB", "Blue", "Unlocked"),
    ("iPhone 13 Pro", "Apple", "256GB", "Sierra Blue", "AT&T"),
    ("iPhone 15 Pro Max", "Apple", "1TB", "Natural Titanium", "Verizon"),
    ("Galaxy S21+", "Samsung", "128GB", "Phantom Black", "T-Mobile"),
]
PLACES = 20
# Of 100 items one is wrong, and one names a phone that was posted before.
BAD_ONE_IN, REPEATED_ONE_IN = 100, 100


class Warehouse(NamedTuple):
    organization: Any
    actor: Any
    # A program with a token, and a person in the admin.
    client: Any
    admin: Any
    token: str


class Spread(NamedTuple):
    """Milliseconds: by the clock, and of CPU, ours and the server's, which other programs hardly
    change."""

    median: float
    p95: float
    cpu: float


def make_warehouse() -> Warehouse:
    from django.test import Client

    from accounts.models import Membership, Organization, User
    from accounts.services import create_token

    organization = Organization.objects.create(kind="warehouse", name="Bench", slug="bench")
    actor = User.objects.create(username="bench")
    Membership.objects.create(user=actor, organization=organization, role="manager")
    _, token = create_token(
        user=actor, organization=organization, name="bench", expires_in=timedelta(days=1)
    )
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token}"})
    admin = Client(SERVER_NAME="localhost")
    admin.force_login(User.objects.create(username="bench-admin", is_staff=True, is_superuser=True))
    return Warehouse(organization, actor, client, admin, token)


def imei_of(number: int) -> str:
    from inventory.rules.imei import check_digit

    body = f"35{number:012d}"
    return body + check_digit(body)


def phone(number: int) -> dict[str, Any]:
    """As long as the contract's: 100,000 of them are 33 MB."""
    model, brand, storage, color, carrier = MODELS[number % len(MODELS)]
    return {
        "imei": imei_of(number),
        "name": model,
        "brand": brand,
        "model": model,
        "storage": storage,
        "color": color,
        "carrier": carrier,
        "location": f"Shelf {number % PLACES}",
        "working": "NO" if number % 10 == 0 else "YES",
        "failed": "Face ID,Rear Camera" if number % 10 == 0 else "NO",
        "batteryHealth": f"{80 + number % 20}%",
        "batteryCycle": number % 900,
        "screenCondition": "Good",
        "bodyCondition": "Good",
        "notes": "",
        "testerName": "Bob",
        "serialNumber": f"SN{number:09d}",
        "quantity": 1,
    }


def phones(first: int, count: int) -> Iterator[dict[str, Any]]:
    return (phone(number) for number in range(first, first + count))


def mixed_phones(count: int) -> Iterator[dict[str, Any]]:
    """`count` phones of which some are wrong and some were posted before."""
    for number in range(1, count + 1):
        if number % BAD_ONE_IN == 50:
            yield {**phone(number), "imei": "12"}
        elif number % REPEATED_ONE_IN == 99:
            yield {**phone(number), "imei": imei_of(number - 1)}
        else:
            yield phone(number)


def body_of(items: Iterable[dict[str, Any]], priority: int = 5) -> bytes:
    return json.dumps({"items": list(items), "priority": priority}).encode()


def post(warehouse: Warehouse, path: str, body: bytes = b"") -> dict[str, Any]:
    answer = warehouse.client.post(f"/api/hybrid-queue/{path}", body, "application/json")
    require(answer)
    found: dict[str, Any] = answer.json()
    return found


def count_items(warehouse: Warehouse) -> dict[str, int]:
    from inventory.selectors.queue import get_counts

    return get_counts(warehouse.organization.pk)


def empty_queue() -> None:
    """All of the queue and of the stock; the ledger is not told by TRUNCATE."""
    execute(
        "TRUNCATE imei_data_queue, queue_count, queue_batch, queue_processing_log, item CASCADE"
    )
    execute("TRUNCATE queue_slice, queue_drain, django_q_ormq")


def time_runs(act: Callable[[], Any], runs: int) -> Spread:
    """The first run warms caches and does not count."""
    act()
    times = []
    spent = cpu_seconds()
    for _ in range(runs):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    cpu = (cpu_seconds() - spent) * 1000 / runs
    return Spread(median(times), quantiles(times, n=20, method="inclusive")[-1], cpu)


def cpu_seconds() -> float:
    """Of this process and of its connection's; without the second where the server is elsewhere."""
    from django.db import connection

    connection.ensure_connection()
    own = time.process_time()
    try:
        server = psutil.Process(connection.connection.info.backend_pid)
        return float(own + sum(server.cpu_times()[:2]))
    except psutil.NoSuchProcess:
        return own
