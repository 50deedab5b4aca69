"""One scan of a scan page: what it meant, kept with the words that answered it.

A scan has the uuid that its client gave it; sent again, it has the outcome that it had.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from accounts.errors import DomainError
from accounts.models import User
from qrtracking import errors
from qrtracking.models import Batch, MasterCode, ScanItem, ScanOutcome, UnitCode
from qrtracking.rules import scan_words
from qrtracking.rules.scan_words import Command, ScanAnswer
from qrtracking.rules.text import parse_case_entry
from qrtracking.services.case_locks import HeldCase, find_case
from qrtracking.services.linking import link_from_queue
from qrtracking.services.listing import Desk, Verdict, judge_label, pack_list, refuse
from qrtracking.services.open_batches import check_batch_open, enter_batch
from qrtracking.services.perfecting import mark_case_perfect
from qrtracking.services.scan_list import list_items
from qrtracking.services.undoing import undo_last
from qrtracking.services.unknown_labels import words_for_no_case

RAW_LENGTH = 500
_COLLISIONS = ("qr_scan_items_org_client_uniq", "qr_scan_items_listed_unit")


class ScanMode(StrEnum):
    """What a scanned case label does: takes the list, all its planned units, or the queue's next."""

    PACK = "pack"
    PERFECT = "perfect"
    REST = "rest"


@dataclass(frozen=True)
class QueueOptions:
    """How much a case takes from the queue in the mode `rest`: all that it has room for."""

    target_units: int | None = None
    same_case: bool = False


_ALL_IT_TAKES = QueueOptions()


@dataclass(frozen=True)
class ScanResult:
    """The stored answer to a scan; list and case are as they are now."""

    client_uuid: UUID
    outcome: ScanAnswer
    message: str
    list_count: int
    case: MasterCode | None
    unit: UnitCode | None
    event_id: UUID | None
    is_repeat: bool


@dataclass(frozen=True)
class _Scan:
    actor: User
    client_uuid: UUID
    text: str
    mode: ScanMode
    case_id: UUID | None
    skip_case_validation: bool
    queue: QueueOptions


def scan(
    *,
    actor: User,
    batch_id: UUID,
    client_uuid: UUID,
    text: str,
    mode: ScanMode = ScanMode.PACK,
    case_id: UUID | None = None,
    skip_case_validation: bool = False,
    queue: QueueOptions = _ALL_IT_TAKES,
) -> ScanResult:
    """Do what one scanned text means in a batch; what cannot be done is an outcome, not an error.

    `case_id` is the case that is open on the page. Raises OrganizationRequired, BatchNotFound, and
    ClientUuidReused when the uuid is that of a scan of somebody else or in another batch.
    """
    one = _Scan(actor, client_uuid, text, mode, case_id, skip_case_validation, queue)
    try:
        with transaction.atomic():
            return _scan_once(one, batch_id)
    except IntegrityError as error:
        if not any(name in str(error) for name in _COLLISIONS):
            raise
    # The same scan, sent twice at once: the other one is stored by now.
    with transaction.atomic():
        return _scan_once(one, batch_id)


def _scan_once(one: _Scan, batch_id: UUID) -> ScanResult:
    batch = enter_batch(actor=one.actor, batch_id=batch_id)
    stored = ScanItem.objects.filter(
        organization_id=batch.organization_id, client_uuid=one.client_uuid
    ).first()
    if stored is not None:
        return _repeat(one, batch, stored)
    desk = Desk(
        actor=one.actor,
        batch=batch,
        case_id=one.case_id if one.mode is ScanMode.PACK else None,
        skip_case_validation=one.skip_case_validation,
        client_uuid=one.client_uuid,
    )
    verdict = _judge(one, desk)
    item = _store(one, batch, verdict)
    if verdict.fills is not None:
        verdict = _fill(desk, item, verdict, verdict.fills)
    return _result(one, batch, verdict, is_repeat=False)


def _judge(one: _Scan, desk: Desk) -> Verdict:
    try:
        check_batch_open(desk.batch)
        command = scan_words.command_of(one.text)
        if command is not None:
            return _obey(command, desk)
        if len(one.text) > RAW_LENGTH:
            return refuse(scan_words.unknown_code(f"{one.text[:40]}…"))
        match one.mode:
            case ScanMode.PERFECT:
                return _mark_perfect(one, desk.batch)
            case ScanMode.REST:
                return _link_rest(one, desk.batch)
            case _:
                return judge_label(desk, one.text)
    except DomainError as error:
        return refuse(str(error.extra.get("message", error.message)))


