"""Another place in the queue for items that wait."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from inventory import statements
from inventory.errors import PriorityInvalid

CHUNK = 5_000
FIRST, LAST = 1, 10


def set_priority(*, organization_id: UUID, ids: Sequence[int], priority: int) -> int:
    """Give those of these items that are pending another priority; returns how many changed.

    Items in hand and ended ones stay as they are. Raises PriorityInvalid.
    """
    if isinstance(priority, bool) or not FIRST <= priority <= LAST:
        raise PriorityInvalid
    chunks = [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
    return sum(_set_some(organization_id, chunk, priority) for chunk in chunks)


@transaction.atomic
def _set_some(organization_id: UUID, ids: Sequence[int], priority: int) -> int:
    return statements.execute(
        "prioritise_items",
        {"organization": organization_id, "ids": list(ids), "priority": priority},
    )
