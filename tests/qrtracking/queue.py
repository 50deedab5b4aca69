"""A queue to link from: filled by one statement, read back as unit numbers."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from accounts.models import User
from qrtracking.models import Batch, MasterCode, PreparedCode, ReverseJob, UnitCode
from qrtracking.services.linking import LinkResult, link_from_queue
from tests.qrtracking.factories import ReverseJobFactory, make_generated_batch

PREPARE = """
    INSERT INTO qr_prepared_codes (
        organization_id, job_id, batch_id, order_id, code_id, code, sequence_number, variant_id,
        planned_case_number
    )
    SELECT
        organization_id, %(job)s, batch_id, order_id, id, code, sequence_number, variant_id,
        planned_case_number
    FROM qr_codes
    WHERE batch_id = %(batch)s
        AND sequence_number BETWEEN %(first)s AND %(last)s
        AND NOT is_buffer
        AND master_code_id IS NULL
        AND sequence_number <> ALL (%(exclude)s::integer[])
    ORDER BY sequence_number
"""


def make_jas_mint_batch() -> Batch:
    """Worked example 4: JAS 1-250, MINT 251-350, 100 per case; case 3 is mixed."""
    return make_generated_batch(order_no="ORD-HM-1125-04", variants={"JAS": 250, "MINT": 100})


def prepare(
    batch: Batch,
    *,
    first: int = 1,
    last: int = 2**31 - 1,
    exclude: Iterable[int] = (),
    job: ReverseJob | None = None,
) -> ReverseJob:
    """Put the free units of a stretch into the queue, as a completed job leaves them."""
    job = job or ReverseJobFactory(batch=batch, completed=True)
    parameters = {
        "job": job.pk,
        "batch": batch.pk,
        "first": first,
        "last": last,
        "exclude": list(exclude),
    }
    with connection.cursor() as cursor:
        cursor.execute(PREPARE, parameters)
    return job


def pack(batch: Batch, case_number: int, sequences: Iterable[int]) -> None:
    """Pack units another way, and leave their rows in the queue."""
    units = UnitCode.objects.filter(batch=batch, sequence_number__in=list(sequences))
    units.update(status="packed", master_code=case_of(batch, case_number))


def link(
    actor: User, batch: Batch, case_number: int = 0, *, label: str | None = None, **options: Any
) -> LinkResult:
    return link_from_queue(
        actor=actor,
        batch_id=batch.pk,
        order_id=batch.order_id,
        master_code=f"CASE:{case_number}" if label is None else label,
        **options,
    )


def case_of(batch: Batch, number: int) -> MasterCode:
    return MasterCode.objects.get(batch=batch, case_number=number)


def sequences_in(batch: Batch, case_number: int) -> list[int]:
    units = UnitCode.objects.filter(master_code=case_of(batch, case_number))
    return list(units.order_by("sequence_number").values_list("sequence_number", flat=True))


def live_sequences(batch: Batch) -> list[int]:
    live = PreparedCode.objects.live().filter(batch=batch).in_queue_order()
    return list(live.values_list("sequence_number", flat=True))
