"""What a scanned label means."""

import re
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from qrtracking import statements
from qrtracking.models import Batch, MasterCode, UnitCode
from qrtracking.rules.text import EntryKind, match_key, parse_case_entry, parse_entries

# GS1: the application identifier of a shipping container, then its number.
_SSCC_LABEL = re.compile(r"00([0-9]{18})")


class Label(NamedTuple):
    """What a scanned text means: a unit with its sequence, or a case with its number."""

    kind: str
    batch_id: UUID
    number: int


def find_label(*, user: User, text: str) -> Label | None:
    """The unit or case of the user's organization that one scanned label means."""
    entries = parse_entries(text)
    if user.organization is None or len(entries) != 1 or entries[0].kind is not EntryKind.CODE:
        return None
    shipping = _SSCC_LABEL.fullmatch(entries[0].text)
    if shipping:
        return _find_shipped(user, shipping[1])
    parameters = {"organization": user.organization.pk, "text": match_key(entries[0].text)}
    rows = statements.fetch_all("find_label", parameters)
    return Label(*rows[0]) if rows else None


def find_case(*, user: User, batch: Batch, text: str) -> MasterCode | None:
    """The case of the batch that a label, `CASE:42` or a bare number names."""
    entry = parse_case_entry(text, bare_numbers=True)
    if entry is None:
        return None
    number = entry.number
    if number is None:
        label = find_label(user=user, text=text)
        if label is None or label.kind != "case" or label.batch_id != batch.pk:
            return None
        number = label.number
    return MasterCode.objects.filter(batch=batch, case_number=number).first()


def list_linked_sequences(*, case: MasterCode, event_id: UUID) -> list[int]:
    units = UnitCode.objects.filter(master_code=case, packed_event_id=event_id)
    return list(units.order_by("sequence_number").values_list("sequence_number", flat=True))


def get_found_case(*, label: Label) -> MasterCode:
    cases = MasterCode.objects.filter(batch_id=label.batch_id, case_number=label.number)
    case: MasterCode = cases.get()
    return case


def get_found_unit(*, label: Label) -> UnitCode:
    units = UnitCode.objects.filter(batch_id=label.batch_id, sequence_number=label.number)
    unit: UnitCode = units.select_related("master_code", "variant").get()
    return unit


def _find_shipped(user: User, sscc: str) -> Label | None:
    cases = MasterCode.objects.filter(organization=user.organization, sscc=sscc)
    row = cases.values_list("batch_id", "case_number").first()
    return Label("case", *row) if row else None
