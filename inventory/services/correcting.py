"""A failed item, put right by a person: it is queued again as a new one, and the failed one stays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from inventory.errors import ItemCorrectedAlready, ItemNotFailed, ItemNotFound
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

    Pressed twice it is queued once. Raises ItemNotFound, ItemNotFailed, ItemCorrectedAlready,
    ItemNotStorable.
    """
    mine = QueueItem.objects.filter(organization_id=organization_id)
    failed = mine.select_for_update(no_key=True).filter(pk=item_id).first()
    if failed is None:
        raise ItemNotFound
    if failed.status != ItemStatus.FAILED:
        raise ItemNotFailed
    reference = uuid5(organization_id, f"correction of {failed.pk}: {json.dumps(data)}")
    queued = mine.filter(client_ref=reference).first()
    if queued is not None:
        raise ItemCorrectedAlready(queued.pk)
    added = add_items(
        organization_id=organization_id,
        actor=actor,
        items=[NewItem(data, client_ref=reference, line_no=failed.line_no)],
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
