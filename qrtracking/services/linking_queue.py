"""The queue as one case sees it: what it takes, what it clears away, what it passes over."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from qrtracking import errors, statements
from qrtracking.models import FREE, MasterCode
from qrtracking.rules.quotas import mixed_quotas, single_variant
from qrtracking.services.case_facts import CaseFacts

SKIPPED_LISTED = 100
# What an error tells of the queue is counted no further than this for each variant.
COUNTED_UP_TO = 10_000
LAST_SEQUENCE = 2**31 - 1

_FREE_STATUSES = [str(status) for status in FREE]


class Row(NamedTuple):
    """A row of the queue that this transaction has locked, with its unit."""

    pk: UUID
    unit_id: UUID
    code: str
    sequence: int
    variant_id: UUID
    is_free: bool


class Stretch(NamedTuple):
    variant: UUID
    first: int
    last: int


class Picked(NamedTuple):
    """The rows to link, and where rows that are no longer good stand between them."""

    rows: list[Row]
    stale: list[Stretch]


@dataclass(frozen=True)
class CaseQueue:
    """The queue of a batch for a locked case that has room for `take` more units."""

    case: MasterCode
    facts: CaseFacts
    take: int
    same_case: bool

    def choose_quotas(self) -> dict[UUID, int]:
        """How many units of which variants; empty when there is nothing to choose from."""
        packed = self.facts.packed
        if self.case.is_mixed:
            return mixed_quotas(planned=self.facts.planned, packed=packed, take=self.take)
        variant_id = single_variant(packed=packed, planned=self.case.planned_variant_id)
        if variant_id is None:
            ready = self._count_ready(limit=1, same_case=self.same_case)
            variant_id = next(iter(ready), None)
        return {} if variant_id is None else {variant_id: self.take}

    def pick(self, quotas: dict[UUID, int]) -> Picked:
        """Lock the next units of each variant, and keep the first of all of them."""
        found: list[Row] = []
        stale: list[Stretch] = []
        for variant_id, quota in quotas.items():
            rows = self._lock_rows(variant_id, quota)
            if not all(row.is_free for row in rows):
                first = rows[0].sequence
                rows = self._lock_rows(variant_id, quota, only_free=True)
                last = rows[-1].sequence if len(rows) == quota else LAST_SEQUENCE
                stale.append(Stretch(variant_id, first, last))
            found.extend(rows)
        found.sort(key=lambda row: (row.sequence, row.unit_id))
        return Picked(found[: self.take], stale)

    def _lock_rows(self, variant_id: UUID, limit: int, *, only_free: bool = False) -> list[Row]:
        parameters = self._parameters | {
            "variant": variant_id,
            "limit": limit,
            "only_free": only_free,
        }
        return [Row(*row) for row in statements.fetch_all("link_pick", parameters)]

    def drop_stale(self, stretches: Sequence[Stretch]) -> list[str]:
        """Take the rows out of the queue that stood in the way; give the first of their codes."""
        if not stretches:
            return []
        conditions, parameters = [], self._parameters
        for number, stretch in enumerate(stretches):
            names = [f"{name}_{number}" for name in Stretch._fields]
            conditions.append(
                "(live.variant_id = %({})s"
                " AND live.sequence_number BETWEEN %({})s AND %({})s)".format(*names)
            )
            parameters |= dict(zip(names, stretch, strict=True))
        sql = statements.load("link_drop_stale").replace("{reach}", " OR ".join(conditions))
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [code for (code,) in cursor.fetchall()]

    def list_skipped(self, rows: Sequence[Row]) -> list[str]:
        """Codes of other variants that were passed over and stay in the queue."""
        own = {*self.facts.planned, *(row.variant_id for row in rows)}
        others = [variant_id for variant_id in self.facts.variants if variant_id not in own]
        if not others:
            return []
        parameters = {
            **self._parameters,
            "variants": others,
            "last": rows[-1].sequence,
            "limit": SKIPPED_LISTED,
        }
        return [code for (code,) in statements.fetch_all("link_skipped", parameters)]

    def explain_nothing(self, quotas: Iterable[UUID]) -> errors.QueueEmpty:
        """The error when the queue has nothing for this case: it tells what there is for others."""
        ready = self._count_ready(limit=COUNTED_UP_TO, same_case=False)
        # An empty case that is planned for no variant takes any.
        wanted = set(quotas) or (set() if self.case.is_mixed else set(ready))
        if self.same_case and wanted.intersection(ready):
            return errors.QueueOtherCases()
        counts: Counter[str] = Counter()
        for variant_id, units in ready.items():
            if variant_id not in wanted:
                # Two products may have variants of the same code.
                counts[self.facts.variants[variant_id].code] += units
        return errors.QueueOtherVariants(counts) if counts else errors.QueueEmpty()

    def _count_ready(self, *, limit: int, same_case: bool) -> dict[UUID, int]:
        """What could be linked of each variant, the one whose unit comes first being first."""
        parameters = self._parameters | {"order": self.case.order_id, "limit": limit}
        if not same_case:
            parameters["case_number"] = None
        rows = statements.fetch_all("link_ready", parameters)
        return {variant_id: units for variant_id, units, _ in rows}

    @property
    def _parameters(self) -> dict[str, Any]:
        """What all statements over the queue share, in a dictionary of its own."""
        return {
            "batch": self.case.batch_id,
            "case_number": self.case.case_number if self.same_case else None,
            "free": _FREE_STATUSES,
        }
