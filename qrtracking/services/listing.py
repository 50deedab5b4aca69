"""Scan & pack, label by label: units go on the list of a person, a case label packs the list."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from qrtracking.models import (
    Batch,
    MasterCode,
    Order,
    ScanItem,
    ScanOutcome,
    UnitCode,
    UnitStatus,
)
from qrtracking.rules import scan_words
from qrtracking.rules.buckets import Scanned
from qrtracking.rules.text import CaseEntry, Entry, EntryKind, parse_case_entry, parse_entries
from qrtracking.services.case_facts import CaseFacts, read_case_facts
from qrtracking.services.case_locks import HeldCase, find_case, hold_case
from qrtracking.services.named_units import Named, find_units, lock_units, scanned_of_unit
from qrtracking.services.packing import Station, pack_scanned, variants_of_case
from qrtracking.services.scan_list import list_items


@dataclass(frozen=True)
class Desk:
    """Who scans in which batch; `case_id` is the case that is open on the page."""

    actor: User
    batch: Batch
    case_id: UUID | None
    skip_case_validation: bool
    client_uuid: UUID

    def hold_open_case(self) -> HeldCase | None:
        """Lock the open case; None when there is none in this batch."""
        if self.case_id is None:
            return None
        held = hold_case(organization_id=self.batch.organization_id, case_id=self.case_id)
        return held if held and held.case.batch_id == self.batch.pk else None


@dataclass(frozen=True)
class Verdict:
    """What a scan led to. `fills` is the open case when the list now has all that it needs."""

    outcome: ScanOutcome
    message: str
    unit: UnitCode | None = None
    case: MasterCode | None = None
    event_id: UUID | None = None
    fills: HeldCase | None = None


def refuse(
    message: str, *, unit: UnitCode | None = None, case: MasterCode | None = None
) -> Verdict:
    return Verdict(ScanOutcome.REFUSED, message, unit=unit, case=case)


def judge_label(desk: Desk, text: str) -> Verdict:
    """A unit goes on the list, a case takes the list; raises the errors of packing."""
    entries = parse_entries(text)
    case_entry = parse_case_entry(text)
    if case_entry is None or case_entry.number is None:
        if len(entries) != 1 or entries[0].kind is EntryKind.RANGE:
            return refuse(scan_words.ONE_AT_A_TIME if entries else scan_words.unknown_code(text))
        named = find_units(
            organization_id=desk.batch.organization_id,
            batch_id=desk.batch.pk,
            entries=entries,
            limit=1,
        )
        if named:
            return _judge_unit(desk, named[0])
    return _judge_case(desk, case_entry, entries, text)


def pack_list(desk: Desk, held: HeldCase) -> Verdict:
    """Pack the actor's list into a case that this transaction holds; raises the errors of packing."""
    items = list(list_items(user=desk.actor, batch_id=desk.batch.pk))
    if not items:
        return refuse(scan_words.LIST_EMPTY, case=held.case)

    def read() -> list[Scanned]:
        units = lock_units(item.unit_id for item in items if item.unit_id)
        return [scanned_of_unit(units[item.unit_id]) for item in items if item.unit_id in units]

    station = Station(desk.actor, desk.skip_case_validation, desk.client_uuid)
    result = pack_scanned(station, held, read)
    message = scan_words.packed(
        case_number=result.case.case_number,
        count=result.linked_count,
        room=result.remaining_capacity,
        left=len(items) - result.linked_count,
        reasons=result.buckets.reasons,
    )
    return Verdict(ScanOutcome.LINKED, message, case=result.case, event_id=result.event_id)


