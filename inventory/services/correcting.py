"""A failed item, put right by a person: it is queued again as a new one, and the failed one stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from inventory.errors import ItemNotFailed, ItemNotFound
from inventory.models import ItemStatus, LogAction, ProcessingLog, QueueItem
from inventory.services.adding import Added, NewItem, add_items

SOURCE = "correction"


@dataclass(frozen=True)
class Corrected:
    item: QueueItem
    added: Added


@transaction.atomic
def correct_item(
    *,
    organization_id: UUID,
    item_id: int,
    data: Mapping[str, Any],
    actor: User | None,
    now: datetime,
) -> Corrected:
    """Queue corrected data of a failed item as a new item in a batch of its own.

    Raises ItemNotFound, ItemNotFailed, ItemNotStorable.
    """
    failed = QueueItem.objects.filter(organization_id=organization_id, pk=item_id).first()
    if failed is None:
        raise ItemNotFound
    if failed.status != ItemStatus.FAILED:
        raise ItemNotFailed
    added = add_items(
        organization_id=organization_id,
        actor=actor,
        items=[NewItem(data, line_no=failed.line_no)],
        source=SOURCE,
        priority=failed.priority,
        max_retries=failed.max_retries,
        validation=failed.validation,
        undoable=True,
        now=now,
    )
    item = QueueItem.objects.get(organization_id=organization_id, batch_id=added.batch.batch_id)
    by = actor.get_username() if actor is not None else "the system"
    ProcessingLog.objects.create(
        organization_id=organization_id,
        queue_item_id=failed.pk,
        action=LogAction.RETRY,
        message=f"Corrected by {by} and queued again as item {item.pk}",
    )
    return Corrected(item, added)
