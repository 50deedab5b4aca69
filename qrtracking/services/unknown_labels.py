"""What a text is that names no case of the batch, told to the person who scanned it."""

from qrtracking.models import Batch
from qrtracking.rules import scan_words
from qrtracking.rules.text import parse_case_entry, parse_entries
from qrtracking.services.case_locks import find_case
from qrtracking.services.named_units import find_units


def words_for_no_case(batch: Batch, text: str) -> str:
    case = find_case(organization_id=batch.organization_id, entry=parse_case_entry(text))
    if case is not None:
        return scan_words.of_other_order(
            label="case", order_no=case.order.order_no, packing=batch.order.order_no
        )
    entries = parse_entries(text)
    units = find_units(
        organization_id=batch.organization_id, batch_id=None, entries=entries[:1], limit=1
    )
    return scan_words.UNIT_LABEL if units else scan_words.unknown_code(text.strip())
