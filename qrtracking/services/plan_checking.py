"""The check of a packing plan: its file becomes rows, and each row is told whether it can be packed.

Nothing is packed and nobody is held up: what other people pack meanwhile is seen when the plan is
applied. The steps are *read* (a slice of the file), *repeats* (units that several rows name) and
*judge* (a slice of cases).
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from jobs.registry import Continue, Done
from qrtracking import statements
from qrtracking.errors.plans import PlanHasTooManyUnits
from qrtracking.models import FREE, PackingPlan, PackingPlanRow, PlanOutcome, UnitStatus
from qrtracking.rules.plan_rows import PlanRow
from qrtracking.services.plan_files import read_rows
from qrtracking.services.plan_slices import next_cases
from qrtracking.services.plan_writing import write_rows

SLICE_UNITS = 20_000
SLICE_CASES = 1_000
MAX_UNITS = 500_000
# From so many units on, the planner must know of them: it would compare each row with all others.
ANALYZE_FROM = 1_000
READ, JUDGE = 50, 95

Log = Callable[[str], None]

# A free spare may be packed as well.
PACKABLE_STATUSES = [*map(str, FREE), str(UnitStatus.BUFFER_AVAILABLE)]


@dataclass
class Cursor:
    """Where a check stands. It is stored as JSON in the plan's row."""

    step: str = "read"
    # The last line read, rows kept of the lines so far, and what they name.
    line: int = 0
    rows: int = 0
    units: int = 0
    # The first row, when it names no case.
    header: str | None = None
    slices: int = 0
    # Cases: the last one judged, how many are, and how many there are.
    at: str | None = None
    cases_done: int = 0
    cases: int = 0

    @classmethod
    def of(cls, plan: PackingPlan) -> "Cursor":
        return cls(**plan.cursor)

    def stored(self) -> dict[str, Any]:
        return dict(vars(self))


def check_slice(plan: PackingPlan, *, log: Log) -> Continue | Done:
    """Do the next slice of a locked plan."""
    cursor = Cursor.of(plan)
    match cursor.step:
        case "read":
            return _read(plan, cursor, log)
        case "repeats":
            return _mark_repeats(plan, cursor)
        case _:
            return _judge(plan, cursor)


def _read(plan: PackingPlan, cursor: Cursor, log: Log) -> Continue:
    rows, is_last = _next_rows(plan, cursor)
    if rows:
        is_first, cursor.line = cursor.line == 0, rows[-1].row_no
        header = write_rows(plan, rows, may_have_header=is_first)
        if header is not None:
            cursor.header, rows = header, rows[1:]
    cursor.rows += len(rows)
    cursor.units += sum(row.unit_count for row in rows)
    cursor.slices += 1
    if is_last:
        cursor.step = "repeats"
        log(f"Read {cursor.rows} rows: {cursor.units} units")
    progress = READ if is_last else min(READ - 5, 5 * cursor.slices)
    return Continue(
        progress=progress, changes={"cursor": cursor.stored(), "row_count": cursor.rows}
    )


def _next_rows(plan: PackingPlan, cursor: Cursor) -> tuple[list[PlanRow], bool]:
    """The next rows with about SLICE_UNITS units, and whether they are the last ones.

    Raises PlanHasTooManyUnits before any of them is taken apart.
    """
    rows: list[PlanRow] = []
    units = 0
    with closing(read_rows(plan, after=cursor.line)) as found:
        for row in found:
            rows.append(row)
            units += max(1, row.unit_count)
            if cursor.units + units > MAX_UNITS:
                raise PlanHasTooManyUnits
            if units >= SLICE_UNITS:
                return rows, False
    return rows, True


def _mark_repeats(plan: PackingPlan, cursor: Cursor) -> Continue:
    if cursor.units >= ANALYZE_FROM:
        _analyze()
    statements.execute("plan_repeats", {"plan": plan.pk})
    cursor.step = "judge"
    cursor.cases = _open_rows(plan).aggregate(n=Count("master_code", distinct=True))["n"]
    return Continue(progress=READ, changes={"cursor": cursor.stored()})


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE qr_packing_plan_rows")


def _judge(plan: PackingPlan, cursor: Cursor) -> Continue | Done:
    cases = next_cases(
        _open_rows(plan),
        after=UUID(cursor.at) if cursor.at else None,
        cases=SLICE_CASES,
        units=SLICE_UNITS,
    )
    if not cases:
        return _done(plan, cursor)
    parameters = {
        "plan": plan.pk,
        "cases": cases,
        "free": PACKABLE_STATUSES,
        "any_case": plan.skip_case_validation,
    }
    statements.execute("plan_judge", parameters)
    cursor.at = str(cases[-1])
    cursor.cases_done += len(cases)
    done = (JUDGE - READ) * cursor.cases_done // max(1, cursor.cases)
    return Continue(progress=READ + done, changes={"cursor": cursor.stored()})


def _open_rows(plan: PackingPlan) -> Any:
    return PackingPlanRow.objects.filter(plan=plan, outcome=None, master_code__isnull=False)


def _done(plan: PackingPlan, cursor: Cursor) -> Done:
    totals = count_outcomes(plan)
    summary = {
        "rows": cursor.rows,
        "units": totals.ready + totals.refused,
        "ready": totals.ready,
        "refused": totals.refused,
        "cases": totals.ready_cases,
        "reasons": totals.reasons,
        "header": cursor.header,
    }
    message = (
        f"Job completed: {totals.ready} units in {totals.ready_cases} cases can be packed, "
        f"{totals.refused} refused"
    )
    changes = {
        "row_count": cursor.rows,
        "ready_count": totals.ready,
        "refused_count": totals.refused,
        "case_count": totals.ready_cases,
        "cursor": {},
    }
    return Done(summary=summary, message=message, changes=changes)


@dataclass(frozen=True)
class Totals:
    """Of the rows of a plan; `reasons` counts the refused ones, the most frequent first."""

    ready: int
    refused: int
    packed: int
    ready_cases: int
    packed_cases: int
    reasons: dict[str, int]


def count_outcomes(plan: PackingPlan) -> Totals:
    rows = PackingPlanRow.objects.filter(plan=plan)
    counts = rows.values_list("outcome", "reason").annotate(
        units=Count("row_no"), cases=Count("master_code", distinct=True)
    )
    found = {(outcome, reason): (units, cases) for outcome, reason, units, cases in counts}
    refused = {
        reason: units for (word, reason), (units, _) in found.items() if word == PlanOutcome.REFUSED
    }
    ready = found.get((PlanOutcome.READY, ""), (0, 0))
    packed = found.get((PlanOutcome.PACKED, ""), (0, 0))
    return Totals(
        ready=ready[0],
        refused=sum(refused.values()),
        packed=packed[0],
        ready_cases=ready[1],
        packed_cases=packed[1],
        reasons=dict(sorted(refused.items(), key=lambda item: (-item[1], item[0]))),
    )