def _judge_case(
    desk: Desk, case_entry: CaseEntry | None, entries: tuple[Entry, ...], text: str
) -> Verdict:
    case = find_case(
        organization_id=desk.batch.organization_id, entry=case_entry, batch_id=desk.batch.pk
    )
    if case is None:
        return refuse(scan_words.unknown_code(text.strip()))
    if case.batch_id != desk.batch.pk:
        return refuse(
            scan_words.of_other_order(
                label="case",
                order_no=case.order.order_no,
                packing=desk.batch.order.order_no,
            )
        )
    listed = list_items(user=desk.actor, batch_id=desk.batch.pk).count()
    if listed and desk.case_id not in (None, case.pk):
        opened = desk.hold_open_case()
        if opened and not opened.case.is_full:
            number = opened.case.case_number
            message = scan_words.other_case_open(case_number=number, listed=listed)
            return refuse(message, case=opened.case)
    held = hold_case(organization_id=case.organization_id, case_id=case.pk)
    if held is None:
        return refuse(scan_words.unknown_code(text.strip()))
    return pack_list(desk, held) if listed else _open(held.case)


def _open(case: MasterCode) -> Verdict:
    if case.is_full:
        return refuse(
            "This master case is already full. Please link remaining codes to another case.",
            case=case,
        )
    message = scan_words.case_open(
        case_number=case.case_number,
        count=case.actual_unit_count,
        total=case.expected_unit_count,
    )
    return Verdict(ScanOutcome.LINKED, message, case=case)


def _judge_unit(desk: Desk, named: Named) -> Verdict:
    if named.batch_id != desk.batch.pk:
        order = Order.objects.get(batch=named.batch_id)
        return refuse(
            scan_words.of_other_order(
                label="unit", order_no=order.order_no, packing=desk.batch.order.order_no
            )
        )
    # The case before its units, as everybody locks them.
    held = desk.hold_open_case()
    unit = lock_units([named.unit_id])[named.unit_id]
    facts = read_case_facts(held.case) if held else None
    opened = held.case if held else None
    message = _refusal_of_unit(desk, unit)
    if not message and opened and facts and not opened.is_full:
        message = _misfit(desk, unit, opened, facts)
    if message:
        return refuse(message, unit=unit, case=opened)
    return _list(desk, unit, held, facts)


def _refusal_of_unit(desk: Desk, unit: UnitCode) -> str:
    if unit.master_code is not None:
        return scan_words.packed_in(unit.master_code.case_number)
    if unit.status == UnitStatus.SPOILED:
        return scan_words.SPOILED
    if not unit.is_free and unit.status != UnitStatus.BUFFER_AVAILABLE:
        return scan_words.not_available(unit.sequence_number, unit.status)
    listed = ScanItem.objects.filter(unit=unit, outcome=ScanOutcome.LISTED)
    item = listed.select_related("user").first()
    if item is None:
        return ""
    if item.user_id == desk.actor.pk:
        return scan_words.on_own_list(unit.sequence_number)
    name = item.user.get_full_name() or item.user.get_username()
    return scan_words.on_list_of(unit.sequence_number, name)


def _misfit(desk: Desk, unit: UnitCode, case: MasterCode, facts: CaseFacts) -> str:
    """Why the unit does not go into the open case."""
    takes = variants_of_case(case, facts)
    if takes is not None and unit.variant_id not in takes:
        codes = [variant.code for pk, variant in facts.variants.items() if pk in takes]
        return scan_words.wrong_variant(
            case_number=case.case_number,
            takes=", ".join(codes),
            variant=unit.variant.variant_code,
        )
    planned = unit.planned_case_number
    if desk.skip_case_validation or planned is None or planned == case.case_number:
        return ""
    return scan_words.planned_elsewhere(
        sequence=unit.sequence_number, planned=planned, case_number=case.case_number
    )


def _list(desk: Desk, unit: UnitCode, held: HeldCase | None, facts: CaseFacts | None) -> Verdict:
    """Put the unit on the list; the list has one more unit than it has rows now."""
    inside = facts.packed_count if facts else 0
    count = list_items(user=desk.actor, batch_id=desk.batch.pk).count() + 1 + inside
    case = held.case if held else None
    total = case.expected_unit_count if case else desk.batch.order.units_per_case
    message = scan_words.added(
        sequence=unit.sequence_number,
        variant=unit.variant.variant_code,
        count=count,
        total=total,
    )
    fills = held if case and inside < case.expected_unit_count <= count else None
    return Verdict(ScanOutcome.LISTED, message, unit=unit, case=case, fills=fills)
