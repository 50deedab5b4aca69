"""Rows of a plan, with the cases and units that they name, written by COPY."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from jobs.statements import copying
from qrtracking.models import Batch, MasterCode, PackingPlan, PlanOutcome, PlanReason
from qrtracking.rules.plan_rows import PlanRow, PlanUnit
from qrtracking.services.case_locks import find_cases
from qrtracking.services.named_units import Named, find_units

_ROWS = (
    "COPY qr_packing_plan_rows (organization_id, plan_id, row_no, position, raw_master, raw, "
    "master_code_id, code_id, outcome, reason, detail) FROM STDIN"
)


@dataclass(frozen=True)
class Target:
    """The case that a row names: of the plan's batch, or of another one."""

    case_id: UUID
    batch_id: UUID


@dataclass(frozen=True)
class _Names:
    """What the texts of some rows mean, in the order of the units."""

    plan: PackingPlan
    targets: Mapping[int, Target]
    units: Mapping[int, Named]
    order_numbers: Mapping[UUID, str]


def write_rows(
    plan: PackingPlan, rows: Sequence[PlanRow], *, may_have_header: bool = False
) -> str | None:
    """Write a row for each unit; what it names is looked up by a few statements for all of them.

    The first row is no row of the plan when it names no case at all: returns its text then.
    """
    targets = _find_targets(plan, rows)
    header = None
    if may_have_header and rows[0].row_no not in targets:
        header, rows = rows[0].raw_master, rows[1:]
    units = [(row, unit) for row in rows for unit in row.units()]
    entries = [unit.entry for _, unit in units]
    found = find_units(
        organization_id=plan.organization_id,
        batch_id=plan.batch_id,
        entries=entries,
        limit=len(entries),
    )
    elsewhere = {target.batch_id for target in targets.values()} | {one.batch_id for one in found}
    names = _Names(
        plan=plan,
        targets=targets,
        units={one.position: one for one in found},
        order_numbers=_order_numbers(elsewhere - {plan.batch_id}),
    )
    with copying(_ROWS) as copy:
        for line in _lines(names, rows):
            copy.write_row((plan.organization_id, plan.pk, *line))
    return header


def _find_targets(plan: PackingPlan, rows: Sequence[PlanRow]) -> dict[int, Target]:
    """The known cases by row number."""
    named = {row.row_no: row.case for row in rows if row.case is not None}
    labels = list({case.text for case in named.values() if case.number is None})
    by_label = dict(
        zip(labels, find_cases(organization_id=plan.organization_id, texts=labels), strict=True)
    )
    numbers = {case.number for case in named.values() if case.number is not None}
    by_number = dict(
        MasterCode.objects.filter(batch_id=plan.batch_id, case_number__in=numbers).values_list(
            "case_number", "pk"
        )
    )
    ids = {
        row_no: by_label[case.text] if case.number is None else by_number.get(case.number)
        for row_no, case in named.items()
    }
    known = MasterCode.objects.filter(pk__in={pk for pk in ids.values() if pk})
    batches = dict(known.values_list("pk", "batch_id"))
    return {row_no: Target(pk, batches[pk]) for row_no, pk in ids.items() if pk in batches}


def _order_numbers(batch_ids: set[UUID]) -> dict[UUID, str]:
    if not batch_ids:
        return {}
    batches = Batch.objects.filter(pk__in=batch_ids)
    return dict(batches.values_list("pk", "order__order_no"))


def _lines(names: _Names, rows: Sequence[PlanRow]) -> Iterator[tuple[object, ...]]:
    """The columns from `row_no` on."""
    place = 0
    for row in rows:
        target, reason, detail = _case(names, row)
        if not row.entries:
            outcome = (PlanOutcome.REFUSED, reason or PlanReason.NO_UNITS, detail)
            yield (row.row_no, 1, row.raw_master, "", target, None, *outcome)
        for position, unit in enumerate(row.units(), 1):
            unit_id, why, about = _unit(names, place, unit)
            place += 1
            if reason:
                why, about = reason, detail
            outcome = (PlanOutcome.REFUSED if why else None, why, about)  # type: ignore[assignment] # None: not judged yet
            yield (row.row_no, position, row.raw_master, unit.raw, target, unit_id, *outcome)


def _case(names: _Names, row: PlanRow) -> tuple[UUID | None, str, str]:
    """The case, or why it is none of the plan's batch."""
    target = names.targets.get(row.row_no)
    if target is None:
        return None, PlanReason.UNKNOWN_MASTER, ""
    if target.batch_id != names.plan.batch_id:
        number = names.order_numbers.get(target.batch_id, "")
        return None, PlanReason.MASTER_OF_OTHER_BATCH, number
    return target.case_id, "", ""


def _unit(names: _Names, place: int, unit: PlanUnit) -> tuple[UUID | None, str, str]:
    found = names.units.get(place)
    if found is None:
        return None, PlanReason.NOT_FOUND, ""
    if found.batch_id != names.plan.batch_id:
        return None, PlanReason.WRONG_BATCH, names.order_numbers.get(found.batch_id, "")
    return found.unit_id, "", ""
