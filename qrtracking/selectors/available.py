"""Units of a batch that may still be packed, for clients that choose among them themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import User
from qrtracking import errors, statements
from qrtracking.models import FREE, Batch
from qrtracking.rules.text import Entry, as_columns

EXCLUDED_LISTED = 10_000


class AvailableUnit(NamedTuple):
    id: UUID
    code: str
    sequence_number: int
    product_code: str
    product_name: str
    variant_code: str
    variant_name: str
    status: str


@dataclass(frozen=True)
class Available:
    """A page of a batch's available units; what is excluded is available too, and left out."""

    units: list[AvailableUnit]
    total: int
    excluded_count: int
    excluded_codes: list[str]
    # Entries that name no unit of the batch, as they were typed.
    not_found: list[str]
    has_more: bool


def list_available(
    *,
    user: User,
    batch_id: UUID | None,
    order_id: UUID | None,
    entries: Sequence[Entry],
    after_sequence: int,
    limit: int,
) -> Available:
    """Raises NoAvailableCodes, also for batches that the user does not know."""
    named: dict[str, Any] = {"pk": batch_id, "order_id": order_id}
    batch = Batch.objects.filter(
        organization=user.organization, **{name: key for name, key in named.items() if key}
    ).first()
    if batch is None:
        raise errors.NoAvailableCodes
    excluded, not_found = _resolve(batch, entries)
    parameters = {
        "batch": batch.pk,
        "free": [str(status) for status in FREE],
        "excluded": excluded,
        "listed": EXCLUDED_LISTED,
        "after": after_sequence,
        "limit": limit + 1,
    }
    (total,) = statements.fetch_one("count_available", parameters)
    if not total:
        raise errors.NoAvailableCodes
    excluded_count, codes = statements.fetch_one("excluded_available", parameters)
    units = [AvailableUnit(*row) for row in statements.fetch_all("list_available", parameters)]
    return Available(
        units=units[:limit],
        total=total,
        excluded_count=excluded_count,
        excluded_codes=codes,
        not_found=not_found,
        has_more=len(units) > limit,
    )


def _resolve(batch: Batch, entries: Sequence[Entry]) -> tuple[str, list[str]]:
    columns = as_columns(entries)
    excluded, unknown = statements.fetch_one(
        "resolve_spans",
        {
            "organization": batch.organization_id,
            "batch": batch.pk,
            **columns,
        },
    )
    known = set(columns["positions"]).difference(unknown)
    return excluded, [entry.typed for at, entry in enumerate(entries) if at not in known]
