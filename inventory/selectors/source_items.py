"""The latest items of a source."""

from inventory.models import QueueBatch, QueueItem, QueueSource

SHOWN = 100
# No index finds items by their source; the newest batches of it lead to them.
BATCHES_READ = 100


def list_source_items(source: QueueSource) -> list[QueueItem]:
    """At most SHOWN, the newest first; of its newest batches."""
    mine = {"organization_id": source.organization_id}
    batches = QueueBatch.objects.filter(**mine, source=source.name).order_by("-created_at", "-id")
    found: list[QueueItem] = []
    for batch_id in batches.values_list("batch_id", flat=True)[:BATCHES_READ]:
        items = QueueItem.objects.filter(**mine, batch_id=batch_id).order_by("-id")
        found += items.only("raw_data")[: SHOWN - len(found)]
        if len(found) == SHOWN:
            break
    return found
