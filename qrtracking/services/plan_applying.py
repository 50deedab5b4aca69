"""Applying a packing plan: its cases are packed, some at a time, by the rules of Scan & pack.

Every unit is judged again under the locks of all who pack: what has happened since the check counts.
The units, the rows of the plan and the cursor of a slice commit together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F

from accounts.models import User
from jobs.registry import Continue, Done
from qrtracking import statements
from qrtracking.errors.plans import PlanApplierGone
from qrtracking.models import (
    Batch,
    EventKind,
    MasterCode,
    Order,
    PackingPlan,
    PackingPlanRow,
    PlanOutcome,
    PlanReason,
    ProductVariant,
    UnitCode,
)
from qrtracking.rules.buckets import Bucket, Buckets, Fit, Scanned, sort_scanned
from qrtracking.services.case_effects import pack_units, settle_case
from qrtracking.services.case_facts import read_case_facts
from qrtracking.services.case_locks import hold_cases
from qrtracking.services.named_units import lock_units, scanned_of_unit
from qrtracking.services.open_batches import check_batch_open
from qrtracking.services.packing import variants_of_case
from qrtracking.services.plan_checking import count_outcomes
from qrtracking.services.plan_slices import next_cases

SLICE_CASES = 20
# Cases may be large.
SLICE_UNITS = 20_000

Log = Callable[[str], None]


class Row(NamedTuple):
    row_no: int
    position: int
    case_id: UUID
    unit_id: UUID


class Verdict(NamedTuple):
    row_no: int
    position: int
    outcome: PlanOutcome
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True)
class _Slice:
    """What a slice works on: the cases and the units are locked."""

    plan: PackingPlan
    actor: User
    order: Order
    units: Mapping[UUID, UnitCode]
    # Of the cases in which some of the units lie already.
    holders: Mapping[UUID, int]
    variants: Mapping[UUID, str]


def apply_slice(plan: PackingPlan, *, log: Log) -> Continue | Done:
    """Pack the next cases of a locked plan.

    Raises BatchNotReady or OrderLocked when the order is closed: what was packed before stays.
    """
    cursor = {"at": None, "cases_done": 0, **plan.cursor}
    cases = next_cases(
        PackingPlanRow.objects.filter(plan=plan, outcome=PlanOutcome.READY),
        after=UUID(cursor["at"]) if cursor["at"] else None,
        cases=SLICE_CASES,
        units=SLICE_UNITS,
    )
    if not cases:
        return _done(plan)
    verdicts = _pack_cases(plan, cases)
    _write(plan, verdicts)
    cursor["at"], cursor["cases_done"] = str(cases[-1]), cursor["cases_done"] + len(cases)
    packed = sum(verdict.outcome is PlanOutcome.PACKED for verdict in verdicts)
    log(f"Packed {packed} units, {cursor['cases_done']} of {plan.case_count} cases done")
    changes = {
        "cursor": cursor,
        "ready_count": F("ready_count") - len(verdicts),
        "packed_count": F("packed_count") + packed,
        "refused_count": F("refused_count") + len(verdicts) - packed,
    }
    progress = min(99, 100 * cursor["cases_done"] // max(1, plan.case_count))
    return Continue(progress=progress, changes=changes)


def _pack_cases(plan: PackingPlan, case_ids: Sequence[UUID]) -> list[Verdict]:
    actor = plan.applied_by
    if actor is None:
        raise PlanApplierGone
    rows = _list_rows(plan, case_ids)
    held = hold_cases(organization_id=plan.organization_id, case_ids=case_ids)
    if held is None:
        return []
    order, cases = held
    # Before any unit: those of a completed batch belong to the one who moves them after their cases.
    check_batch_open(Batch.objects.get(pk=plan.batch_id))
    # All of the slice at once and in one sequence, as every packer does, so that nobody deadlocks.
    units = lock_units({row.unit_id for row in rows})
    part = _Slice(plan, actor, order, units, _case_numbers(units), _variant_codes(units))
    by_case: dict[UUID, list[Row]] = {}
    for row in rows:
        by_case.setdefault(row.case_id, []).append(row)
    return [
        verdict for case in cases for verdict in _pack_case(part, case, by_case.get(case.pk, []))
    ]


def _list_rows(plan: PackingPlan, case_ids: Sequence[UUID]) -> list[Row]:
    rows = PackingPlanRow.objects.filter(
        plan=plan, master_code__in=case_ids, outcome=PlanOutcome.READY
    )
    columns = ("row_no", "position", "master_code_id", "unit_id")
    return [Row(*values) for values in rows.order_by("row_no", "position").values_list(*columns)]


def _case_numbers(units: Mapping[UUID, UnitCode]) -> dict[UUID, int]:
    holders = {unit.master_code_id for unit in units.values() if unit.master_code_id}
    cases = MasterCode.objects.filter(pk__in=holders) if holders else MasterCode.objects.none()
    return dict(cases.values_list("pk", "case_number"))


def _variant_codes(units: Mapping[UUID, UnitCode]) -> dict[UUID, str]:
    variants = ProductVariant.objects.filter(pk__in={unit.variant_id for unit in units.values()})
    return dict(variants.values_list("pk", "variant_code"))


def _pack_case(part: _Slice, case: MasterCode, rows: Sequence[Row]) -> Iterator[Verdict]:
    facts = read_case_facts(case)
    fit = Fit(
        batch_id=case.batch_id,
        room=max(0, case.expected_unit_count - facts.packed_count),
        case_number=None if part.plan.skip_case_validation else case.case_number,
        variants=variants_of_case(case, facts),
    )
    buckets = sort_scanned([_scanned(part, row) for row in rows], fit)
    if buckets.linked:
        linked = [unit.unit_id for unit in buckets.linked if unit.unit_id]
        pack_units(case, actor=part.actor, kind=EventKind.PLAN_IMPORT, units=linked)
        settle_case(case, actor=part.actor, order=part.order)
    places: dict[UUID | None, tuple[int, int]] = {
        row.unit_id: (row.row_no, row.position) for row in rows
    }
    for unit in buckets.linked:
        yield Verdict(*places[unit.unit_id], PlanOutcome.PACKED)
    for unit, reason in _refused(buckets):
        detail = _detail(part, case, unit, reason)
        yield Verdict(*places[unit.unit_id], PlanOutcome.REFUSED, reason, detail)


def _scanned(part: _Slice, row: Row) -> Scanned:
    unit = part.units.get(row.unit_id)
    # A unit that is gone keeps its id, by which its row is found.
    return scanned_of_unit(unit) if unit else Scanned(code="", unit_id=row.unit_id)


def _refused(buckets: Buckets) -> Iterator[tuple[Scanned, str]]:
    for bucket, units in buckets.filtered.items():
        yield from ((unit, str(bucket)) for unit in units)
    yield from ((unit, str(PlanReason.CASE_FULL)) for unit in buckets.unused)


def _detail(part: _Slice, case: MasterCode, scanned: Scanned, reason: str) -> str:
    """What the reason is about, as the check tells it."""
    unit = part.units.get(scanned.unit_id) if scanned.unit_id else None
    if unit is None:
        return ""
    about: dict[str, object] = {
        Bucket.ALREADY_LINKED: part.holders.get(unit.master_code_id or case.pk, ""),
        Bucket.NOT_AVAILABLE: unit.status,
        Bucket.WRONG_VARIANT: part.variants.get(unit.variant_id, ""),
        Bucket.WRONG_SEQUENCE: unit.planned_case_number,
        PlanReason.CASE_FULL: case.expected_unit_count,
    }
    return str(about.get(reason, ""))


def _write(plan: PackingPlan, verdicts: Sequence[Verdict]) -> None:
    columns: list[list[Any]] = [list(column) for column in zip(*verdicts, strict=True)] or [[]] * 5
    names = ("row_nos", "positions", "outcomes", "reasons", "details")
    statements.execute("plan_verdicts", {"plan": plan.pk, **dict(zip(names, columns, strict=True))})


def _done(plan: PackingPlan) -> Done:
    totals = count_outcomes(plan)
    summary = {
        **(plan.result_summary or {}),
        "ready": totals.ready,
        "packed": totals.packed,
        "refused": totals.refused,
        "cases": totals.packed_cases,
        "reasons": totals.reasons,
    }
    return Done(
        summary=summary,
        message=(
            f"Job completed: {totals.packed} units packed into {totals.packed_cases} cases, "
            f"{totals.refused} refused"
        ),
        changes={"applied_at": plan.kernel_now, "cursor": {}},
    )
