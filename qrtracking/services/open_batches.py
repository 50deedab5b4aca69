"""The first step of everything that a person does in a batch."""

from uuid import UUID

from accounts.errors import OrganizationRequired
from accounts.models import User
from qrtracking import errors
from qrtracking.models import Batch, Order
from qrtracking.services.case_locks import enter_order


def enter_batch(*, actor: User, batch_id: UUID) -> Batch:
    """Keep the batch's packing from being ended; whether it is open is not looked at.

    Raises OrganizationRequired or BatchNotFound.
    """
    if actor.organization is None:
        raise OrganizationRequired
    batches = Batch.objects.filter(organization=actor.organization, pk=batch_id)
    order_id = batches.values_list("order_id", flat=True).first()
    if order_id is None:
        raise errors.BatchNotFound
    enter_order(organization_id=actor.organization.pk, order_id=order_id)
    # Read again: it may have been completed while we waited.
    batch: Batch | None = batches.select_related("order").first()
    if batch is None:
        raise errors.BatchNotFound
    return batch


def enter_open_batch(*, actor: User, batch_id: UUID) -> Batch:
    """As `enter_batch`; raises BatchNotReady and OrderLocked as well."""
    batch = enter_batch(actor=actor, batch_id=batch_id)
    check_batch_open(batch)
    return batch


def check_batch_open(batch: Batch) -> None:
    """Raises BatchNotReady or OrderLocked."""
    if not batch.is_packable:
        raise errors.BatchNotReady(batch.status)
    if Order.objects.locked().filter(pk=batch.order_id).exists():
        raise errors.OrderLocked
