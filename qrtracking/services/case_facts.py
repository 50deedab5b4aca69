"""What decides about packing into a case, read in one statement once its lock is held."""

import json
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from qrtracking import errors, statements
from qrtracking.models import LOCKED, PACKABLE, MasterCode

_LOCKED_STATUSES = [str(status) for status in LOCKED]


class Variant(NamedTuple):
    code: str
    name: str


class Event(NamedTuple):
    pk: UUID
    kind: str
    case_id: UUID | None


@dataclass(frozen=True)
class CaseFacts:
    """`planned` is filled for mixed cases only; `event` is the one that has the caller's uuid."""

    batch_status: str
    is_locked: bool
    packed: dict[UUID, int]
    planned: dict[UUID, int]
    variants: dict[UUID, Variant]
    event: Event | None

    @property
    def packed_count(self) -> int:
        return sum(self.packed.values())

    def variant_names(self, variant_ids: set[UUID]) -> str:
        return ", ".join(variant.name for pk, variant in self.variants.items() if pk in variant_ids)


def read_case_facts(case: MasterCode, *, client_uuid: UUID | None = None) -> CaseFacts:
    parameters = {"case": case.pk, "locked": _LOCKED_STATUSES, "client_uuid": client_uuid}
    facts = json.loads(statements.fetch_one("link_facts", parameters)[0])
    return CaseFacts(
        batch_status=facts["batch_status"],
        is_locked=facts["is_locked"],
        packed={UUID(pk): count for pk, count in facts["packed"]},
        planned={UUID(pk): count for pk, count in facts["planned"]},
        variants={UUID(pk): Variant(code, name) for pk, code, name in facts["variants"]},
        event=_event(facts["event"]) if facts["event"] else None,
    )


def check_case_open(case: MasterCode, facts: CaseFacts) -> int:
    """How many more units the case takes, by those that lie in it.

    Raises BatchNotReady, OrderLocked or CaseFull.
    """
    check_order_open(facts)
    room = case.expected_unit_count - facts.packed_count
    if room <= 0:
        raise errors.CaseFull
    return room


def check_order_open(facts: CaseFacts) -> None:
    """Raises BatchNotReady or OrderLocked."""
    if facts.batch_status not in PACKABLE:
        raise errors.BatchNotReady(facts.batch_status)
    if facts.is_locked:
        raise errors.OrderLocked


def _event(row: list[str | None]) -> Event:
    pk, kind, case_id = row
    return Event(UUID(pk), str(kind), UUID(case_id) if case_id else None)
