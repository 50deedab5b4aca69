"""Phones and queues for tests: IMEIs by number, items posted and worked off."""

from datetime import UTC, datetime

from inventory.models import QueueBatch, QueueCount, QueueDrain, QueueItem
from inventory.rules.imei import check_digit
from inventory.services.adding import add_items
from inventory.services.claims import ClaimKind
from inventory.services.processing import process_slice
from jobs.runner import run_job

A, B = "490154203237518", "356938035643809"
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def imei_of(number):
    body = f"35{number:012d}"
    return body + check_digit(body)


def phones(first, last):
    return [{"imei": imei_of(number)} for number in range(first, last)]


def add(organization, *items, **options):
    """Through the front door; returns the batch."""
    values = {"organization_id": organization.pk, "actor": None, "now": NOW, **options}
    return add_items(items=items, **values).batch


def process(organization, kind=ClaimKind.CLEAN, limit=200):
    return process_slice(organization_id=organization.pk, kind=kind, limit=limit, worker="test")


def drain(organization, lane=1):
    """Work the queue off as a worker would; returns the drain."""
    waiting = QueueDrain.objects.filter(organization=organization, lane=lane, status="queued")
    return run_job(waiting.get())


def count_by_status(organization):
    """From the rows themselves."""
    items = QueueItem.objects.filter(organization=organization).order_by("id")
    counts = {}
    for status in items.values_list("status", flat=True):
        counts[status] = counts.get(status, 0) + 1
    return counts


def count_by_ledger(organization):
    counts = {}
    rows = QueueCount.objects.filter(organization=organization).order_by("id")
    for status, delta in rows.values_list("status", "row_delta"):
        counts[status] = counts.get(status, 0) + delta
    return {status: count for status, count in counts.items() if count}


def assert_counts_fit(organization):
    """The ledger and the batches say what the rows say."""
    assert count_by_ledger(organization) == count_by_status(organization)
    for batch in QueueBatch.objects.filter(organization=organization).order_by("id"):
        items = QueueItem.objects.filter(organization=organization, batch_id=batch.batch_id)
        statuses = list(items.order_by("id").values_list("status", flat=True))
        assert batch.processed_items - batch.cleared_items == statuses.count("completed")
        assert batch.failed_items - batch.discarded_items == statuses.count("failed")
        gone = batch.cleared_items + batch.discarded_items
        assert batch.total_items - gone == len(statuses)
