"""A packing plan, checked and applied by a worker process that is killed at an exact place again and again.

    python -m tests.chaos.plan_worker --at PLACE --times N

Makes a batch and a plan, then works on the plan in a forked child that is forked again whenever it
has killed itself. Each child comes a slice further. Prints what is true at the end as JSON.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import django
from django.db import Error, connection

CASES, PER_CASE = 60, 5
# Of the check and of the application: so that there are more slices than kills.
UNITS_A_SLICE, CASES_A_SLICE = 15, 2
POLL_SECONDS = 0.02
READING, JUDGING = "reading the file", "judging cases"
PACKING, WRITING = "packing a case", "writing what became of units"
BETWEEN_SLICES = "between slices"


def main() -> int:
    options = _parse()
    django.setup()
    plan_id = _make_plan()
    kills = 0
    for is_applied in (False, True):
        if is_applied:
            _apply(plan_id)
        while (status := _fork(plan_id, options.at if kills < options.times else None)) != 0:
            kills += os.WIFSIGNALED(status)
    facts = _tell(plan_id) | {"kills": kills}
    sys.stdout.write(json.dumps(facts) + "\n")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--at", required=True)
    parser.add_argument("--times", type=int, default=1)
    return parser.parse_args()


def _make_plan() -> UUID:
    from accounts.models import Role
    from qrtracking.services.packing_plans import submit_plan_text
    from tests.accounts.factories import OrganizationFactory, make_member
    from tests.qrtracking.factories import make_generated_batch

    name = f"plans-{os.getpid()}"
    batch = make_generated_batch(
        units=CASES * PER_CASE,
        per_case=PER_CASE,
        order_no=name.upper(),
        organization=OrganizationFactory(slug=name),
    )
    rows = [
        f"CASE:{case},{case * PER_CASE - PER_CASE + 1}-{case * PER_CASE}"
        for case in range(1, CASES + 1)
    ]
    manager = make_member(Role.MANAGER, organization=batch.organization, username=name)
    plan = submit_plan_text(actor=manager, batch_id=batch.pk, text="\n".join(rows))
    return UUID(str(plan.pk))


def _apply(plan_id: UUID) -> None:
    from qrtracking.models import PackingPlan
    from qrtracking.services.packing_plans import apply_packing_plan

    plan = PackingPlan.objects.get(pk=plan_id)
    apply_packing_plan(plan=plan, actor=plan.created_by)


def _fork(plan_id: UUID, place: str | None) -> int:
    """How a child ended that has worked on the plan; 0 when the plan's job is over."""
    # A connection of its own for each process.
    connection.close()
    child = os.fork()
    if child == 0:
        os._exit(_work(plan_id, place))
    return os.waitpid(child, 0)[1]


def _work(plan_id: UUID, place: str | None) -> int:
    from jobs.runner import run_next
    from jobs.states import State
    from qrtracking.models import PackingPlan

    _listen(place)
    while True:
        try:
            run_next(PackingPlan)
            plan = PackingPlan.objects.get(pk=plan_id)
            if plan.state not in {State.WAITING, State.ACTIVE}:
                return 0
        except Error:
            connection.close()
        time.sleep(POLL_SECONDS)


def _listen(place: str | None) -> None:
    """Small slices, and the death of this process when it comes to the place a slice later."""
    from jobs import runner
    from qrtracking.services import plan_applying, plan_checking

    plan_checking.SLICE_UNITS, plan_checking.SLICE_CASES = UNITS_A_SLICE, CASES_A_SLICE
    plan_applying.SLICE_CASES = CASES_A_SLICE
    visits = 0

    def reached(here: str, *, at: int = 2) -> None:
        nonlocal visits
        visits += here == place
        if here == place and visits == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def look_between_slices() -> bool:
        reached(BETWEEN_SLICES)
        return False

    runner.is_stopping = look_between_slices
    _after(plan_checking, "write_rows", lambda: reached(READING))
    _after(plan_checking.statements, "execute", lambda: reached(JUDGING))
    # The first case of the second slice.
    _after(plan_applying, "settle_case", lambda: reached(PACKING, at=CASES_A_SLICE + 1))
    _after(plan_applying, "_write", lambda: reached(WRITING))


def _after(module: Any, name: str, call: Callable[[], None]) -> None:
    function = getattr(module, name)

    def followed(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        call()
        return result

    setattr(module, name, followed)


def _tell(plan_id: UUID) -> dict[str, Any]:
    from qrtracking.models import MasterCode, PackingPlan, PackingPlanRow, ScanEvent, UnitCode
    from qrtracking.services.verifying import list_differences

    plan = PackingPlan.objects.get(pk=plan_id)
    rows = PackingPlanRow.objects.filter(plan=plan)
    cases = MasterCode.objects.filter(batch_id=plan.batch_id)
    return {
        "status": plan.status,
        "phase": plan.phase,
        "counts": [plan.ready_count, plan.refused_count, plan.packed_count],
        "rows": rows.count(),
        "packed_rows": rows.filter(outcome="packed").values("unit").distinct().count(),
        "packed_units": UnitCode.objects.filter(master_code__in=cases).count(),
        "full_cases": cases.filter(status="packed", actual_unit_count=PER_CASE).count(),
        "events": ScanEvent.objects.filter(batch=plan.batch_id, kind="plan_import").count(),
        "differences": [str(one) for one in list_differences(batch_id=plan.batch_id)],
    }


if __name__ == "__main__":
    sys.exit(main())
