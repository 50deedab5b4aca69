"""What people and programs see of packing plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q

from accounts.models import User
from qrtracking.errors.plans import PlanNotFound
from qrtracking.models import Batch, MasterCode, PackingPlan, PackingPlanRow, PlanOutcome
from qrtracking.models.packing_plan import PackingPlanQuerySet
from qrtracking.rules.plan_words import reason_heading, reason_text

REFUSED_SHOWN = 100
PLANS_SHOWN = 20


class PlanLine(NamedTuple):
    """A unit of a plan with what becomes of it; `master` and `unit` as they were written."""

    row_no: int
    position: int
    master: str
    unit: str
    case_number: int | None
    outcome: str
    reason: str
    detail: str

    @property
    def text(self) -> str:
        return reason_text(self.reason, self.detail)


class PlanRowCount(NamedTuple):
    """A row of the file with its units counted."""

    row_no: int
    master: str
    case_number: int | None
    units: int
    ready: int
    refused: int
    packed: int


class PlanCase(NamedTuple):
    """A case of a plan; how full it is now, and what the plan has for it."""

    case_id: UUID
    case_number: int
    master_code: str
    actual: int
    expected: int
    ready: int
    refused: int
    packed: int

    @property
    def after(self) -> int:
        """Its units once what is ready has been packed."""
        return self.actual + self.ready


@dataclass(frozen=True)
class ReasonCount:
    reason: str
    count: int

    @property
    def text(self) -> str:
        return reason_heading(self.reason)


def list_plans(*, user: User) -> PackingPlanQuerySet:
    plans: PackingPlanQuerySet = PackingPlan.objects.visible_to(user).defer("cursor")
    return plans.select_related("order", "created_by", "applied_by")


def get_plan(*, user: User, plan_id: UUID) -> PackingPlan:
    """Raises PlanNotFound for what is unknown and what is foreign."""
    plan: PackingPlan | None = list_plans(user=user).filter(pk=plan_id).first()
    if plan is None:
        raise PlanNotFound
    return plan


def list_plans_of_batch(*, user: User, batch: Batch) -> list[PackingPlan]:
    """The newest ones first."""
    plans = list_plans(user=user).filter(batch=batch)
    return list(plans.order_by("-created_at", "-pk")[:PLANS_SHOWN])


def find_applied_twin(*, plan: PackingPlan) -> PackingPlan | None:
    """The last other plan of the batch with the same content of which something was packed."""
    twins = PackingPlan.objects.filter(
        batch_id=plan.batch_id, sha256=plan.sha256, packed_count__gt=0
    )
    found: PackingPlan | None = twins.exclude(pk=plan.pk).order_by("-created_at", "-pk").first()
    return found


def list_lines(
    *,
    plan: PackingPlan,
    outcome: PlanOutcome | None = None,
    after: tuple[int, int] = (0, 0),
    limit: int,
) -> list[PlanLine]:
    """In the order of the file, from behind the row and position `after`."""
    row_no, position = after
    rows = PackingPlanRow.objects.filter(plan=plan, row_no__gte=row_no)
    rows = rows.exclude(row_no=row_no, position__lte=position)
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    columns = (
        "row_no",
        "position",
        "raw_master",
        "raw",
        "master_code__case_number",
        "outcome",
        "reason",
        "detail",
    )
    found = rows.order_by("row_no", "position").values_list(*columns)[:limit]
    return [PlanLine(*values) for values in found]


def list_row_counts(*, plan: PackingPlan, after: int = 0, limit: int) -> list[PlanRowCount]:
    rows = PackingPlanRow.objects.filter(plan=plan, row_no__gt=after).values("row_no")
    counted = rows.annotate(
        master=Min("raw_master"),
        case_number=Min("master_code__case_number"),
        **_counts(),
    )
    found = counted.order_by("row_no").values_list(*PlanRowCount._fields)[:limit]
    return [PlanRowCount(*values) for values in found]


def list_plan_cases(*, plan: PackingPlan, after: UUID | None = None, limit: int) -> list[PlanCase]:
    """By the key of the case, which is the order in which the cases were made."""
    rows = PackingPlanRow.objects.filter(plan=plan, master_code__isnull=False)
    if after is not None:
        rows = rows.filter(master_code__gt=after)
    columns = ("master_code_id", "ready", "refused", "packed")
    counted = rows.values("master_code_id").annotate(**_counts()).order_by("master_code_id")
    found = list(counted.values_list(*columns)[:limit])
    cases = MasterCode.objects.in_bulk([values[0] for values in found])
    return [_plan_case(cases[pk], counts) for pk, *counts in found if pk in cases]


def list_reasons(*, plan: PackingPlan) -> list[ReasonCount]:
    """Why units of the plan are refused, the most frequent reason first."""
    counts = (plan.result_summary or {}).get("reasons", {})
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [ReasonCount(reason, count) for reason, count in ordered]


def _counts() -> dict[str, Count]:
    return {
        "units": Count("position"),
        **{
            word: Count("position", filter=Q(outcome=word))
            for word in (PlanOutcome.READY, PlanOutcome.REFUSED, PlanOutcome.PACKED)
        },
    }


def _plan_case(case: MasterCode, counts: Sequence[int]) -> PlanCase:
    return PlanCase(
        case.pk,
        case.case_number,
        case.master_code,
        case.actual_unit_count,
        case.expected_unit_count,
        *counts,
    )
