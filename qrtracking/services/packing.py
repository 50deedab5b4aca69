"""Scan & pack: the scanned units go into the scanned case."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Min

from accounts.errors import DomainError, OrganizationRequired
from accounts.models import User
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import EventKind, MasterCode, Order, UnitCode
from qrtracking.rules.buckets import Bucket, Buckets, Fit, Scanned, sort_scanned
from qrtracking.rules.quotas import single_variant
from qrtracking.rules.text import Entry, parse_case_entry, parse_entries
from qrtracking.services.case_effects import pack_units, settle_case
from qrtracking.services.case_facts import CaseFacts, Event, check_case_open, read_case_facts
from qrtracking.services.case_locks import HeldCase, find_case, hold_case
from qrtracking.services.named_units import find_units, read_scanned, scanned_of_unit

MAX_CODES = 5_000


@dataclass(frozen=True)
class PackResult:
    """What one scan of a case packed, and why the other scanned units stayed out of it.

    The case is as it is now. A repeated scan has the units of the first one and empty buckets.
    """

    order: Order
    case: MasterCode
    buckets: Buckets
    linked_codes: list[str]
    event_id: UUID
    variant_name: str
    # The variants that this case takes, when units of others were refused.
    target_variant: str
    # Refused units by the name of their variant.
    skipped_variants: dict[str, int]

    @property
    def linked_count(self) -> int:
        return len(self.linked_codes)

    @property
    def unused_codes(self) -> list[str]:
        return [unit.code for unit in self.buckets.unused]

    @property
    def remaining_capacity(self) -> int:
        return self.case.remaining_capacity

    @property
    def is_complete(self) -> bool:
        return self.case.is_full

    def filtered_codes(self, bucket: Bucket) -> list[str]:
        return [unit.code for unit in self.buckets.filtered[bucket]]


@dataclass(frozen=True)
class Station:
    """Who packs, and how."""

    actor: User
    skip_case_validation: bool = False
    client_uuid: UUID | None = None


def link_scanned(
    *,
    actor: User,
    master_code: str,
    unique_codes: Sequence[str],
    skip_case_validation: bool = False,
    batch_id: UUID | None = None,
    client_uuid: UUID | None = None,
) -> PackResult:
    """Pack units, named in any form, into a case, up to its room.

    With `batch_id` the case must be of that batch and may be named by `CASE:7`. A `client_uuid`
    that has packed this case before gets the units of then. Raises, in this order, CodesRequired,
    TooManyCodes, MasterCodeUnknown, ClientUuidReused, BatchNotReady, OrderLocked, CaseFull, and
    when nothing can be packed NoValidCodes, NoCodesOfBatch, NoCodesOfCase or NoCodesFit.
    """
    if actor.organization is None:
        raise OrganizationRequired
    entries = parse_entries(unique_codes)
    if not master_code.strip() or not entries:
        raise packing_errors.CodesRequired
    if len(entries) > MAX_CODES:
        raise packing_errors.TooManyCodes
    organization_id = actor.organization.pk
    case = find_case(
        organization_id=organization_id, entry=parse_case_entry(master_code), batch_id=batch_id
    )
    if case is None or batch_id not in (None, case.batch_id):
        raise packing_errors.MasterCodeUnknown
    station = Station(actor, skip_case_validation, client_uuid)
    try:
        with transaction.atomic():
            return _link_entries(station, case, entries)
    except IntegrityError as error:
        if "qr_scan_events_org_client_uniq" in str(error):
            raise errors.ClientUuidReused from error
        raise


def pack_scanned(station: Station, held: HeldCase, read: Callable[[], list[Scanned]]) -> PackResult:
    """Pack what `read` gives (it locks the units) into a case that this transaction holds."""
    order, case = held
    facts = read_case_facts(case, client_uuid=station.client_uuid)
    if facts.event is not None:
        return _repeat(held, facts, facts.event)
    room = check_case_open(case, facts)
    fit = Fit(
        batch_id=case.batch_id,
        room=room,
        case_number=None if station.skip_case_validation else case.case_number,
        variants=variants_of_case(case, facts),
    )
    buckets = sort_scanned(read(), fit)
    if not buckets.linked:
        raise _refusal(case, buckets)
    event_id = pack_units(
        case,
        actor=station.actor,
        kind=EventKind.LINK_SCAN,
        units=[unit.unit_id for unit in buckets.linked if unit.unit_id],
        client_uuid=station.client_uuid,
    )
    return _result(
        held, facts, buckets, event_id, settle_case(case, actor=station.actor, order=order)
    )


def variants_of_case(case: MasterCode, facts: CaseFacts) -> Collection[UUID] | None:
    """The variants that a case takes; None when it is empty and planned for none."""
    if case.is_mixed:
        return set(facts.planned)
    variant_id = single_variant(packed=facts.packed, planned=case.planned_variant_id)
    return None if variant_id is None else {variant_id}


def _link_entries(station: Station, case: MasterCode, entries: Sequence[Entry]) -> PackResult:
    held = hold_case(organization_id=case.organization_id, case_id=case.pk)
    if held is None:
        raise packing_errors.MasterCodeUnknown

    def read() -> list[Scanned]:
        named = find_units(
            organization_id=case.organization_id,
            batch_id=case.batch_id,
            entries=entries,
            limit=MAX_CODES + 1,
        )
        if len(named) > MAX_CODES:
            raise packing_errors.TooManyCodes
        return read_scanned(batch_id=case.batch_id, entries=entries, named=named)

    return pack_scanned(station, held, read)


def _result(
    held: HeldCase, facts: CaseFacts, buckets: Buckets, event_id: UUID, case: MasterCode
) -> PackResult:
    inside = {*facts.packed, *(unit.variant_id for unit in buckets.linked if unit.variant_id)}
    refused = [unit.variant_id for unit in buckets.filtered[Bucket.WRONG_VARIANT]]
    names = Counter(facts.variants[pk].name for pk in refused if pk is not None)
    return PackResult(
        order=held.order,
        case=case,
        buckets=buckets,
        linked_codes=[unit.code for unit in buckets.linked],
        event_id=event_id,
        variant_name=facts.variant_names(inside),
        target_variant=facts.variant_names(set(buckets.targets)) if refused else "",
        skipped_variants=dict(names),
    )


def _repeat(held: HeldCase, facts: CaseFacts, event: Event) -> PackResult:
    """The result of an earlier scan, with those of its units that are still in the case."""
    if event.kind != EventKind.LINK_SCAN or event.case_id != held.case.pk:
        raise errors.ClientUuidReused
    units = UnitCode.objects.filter(master_code=held.case, packed_event_id=event.pk)
    scanned = [scanned_of_unit(unit) for unit in units.order_by("sequence_number")]
    return _result(held, facts, Buckets(linked=scanned), event.pk, held.case)


def _refusal(case: MasterCode, buckets: Buckets) -> DomainError:
    """Why nothing could be packed: the first step that nothing came past."""
    not_found, linked = buckets.count(Bucket.NOT_FOUND), buckets.count(Bucket.ALREADY_LINKED)
    if not_found + linked == buckets.total:
        return packing_errors.NoValidCodes(
            not_found=not_found, already_linked=linked, total=buckets.total
        )
    elsewhere = buckets.filtered[Bucket.WRONG_BATCH]
    if not_found + linked + len(elsewhere) == buckets.total:
        found = Counter(unit.batch_id for unit in elsewhere)
        return packing_errors.NoCodesOfBatch(batch_id=case.batch_id, found=found)
    if buckets.count(Bucket.WRONG_VARIANT) or buckets.count(Bucket.NOT_AVAILABLE):
        return packing_errors.NoCodesFit(issues=buckets.reasons, summary=buckets.summary)
    sequences = sorted(unit.sequence for unit in buckets.filtered[Bucket.WRONG_SEQUENCE])
    return packing_errors.NoCodesOfCase(
        case_number=case.case_number, planned=_planned_range(case), sequences=sequences
    )


def _planned_range(case: MasterCode) -> str:
    planned = UnitCode.objects.filter(
        batch_id=case.batch_id, planned_case_number=case.case_number
    ).aggregate(first=Min("sequence_number"), last=Max("sequence_number"))
    return f"{planned['first']}-{planned['last']}" if planned["first"] else "none"