def _obey(command: Command, desk: Desk) -> Verdict:
    if command is Command.CLOSE_CASE:
        held = desk.hold_open_case()
        return pack_list(desk, held) if held else refuse(scan_words.NO_CASE_OPEN)
    undone = undo_last(actor=desk.actor, batch_id=desk.batch.pk)
    return Verdict(ScanOutcome.REMOVED, undone.message, case=undone.case, event_id=undone.event_id)


def _mark_perfect(one: _Scan, batch: Batch) -> Verdict:
    label = _case_text(one.text)
    if (
        find_case(
            organization_id=batch.organization_id, entry=parse_case_entry(label), batch_id=batch.pk
        )
        is None
    ):
        return refuse(words_for_no_case(batch, one.text))
    marked = mark_case_perfect(
        actor=one.actor,
        master_code=label,
        order_id=batch.order_id,
        batch_id=batch.pk,
        client_uuid=one.client_uuid,
    )
    if marked.already_complete:
        return refuse(marked.message, case=marked.case)
    return Verdict(ScanOutcome.LINKED, marked.message, case=marked.case, event_id=marked.event_id)


def _link_rest(one: _Scan, batch: Batch) -> Verdict:
    try:
        linked = link_from_queue(
            actor=one.actor,
            batch_id=batch.pk,
            order_id=batch.order_id,
            master_code=_case_text(one.text),
            target_units=one.queue.target_units,
            same_case=one.queue.same_case,
            client_uuid=one.client_uuid,
        )
    except errors.MasterCodeNotFound:
        return refuse(words_for_no_case(batch, one.text))
    message = scan_words.filled_from_queue(
        case_number=linked.case.case_number, count=linked.linked_count
    )
    return Verdict(ScanOutcome.LINKED, message, case=linked.case, event_id=linked.event_id)


def _case_text(text: str) -> str:
    entry = parse_case_entry(text, bare_numbers=True)
    return f"CASE:{entry.number}" if entry and entry.number else text


def _store(one: _Scan, batch: Batch, verdict: Verdict) -> ScanItem:
    return ScanItem.objects.create(
        organization_id=batch.organization_id,
        batch=batch,
        user=one.actor,
        client_uuid=one.client_uuid,
        raw_text=one.text[:RAW_LENGTH],
        unit=verdict.unit,
        outcome=verdict.outcome,
        message=verdict.message,
        event_id=verdict.event_id,
    )


def _fill(desk: Desk, item: ScanItem, verdict: Verdict, held: HeldCase) -> Verdict:
    """The list has all that the open case still needs: pack it, if it fits."""
    try:
        packed = pack_list(desk, held)
    except DomainError:
        return verdict
    ScanItem.objects.filter(pk=item.pk).update(message=packed.message, updated_at=Now())
    return replace(packed, unit=verdict.unit)


def _repeat(one: _Scan, batch: Batch, item: ScanItem) -> ScanResult:
    if item.batch_id != batch.pk or item.user_id != one.actor.pk:
        raise errors.ClientUuidReused
    verdict = Verdict(
        ScanOutcome(item.outcome),
        item.message,
        unit=item.unit,
        case=_case_of_repeat(one, batch, item),
        event_id=item.event_id,
    )
    return _result(one, batch, verdict, is_repeat=True)


def _case_of_repeat(one: _Scan, batch: Batch, item: ScanItem) -> MasterCode | None:
    """The case that the scan packed or opened, else the one that is open on the page."""
    cases = MasterCode.objects.filter(batch=batch)
    if item.event is not None and item.event.master_code_id is not None:
        return cases.get(pk=item.event.master_code_id)
    named = find_case(
        organization_id=batch.organization_id,
        entry=parse_case_entry(item.raw_text),
        batch_id=batch.pk,
    )
    if named is not None or one.case_id is None:
        return named
    return cases.filter(pk=one.case_id).first()


def _result(one: _Scan, batch: Batch, verdict: Verdict, *, is_repeat: bool) -> ScanResult:
    is_refused = verdict.outcome == ScanOutcome.REFUSED
    return ScanResult(
        client_uuid=one.client_uuid,
        outcome=scan_words.answer_of(is_refused=is_refused, message=verdict.message),
        message=verdict.message,
        list_count=list_items(user=one.actor, batch_id=batch.pk).count(),
        case=verdict.case,
        unit=verdict.unit,
        event_id=verdict.event_id,
        is_repeat=is_repeat,
    )
