"""Whether the counts tell what the rows tell, and making them do so: after a TRUNCATE, or repairs."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from inventory import statements
from inventory.models import QueueBatch
from inventory.services.notices import tell_batch_ended

CHUNK = 500


@dataclass(frozen=True)
class Difference:
    kind: str
    organization_id: UUID
    # A status of the ledger, or the id of a batch.
    subject: str
    stored: int
    found: int

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "organization_id": str(self.organization_id)}


def list_differences(*, organization_id: UUID | None = None) -> list[Difference]:
    """Where ledger and batches differ from the rows, of one organization or of all."""
    rows = statements.fetch_all("recount", {"organization": organization_id})
    return [Difference(*row) for row in rows]


def fix_counts(*, organization_id: UUID | None = None) -> int:
    """Count anew what differs; returns how many sums and batches that were.

    A batch that has ended by this is told to others.
    """
    wrong = list_differences(organization_id=organization_id)
    batches = sorted({one.subject for one in wrong if one.kind.startswith("batch")})
    fixed = statements.execute("recount_ledger", {"organization": organization_id})
    for start in range(0, len(batches), CHUNK):
        fixed += _fix_batches(batches[start : start + CHUNK])
    return fixed


@transaction.atomic
def _fix_batches(batch_ids: list[str]) -> int:
    locked = QueueBatch.objects.filter(batch_id__in=batch_ids).order_by("batch_id")
    ids = list(locked.select_for_update(no_key=True).values_list("pk", flat=True))
    counted = statements.fetch_all("recount_batches", {"batches": ids})
    for batch_pk, has_ended in counted:
        if has_ended:
            tell_batch_ended(batch_pk)
    return len(counted)
