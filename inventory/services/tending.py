"""What a schedule does for queues, so that nothing that is due waits for somebody to come by."""

from uuid import UUID

import structlog
from django.db import Error, transaction

from inventory import statements
from inventory.services.claims import tend
from inventory.services.control import count_due, open_drains_unless_stopped

AT_ONCE = 10_000
ROUNDS = 30

logger = structlog.get_logger(__name__)


def tend_queues() -> None:
    """Recover lost leases, let delayed items in, open drains where rows are due, fold the ledger."""
    for (organization_id,) in statements.fetch_all("busy_organizations", {}):
        try:
            tend_queue(organization_id)
        except Error:
            # One organization's trouble is not the next one's: its turn comes again in a minute.
            logger.exception("queue not tended", organization=str(organization_id))
    fold_ledger()


def tend_queue(organization_id: UUID) -> None:
    for _ in range(ROUNDS):
        if tend(organization_id=organization_id, limit=AT_ONCE) < AT_ONCE:
            break
    with transaction.atomic():
        if count_due(organization_id):
            open_drains_unless_stopped(organization_id)


def fold_ledger() -> None:
    statements.execute("fold_counts", {})
