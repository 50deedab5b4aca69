"""Checks that counters and rows tell the same story, and repairs the counters of cases."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from qrtracking import statements
from qrtracking.services.preparing import FREE_STATUSES


@dataclass(frozen=True)
class Difference:
    kind: str
    subject: str
    stored: int
    found: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def list_differences(*, batch_id: UUID | None = None) -> list[Difference]:
    """What breaks an invariant, of one batch or of all; at most 100 of each kind."""
    rows = statements.fetch_all("verify", {"batch": batch_id, "free": FREE_STATUSES})
    return [Difference(*row) for row in rows]


def fix_case_counts(*, batch_id: UUID | None = None) -> int:
    """Recount the units of each case whose counter is wrong; returns how many were."""
    return statements.execute("fix_case_counts", {"batch": batch_id})
