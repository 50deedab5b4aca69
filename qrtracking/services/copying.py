"""Rows of cases and units, written by COPY. The variants of a plan are places in `items`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from jobs.statements import copying
from qrtracking.models import Batch, UnitStatus
from qrtracking.rules.codes import master_code, unit_text
from qrtracking.rules.plan import Block, PlannedCase

_CASES = (
    "COPY qr_master_codes (organization_id, batch_id, order_id, master_code, case_number, "
    "planned_unit_count, expected_unit_count, planned_variant_id, is_mixed) FROM STDIN"
)
_UNITS = (
    "COPY qr_codes (organization_id, batch_id, order_id, product_id, variant_id, code, "
    "sequence_number, planned_case_number, is_buffer, status) FROM STDIN"
)
_NULL = r"\N"


@dataclass(frozen=True)
class Item:
    """An order item as it was when the generation began."""

    variant_id: str
    product_id: str
    stem: str
    qty: int
    units_per_case: int | None


def write_cases(
    batch: Batch, cases: Iterable[PlannedCase], *, items: Sequence[Item], order_no: str
) -> None:
    _copy(_CASES, (_case_line(batch, items, case, order_no) for case in cases))


def write_units(batch: Batch, blocks: Iterable[Block], *, items: Sequence[Item]) -> None:
    _copy(_UNITS, (_unit_lines(batch, _of(items, block.variant), block) for block in blocks))


def _case_line(batch: Batch, items: Sequence[Item], case: PlannedCase, order_no: str) -> str:
    code = master_code(
        prefix=settings.QR_MASTER_PREFIX,
        order_no=order_no,
        case_number=case.number,
        secret=_secret(),
    )
    variant = _NULL if case.is_mixed else _of(items, case.variant).variant_id
    numbers = (case.number, case.unit_count, case.unit_count)
    return _line(*_keys(batch), code, *numbers, variant, case.is_mixed)


def _unit_lines(batch: Batch, item: Item, block: Block) -> str:
    head = "\t".join([*map(str, _keys(batch)), item.product_id, item.variant_id])
    status = UnitStatus.BUFFER_AVAILABLE if block.is_spare else UnitStatus.GENERATED
    tail = _line(block.case_number or _NULL, block.is_spare, status.value)
    secret = _secret()
    return "".join(
        f"{head}\t{unit_text(item.stem, sequence, secret=secret)}\t{sequence}\t{tail}"
        for sequence in range(block.first, block.last + 1)
    )


def _keys(batch: Batch) -> tuple[UUID, UUID, UUID]:
    return batch.organization_id, batch.pk, batch.order_id


def _line(*values: object) -> str:
    return "\t".join(map(str, values)) + "\n"


def _of(items: Sequence[Item], variant: object) -> Item:
    return items[int(str(variant))]


def _secret() -> bytes:
    secret: str = settings.QR_HASH_SECRET
    return secret.encode()


def _copy(statement: str, lines: Iterable[str]) -> None:
    with copying(statement) as copy:
        for text in lines:
            copy.write(text)
