"""What the benchmarks of qrtracking share: a manufacturer with batches, and a client that is signed in."""

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import django

from bench.database import vacuum

SMALL = 10_000
EXCLUDES = 5


def boot() -> None:
    """A process starts with Django and nothing else in its memory."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()


class Site(NamedTuple):
    """One manufacturer with a large batch and a small one, and a client that is signed in."""

    actor: Any
    client: Any
    large: Any
    small: Any


def make_site(units: int) -> tuple[Site, float]:
    """The site, and codes per second of generating the large batch."""
    from datetime import timedelta

    from django.test import Client

    from accounts.models import Membership, Organization, User
    from accounts.services import create_token
    from qrtracking.models import Product, ProductVariant

    organization = Organization.objects.create(kind="manufacturer", name="Bench", slug="bench")
    actor = User.objects.create(username="bench")
    Membership.objects.create(user=actor, organization=organization, role="manager")
    product = Product.objects.create(
        organization=organization, product_code="TEA100", product_name="Tea"
    )
    variant = ProductVariant.objects.create(
        organization=organization, product=product, variant_code="MINT", variant_name="Mint"
    )
    _, token = create_token(
        user=actor, organization=organization, name="bench", expires_in=timedelta(days=1)
    )
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token}"})
    small = generate(actor, variant, SMALL)
    started = time.perf_counter()
    large = generate(actor, variant, units)
    rate = units / (time.perf_counter() - started)
    vacuum("qr_codes", "qr_master_codes")
    return Site(actor, client, large, small), rate


def generate(actor: Any, variant: Any, units: int) -> Any:
    from decimal import Decimal

    from django.utils import timezone

    from qrtracking.services.generation import create_batch
    from qrtracking.services.orders import NewItem, NewOrder, create_order

    order = create_order(
        organization=actor.organization,
        order=NewOrder(items=[NewItem(variant, units)], qr_buffer_percent=Decimal(0)),
        now=timezone.now(),
    )
    return work_off(create_batch(order=order, actor=actor))


def work_off(job: Any) -> Any:
    from jobs.runner import run_job

    while job.status in {"queued", "processing", "running"}:
        job = run_job(job)
    return job


def submit(actor: Any, batch: Any, excludes: int = EXCLUDES) -> Any:
    from qrtracking.services.reverse_jobs import submit_reverse_job

    return submit_reverse_job(
        actor=actor,
        batch_id=batch.pk,
        order_id=batch.order_id,
        exclude_codes=[str(number) for number in range(1, excludes + 1)],
        notify_email=False,
    )


def require(answer: Any) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"HTTP {answer.status_code}: {answer.content[:500]!r}")


def timed_get(site: Site, path: str) -> float:
    started = time.perf_counter()
    answer = site.client.get(path)
    elapsed = (time.perf_counter() - started) * 1000
    require(answer)
    return elapsed


def timed_post(site: Site, path: str, body: Any) -> float:
    started = time.perf_counter()
    answer = site.client.post(path, body, "application/json")
    elapsed = (time.perf_counter() - started) * 1000
    require(answer)
    return elapsed


def statements(act: Callable[[], Any]) -> Iterator[str]:
    """What `act` runs, without the borders of transactions (BEGIN, SAVEPOINT, ...)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        act()
    borders = re.compile(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)\b")
    return (query["sql"] for query in captured if not borders.match(query["sql"]))
