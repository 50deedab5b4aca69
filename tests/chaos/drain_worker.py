"""A queue of phones, drained by a worker process that is killed at random moments.

    python -m tests.chaos.drain_worker --times N --seed S

Adds items, some of the same phones and some that are wrong, then drains in a forked child that is
killed from outside and forked again. Prints what is true at the end as JSON.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from typing import Any

import django
from django.db import Error, connection

ITEMS, PHONES, WRONG = 1_500, 400, 30
POLL_SECONDS = 0.02
# Between the start of a child and its death.
LEAST_SECONDS, MOST_SECONDS = 0.03, 0.4


def main() -> int:
    options = _parse()
    django.setup()
    chance = random.Random(options.seed)
    organization_id = _add(chance)
    kills = 0
    while kills < options.times:
        kills += _kill_one(organization_id, chance)
    child = _fork(organization_id)
    if os.waitpid(child, 0)[1]:
        return 1
    sys.stdout.write(json.dumps({"kills": kills, **_tell(organization_id)}) + "\n")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _add(chance: random.Random) -> Any:
    from tests.accounts.factories import OrganizationFactory
    from tests.inventory.factories import add, imei_of

    organization = OrganizationFactory(slug=f"drain-{os.getpid()}")
    good = [
        {"imei": imei_of(1 + n % PHONES), "location": f"L{n % 7}", "notes": str(n)}
        for n in range(ITEMS - WRONG)
    ]
    items = [*good, *[{"imei": "12"}] * WRONG]
    chance.shuffle(items)
    # Each death uses a retry of the items in hand up.
    for start in range(0, ITEMS, 500):
        add(organization, *items[start : start + 500], max_retries=10, undoable=True)
    return organization.pk


def _kill_one(organization_id: Any, chance: random.Random) -> bool:
    """Whether a child was killed; it may have been done before."""
    child = _fork(organization_id)
    time.sleep(chance.uniform(LEAST_SECONDS, MOST_SECONDS))
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _fork(organization_id: Any) -> int:
    # A connection of its own for each process.
    connection.close()
    child = os.fork()
    if child == 0:
        os._exit(_work(organization_id))
    return child


def _work(organization_id: Any) -> int:
    from inventory.models import ItemStatus, QueueDrain, QueueItem
    from inventory.services.tending import tend_queues
    from jobs.runner import run_next

    left = QueueItem.objects.filter(
        organization_id=organization_id, status__in=[ItemStatus.PENDING, ItemStatus.PROCESSING]
    )
    while True:
        try:
            tend_queues()
            run_next(QueueDrain, budget_seconds=1)
            if not left.exists():
                return 0
        except Error:
            connection.close()
        time.sleep(POLL_SECONDS)


def _tell(organization_id: Any) -> dict[str, Any]:
    from accounts.models import Organization
    from inventory.models import (
        Device,
        DeviceTest,
        Movement,
        ProcessingLog,
        QueueBatch,
        QueueItem,
        QueueItemUndo,
    )
    from tests.inventory.factories import assert_counts_fit, count_by_status

    organization = Organization.objects.get(pk=organization_id)
    assert_counts_fit(organization)
    mine = {"organization_id": organization_id}
    return {
        "items": count_by_status(organization),
        # Claims that deaths have cost: so they came in the middle of the work.
        "recovered": ProcessingLog.objects.filter(**mine, error_code="worker_lost").count(),
        "locked": QueueItem.objects.filter(**mine, lease_token__isnull=False).count(),
        "codes": sorted(
            set(
                QueueItem.objects.filter(**mine, status="failed").values_list(
                    "error_code", flat=True
                )
            )
        ),
        "devices": Device.objects.filter(**mine).count(),
        "tests": DeviceTest.objects.filter(**mine).count(),
        "intakes": Movement.objects.filter(**mine, reason="intake").count(),
        "images": QueueItemUndo.objects.filter(**mine).count(),
        "ended_batches": QueueBatch.objects.filter(
            **mine, status="completed", completion_no=1
        ).count(),
    }


if __name__ == "__main__":
    sys.exit(main())
