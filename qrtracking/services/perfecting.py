"""Perfect case: an undamaged case takes all the units that were planned for it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.errors import DomainError, OrganizationRequired
from accounts.models import User
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import EventKind, MasterCode, Order, UnitCode, UnitStatus
from qrtracking.rules.text import parse_case_entry
from qrtracking.services.case_effects import pack_units, settle_case
from qrtracking.services.case_facts import CaseFacts, Event, check_order_open, read_case_facts
from qrtracking.services.case_locks import HeldCase, find_case, find_cases, hold_case

MAX_CHECKED = 2_000


@dataclass(frozen=True)
class PerfectResult:
    """What marking a case perfect did; the case is as it is now."""

    order: Order
    case: MasterCode
    linked_count: int
    already_complete: bool
    variant_count: int
    variant_name: str
    event_id: UUID | None

    @property
    def message(self) -> str:
        if self.already_complete:
            return "Case already marked perfect"
        number, count = self.case.case_number, self.case.actual_unit_count
        return f"Case #{number} marked perfect! All {count} codes linked automatically."


@dataclass(frozen=True)
class CheckedCases:
    """The texts as they were given, each once."""

    already_complete: list[str]
    not_found: list[str]
    available: list[str]

    @property
    def total_checked(self) -> int:
        return len(self.already_complete) + len(self.not_found) + len(self.available)


def mark_case_perfect(
    *,
    actor: User,
    master_code: str,
    order_id: UUID | None = None,
    force: bool = False,
    batch_id: UUID | None = None,
    client_uuid: UUID | None = None,
) -> PerfectResult:
    """Pack every unit that is planned for a case; `force` also fills up a case that has some.

    With `batch_id` the case may be named by `CASE:7`. A full case is no error. Raises, in this
    order, MasterCodeRequired, MasterCodeUnknown, OrderNotFound, WrongOrder, ClientUuidReused,
    BatchNotReady, OrderLocked, WorkerProcessed, CaseWithoutUnits, CaseCountWrong,
    UnitsInOtherCases and UnitsUnavailable.
    """
    if actor.organization is None:
        raise OrganizationRequired
    if not master_code.strip():
        raise packing_errors.MasterCodeRequired
    organization_id = actor.organization.pk
    case = find_case(
        organization_id=organization_id, entry=parse_case_entry(master_code), batch_id=batch_id
    )
    if case is None:
        raise packing_errors.MasterCodeUnknown
    if order_id is not None and order_id != case.order_id:
        raise _wrong_order(case, order_id)
    try:
        with transaction.atomic():
            held = hold_case(organization_id=organization_id, case_id=case.pk)
            if held is None:
                raise packing_errors.MasterCodeUnknown
            return _mark_perfect(actor, held, force=force, client_uuid=client_uuid)
    except IntegrityError as error:
        if "qr_scan_events_org_client_uniq" in str(error):
            raise errors.ClientUuidReused from error
        raise


def check_master_codes(*, actor: User, master_codes: Sequence[str]) -> CheckedCases:
    """Sort case labels: complete, unknown, or still to be packed; changes nothing.

    Raises MasterCodesRequired or TooManyMasterCodes.
    """
    if actor.organization is None:
        raise OrganizationRequired
    texts = list(dict.fromkeys(master_codes))
    if not texts:
        raise packing_errors.MasterCodesRequired
    if len(texts) > MAX_CHECKED:
        raise packing_errors.TooManyMasterCodes(MAX_CHECKED)
    found = find_cases(organization_id=actor.organization.pk, texts=texts)
    cases = MasterCode.objects.packed().filter(pk__in=[pk for pk in found if pk])
    full = set(cases.values_list("pk", flat=True))
    named = list(zip(texts, found, strict=True))
    return CheckedCases(
        already_complete=[text for text, pk in named if pk in full],
        not_found=[text for text, pk in named if pk is None],
        available=[text for text, pk in named if pk is not None and pk not in full],
    )


def _wrong_order(case: MasterCode, order_id: UUID) -> DomainError:
    working_on = Order.objects.filter(organization_id=case.organization_id, pk=order_id).first()
    if working_on is None:
        return errors.OrderNotFound()
    return packing_errors.WrongOrder(belongs_to=case.order.order_no, working_on=working_on.order_no)


def _mark_perfect(
    actor: User, held: HeldCase, *, force: bool, client_uuid: UUID | None
) -> PerfectResult:
    order, case = held
    facts = read_case_facts(case, client_uuid=client_uuid)
    if facts.event is not None:
        return _repeat(held, facts, facts.event)
    check_order_open(facts)
    if facts.packed_count >= case.expected_unit_count:
        return _result(held, facts, linked=(), event_id=None)
    if facts.packed_count and not force:
        raise packing_errors.WorkerProcessed(
            scanned=facts.packed_count, total=case.expected_unit_count
        )
    units = [unit for unit in _choose_units(case) if unit.master_code_id != case.pk]
    event_id = pack_units(
        case,
        actor=actor,
        kind=EventKind.PERFECT,
        units=[unit.pk for unit in units],
        client_uuid=client_uuid,
    )
    settled = HeldCase(order, settle_case(case, actor=actor, order=order))
    return _result(settled, facts, linked=units, event_id=event_id)


def _choose_units(case: MasterCode) -> list[UnitCode]:
    """The units that make the case perfect, locked: planned and in it, spares for spoiled ones."""
    own = Q(batch_id=case.batch_id, planned_case_number=case.case_number)
    units = _lock(own | Q(master_code_id=case.pk))
    if not units:
        raise packing_errors.CaseWithoutUnits(case.case_number)
    spoiled = {unit.sequence_number: unit for unit in units if unit.status == UnitStatus.SPOILED}
    good = [unit for unit in units if unit.status != UnitStatus.SPOILED]
    known = {unit.pk for unit in good}
    spares = [unit for unit in _lock_spares(case, spoiled) if unit.pk not in known]
    for spare in [*spares, *good]:
        spoiled.pop(spare.replaces_sequence_no or 0, None)
    _check(case, [*good, *spares], list(spoiled.values()))
    return [*good, *spares]


def _check(case: MasterCode, units: Sequence[UnitCode], spoiled: Sequence[UnitCode]) -> None:
    """`spoiled` are those that no spare replaces."""
    found = len(units) + len(spoiled)
    if found != case.expected_unit_count:
        raise packing_errors.CaseCountWrong(
            number=case.case_number, expected=case.expected_unit_count, found=len(units)
        )
    elsewhere = [unit for unit in units if unit.master_code_id not in (None, case.pk)]
    if elsewhere:
        raise packing_errors.UnitsInOtherCases(len(elsewhere), masters=_masters(elsewhere))
    unavailable = [*spoiled, *(unit for unit in units if not _may_be_in(case, unit))]
    if unavailable:
        codes = [unit.code for unit in sorted(unavailable, key=lambda one: one.sequence_number)]
        raise packing_errors.UnitsUnavailable(number=case.case_number, codes=codes)


def _may_be_in(case: MasterCode, unit: UnitCode) -> bool:
    return (
        unit.master_code_id == case.pk or unit.is_free or unit.status == UnitStatus.BUFFER_AVAILABLE
    )


def _masters(units: Iterable[UnitCode]) -> list[tuple[str, int]]:
    cases = MasterCode.objects.filter(pk__in={unit.master_code_id for unit in units})
    return list(cases.order_by("case_number").values_list("master_code", "case_number"))


def _lock(which: Q) -> list[UnitCode]:
    return list(UnitCode.objects.filter(which).order_by("pk").select_for_update(no_key=True))


def _lock_spares(case: MasterCode, sequences: Collection[int]) -> list[UnitCode]:
    if not sequences:
        return []
    replacing = Q(batch_id=case.batch_id, is_buffer=True, replaces_sequence_no__in=sequences)
    return _lock(replacing & ~Q(status=UnitStatus.SPOILED))


def _repeat(held: HeldCase, facts: CaseFacts, event: Event) -> PerfectResult:
    if event.kind != EventKind.PERFECT or event.case_id != held.case.pk:
        raise errors.ClientUuidReused
    units = UnitCode.objects.filter(master_code=held.case, packed_event_id=event.pk)
    return _result(held, facts, linked=list(units), event_id=event.pk)


def _result(
    held: HeldCase, facts: CaseFacts, *, linked: Sequence[UnitCode], event_id: UUID | None
) -> PerfectResult:
    inside = {*facts.packed, *(unit.variant_id for unit in linked)}
    return PerfectResult(
        order=held.order,
        case=held.case,
        linked_count=len(linked),
        already_complete=event_id is None,
        variant_count=len(inside),
        variant_name=facts.variant_names(inside),
        event_id=event_id,
    )
