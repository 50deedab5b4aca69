"""What a monitoring system is told of the queues: one value for each organization."""

from collections.abc import Iterator

from inventory.selectors.queues import list_measures
from jobs.gauges import Gauge, gauges

LABELS = ("organization",)
MEASURES = {
    "due": "Items that wait and may be taken now",
    "delayed": "Items that wait for their time",
    "processing": "Items in hand",
    "failed": "Items that failed for good and are still in the queue",
    "stuck": "Items in hand whose worker seems lost",
    "oldest_wait_seconds": "How long the oldest due item has waited",
    "items_per_minute": "Items that ended, a minute, over the last five minutes",
}


@gauges
def read_queue_gauges() -> Iterator[Gauge]:
    measures = list_measures()
    for name, text in MEASURES.items():
        values: dict[tuple[str, ...], float] = {
            (one.slug,): float(getattr(one, name)) for one in measures
        }
        yield Gauge(f"batchworks_queue_{name}", text, LABELS, values)
