"""Linking: a scanned case takes the next units from the queue of its batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.errors import DomainError, OrganizationRequired
from accounts.models import User
from qrtracking import errors, statements
from qrtracking.models import EventKind, MasterCode, Order, UnitCode
from qrtracking.services.case_effects import settle_case
from qrtracking.services.case_facts import (
    CaseFacts,
    Event,
    check_case_open,
    read_case_facts,
)
from qrtracking.services.case_locks import enter_order, lock_case
from qrtracking.services.linking_queue import CaseQueue, Row

MAX_TARGET_UNITS = 100_000


@dataclass(frozen=True)
class LinkResult:
    """What one link did. Codes are in queue order; the case is as it is after the link."""

    case: MasterCode
    linked_codes: list[str]
    skipped_variant_codes: list[str]
    unused_codes: list[str]
    target_units: int
    event_id: UUID
    variant_name: str

    @property
    def linked_count(self) -> int:
        return len(self.linked_codes)

    @property
    def consumed_count(self) -> int:
        return len(self.linked_codes)

    @property
    def remaining_capacity(self) -> int:
        return self.case.remaining_capacity

    @property
    def is_complete(self) -> bool:
        return self.case.is_full

    @property
    def message(self) -> str:
        return f"Successfully linked {self.linked_count} codes to Case #{self.case.case_number}"


@dataclass(frozen=True)
class _Request:
    actor: User
    organization_id: UUID
    batch_id: UUID
    order_id: UUID
    master_code: str
    target_units: int | None
    same_case: bool
    client_uuid: UUID | None


def link_from_queue(
    *,
    actor: User,
    batch_id: UUID,
    order_id: UUID,
    master_code: str,
    target_units: int | None = None,
    same_case: bool = False,
    client_uuid: UUID | None = None,
) -> LinkResult:
    """Pack the next queued units into a case: up to `target_units`, or all that it has room for.

    Fewer than asked is a success. A `client_uuid` that has linked this case before gets the result
    of that link again. Raises, in this order, MasterCodeNotFound, MasterCodeOfOtherOrder,
    TargetUnitsInvalid, ClientUuidReused, BatchNotReady, OrderLocked, CaseFull and QueueEmpty,
    QueueOtherVariants or QueueOtherCases.

    An error changes nothing but this: rows of units that are no longer free leave the queue, also
    when nothing could be linked. A caller that rolls a transaction of its own back for the error
    undoes that too; the next link or housekeeping does it then.
    """
    if actor.organization is None:
        raise OrganizationRequired
    request = _Request(
        actor=actor,
        organization_id=actor.organization.pk,
        batch_id=batch_id,
        order_id=order_id,
        master_code=master_code,
        target_units=target_units,
        same_case=same_case,
        client_uuid=client_uuid,
    )
    try:
        with transaction.atomic():
            outcome = _link(request)
    except IntegrityError as error:
        if "qr_scan_events_org_client_uniq" in str(error):
            raise errors.ClientUuidReused from error
        raise
    # Outside the block: what left the queue stays out of it.
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def check_target_units(target_units: int | None) -> int | None:
    """The number asked for, None when the case decides; raises TargetUnitsInvalid."""
    if not target_units:
        return None
    if not 1 <= target_units <= MAX_TARGET_UNITS:
        raise errors.TargetUnitsInvalid
    return target_units


def _link(request: _Request) -> LinkResult | DomainError:
    order, case = _lock(request)
    target = check_target_units(request.target_units) or case.expected_unit_count
    facts = read_case_facts(case, client_uuid=request.client_uuid)
    if facts.event is not None:
        return _repeat(case, facts, facts.event, target)
    room = check_case_open(case, facts)
    queue = CaseQueue(case, facts, take=min(target, room), same_case=request.same_case)
    quotas = queue.choose_quotas()
    picked = queue.pick(quotas)
    unused = queue.drop_stale(picked.stale)
    if not picked.rows:
        return queue.explain_nothing(quotas)
    skipped = queue.list_skipped(picked.rows)
    event_id = _pack(request, case, picked.rows)
    return LinkResult(
        case=settle_case(case, actor=request.actor, order=order),
        linked_codes=[row.code for row in picked.rows],
        skipped_variant_codes=skipped,
        unused_codes=unused,
        target_units=target,
        event_id=event_id,
        variant_name=facts.variant_names({*facts.packed, *(row.variant_id for row in picked.rows)}),
    )


def _lock(request: _Request) -> tuple[Order, MasterCode]:
    order = enter_order(organization_id=request.organization_id, order_id=request.order_id)
    case = lock_case(
        organization_id=request.organization_id,
        batch_id=request.batch_id,
        entry=request.master_code,
    )
    if case is None or case.batch_id != request.batch_id:
        raise errors.MasterCodeNotFound
    if order is None or case.order_id != order.pk:
        raise errors.MasterCodeOfOtherOrder
    return order, case


def _pack(request: _Request, case: MasterCode, rows: Sequence[Row]) -> UUID:
    """Write the event, and what it does to the units and to their rows."""
    parameters = {
        "organization": case.organization_id,
        "batch": case.batch_id,
        "order": case.order_id,
        "kind": EventKind.LINK_QUEUE.value,
        "case": case.pk,
        "actor": request.actor.pk,
        "client_uuid": request.client_uuid,
        "rows": [row.pk for row in rows],
    }
    event_id: UUID = statements.fetch_one("link_pack", parameters)[0]
    return event_id


def _repeat(case: MasterCode, facts: CaseFacts, event: Event, target: int) -> LinkResult:
    """The result of an earlier link, with those of its units that are still in the case."""
    if event.kind != EventKind.LINK_QUEUE or event.case_id != case.pk:
        raise errors.ClientUuidReused
    units = UnitCode.objects.filter(master_code=case, packed_event_id=event.pk)
    return LinkResult(
        case=case,
        linked_codes=list(units.order_by("sequence_number").values_list("code", flat=True)),
        skipped_variant_codes=[],
        unused_codes=[],
        target_units=target,
        event_id=event.pk,
        variant_name=facts.variant_names(set(facts.packed)),
    )
