"""The list of a person: scanned units of a batch that wait for a case."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from qrtracking.models import ScanItem, ScanOutcome
from qrtracking.services.open_batches import enter_open_batch


def list_items(*, user: User, batch_id: UUID) -> QuerySet[ScanItem]:
    """In the order of the scans; a unit that was packed another way is on no list any more."""
    items = ScanItem.objects.filter(
        organization=user.organization,
        batch_id=batch_id,
        user=user,
        outcome=ScanOutcome.LISTED,
        unit__master_code=None,
    )
    return items.select_related("unit__variant").order_by("pk")


@transaction.atomic
def remove_item(*, actor: User, batch_id: UUID, item_id: UUID) -> bool:
    """Take one unit off the actor's own list; False when it is not on it (any more)."""
    enter_open_batch(actor=actor, batch_id=batch_id)
    return _remove(list_items(user=actor, batch_id=batch_id).filter(pk=item_id)) > 0


@transaction.atomic
def clear_list(*, actor: User, batch_id: UUID) -> int:
    """Take all units off the actor's own list; returns their number."""
    enter_open_batch(actor=actor, batch_id=batch_id)
    return _remove(list_items(user=actor, batch_id=batch_id))


def take_off(item: ScanItem) -> bool:
    """False when it has been packed or taken off meanwhile."""
    return _remove(ScanItem.objects.filter(pk=item.pk)) > 0


def _remove(items: QuerySet[ScanItem]) -> int:
    # A plain filter of keys: an update cannot look at the unit.
    keys = list(items.values_list("pk", flat=True))
    listed = ScanItem.objects.filter(pk__in=keys, outcome=ScanOutcome.LISTED)
    return listed.update(outcome=ScanOutcome.REMOVED, updated_at=Now())
