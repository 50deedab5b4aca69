"""The queue of phones in a campaign: adds, drains and clients that ask for the next item."""

import random
from typing import Any

from django.db.models import Count, Q

from accounts.models import Organization
from inventory.models import (
    DeviceTest,
    Movement,
    ProcessingLog,
    QueueBatch,
    QueueDrain,
    QueueItem,
)
from inventory.services.next_item import process_next
from inventory.services.recounting import list_differences
from inventory.services.tending import tend_queues
from tests.chaos.workloads import Workload, workload
from tests.inventory.factories import add, imei_of

PHONES, PLACES = 120, 5
WRONG_ONE_IN = 12
# So many looks lie between two at all counters of the queue.
LOOKS = 5


@workload
class Phones(Workload):
    """Batches with few phones in many items, so that all of them want the same devices."""

    name = "phones"
    model = QueueDrain
    weight = 3

    def submit(self, organization: Organization, chance: random.Random) -> Any:
        items = [_phone(chance) for _ in range(chance.randint(20, 60))]
        # Each death uses a retry of the items in hand up.
        batch = add(organization, *items, max_retries=10, priority=chance.randint(1, 10))
        for _ in range(chance.randint(0, 3)):
            process_next(organization_id=organization.pk)
        return batch.pk

    def count_open(self) -> int:
        # What a schedule does every minute, so that the end of a campaign need not wait for it.
        tend_queues()
        return super().count_open() + QueueBatch.objects.filter(status="active").count()

    def look(self, number: int) -> list[str]:
        if number % LOOKS:
            return []
        return [f"{one.kind} {one.subject}: {one}" for one in list_differences()]

    def find_lost(self) -> list[str]:
        ended = set(QueueBatch.objects.exclude(status="active").values_list("pk", flat=True))
        return [f"batch {pk} lost" for pk in self.submitted if pk not in ended]

    def find_violations(self) -> list[str]:
        found = {
            "items not ended as they had to": _count_wrong_ends(),
            "items still locked": QueueItem.objects.filter(lease_token__isnull=False).count(),
            "items not tested exactly once": _count_untested(),
            "items that ended more than once": _count_ended_twice(),
            "devices that came in more than once": _count_intakes(),
            "batches announced more than once": QueueBatch.objects.exclude(completion_no=1).count(),
            "counters that differ": len(list_differences()),
        }
        return [f"{self.name}: {count} {what}" for what, count in found.items() if count]


def _phone(chance: random.Random) -> dict[str, Any]:
    if chance.randrange(WRONG_ONE_IN) == 0:
        return {"imei": "12"}
    place = f"Shelf {chance.randrange(PLACES)}"
    return {"imei": imei_of(chance.randint(1, PHONES)), "location": place}


def _count_wrong_ends() -> int:
    wrong = Q(raw_data__imei="12")
    refused = Q(status="failed", error_code="imei_length")
    right = (wrong & refused) | (~wrong & Q(status="completed"))
    return int(QueueItem.objects.exclude(right).count())


def _count_untested() -> int:
    completed = QueueItem.objects.filter(status="completed").count()
    tested = DeviceTest.objects.values("queue_item_id").distinct().count()
    return abs(completed - tested) + abs(tested - DeviceTest.objects.count())


def _count_ended_twice() -> int:
    ends = ProcessingLog.objects.filter(action__in=["completed", "failed"])
    each = ends.values("queue_item_id").annotate(times=Count("*"))
    return int(each.filter(times__gt=1).count())


def _count_intakes() -> int:
    intakes = Movement.objects.filter(reason="intake", from_location=None)
    return int(intakes.count() - intakes.values("organization", "imei").distinct().count())
