"""Packing plans for tests: submitted as a person does it, worked off in the test's process."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.models import Role, User
from jobs.runner import run_job
from qrtracking.models import Batch, PackingPlan, PackingPlanRow
from qrtracking.services.packing_plans import apply_packing_plan, submit_plan_text
from tests.accounts.factories import make_member
from tests.qrtracking.queue import case_of

Outcome = tuple[str, str, str]


def manager_of(batch: Batch) -> User:
    manager = make_member(Role.MANAGER, organization=batch.organization)
    assert manager.organization == batch.organization
    return manager


def label(batch: Batch, number: int) -> str:
    return case_of(batch, number).master_code


def lines(batch: Batch, cases: dict[int, Iterable[object]]) -> str:
    """A line for each case: its label, then the units."""
    return "\n".join(
        ",".join([label(batch, number), *map(str, units)]) for number, units in cases.items()
    )


def check(batch: Batch, text: str, *, actor: User | None = None, **options: Any) -> PackingPlan:
    """A plan as it is when its check has ended."""
    plan = submit_plan_text(
        actor=actor or manager_of(batch), batch_id=batch.pk, text=text, **options
    )
    return run(plan)


def apply(plan: PackingPlan, *, actor: User | None = None) -> PackingPlan:
    """The plan when everything is packed."""
    return run(apply_packing_plan(plan=plan, actor=actor or manager_of(plan.batch)))


def run(plan: PackingPlan) -> PackingPlan:
    done = run_job(plan)
    assert done is not None
    return done


def outcomes(plan: PackingPlan) -> list[Outcome]:
    """(outcome, reason, detail) of each unit, in the order of the plan."""
    rows = PackingPlanRow.objects.filter(plan=plan).order_by("row_no", "position")
    return [(one.outcome, one.reason, one.detail) for one in rows]


def outcomes_by_line(plan: PackingPlan) -> dict[int, Sequence[Outcome]]:
    rows = PackingPlanRow.objects.filter(plan=plan).order_by("row_no", "position")
    found: dict[int, list[Outcome]] = {}
    for one in rows:
        found.setdefault(one.row_no, []).append((one.outcome, one.reason, one.detail))
    return found


def counters(plan: PackingPlan) -> tuple[int, int, int, int]:
    """What the rows say: units in all, ready, refused and packed."""
    words = Counter(PackingPlanRow.objects.filter(plan=plan).values_list("outcome", flat=True))
    assert set(words) <= {"ready", "refused", "packed"}
    return words.total(), words["ready"], words["refused"], words["packed"]


READY: Outcome = ("ready", "", "")
PACKED: Outcome = ("packed", "", "")


def refused(reason: str, detail: object = "") -> Outcome:
    return ("refused", reason, str(detail))
