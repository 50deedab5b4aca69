from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from accounts.errors import DomainError
from accounts.models import User
from jobs.runner import run_job
from jobs.states import State
from qrtracking.management.arguments import get_actor, get_batch, write
from qrtracking.models import Batch, PackingPlan, PlanOutcome
from qrtracking.selectors.plans import list_lines
from qrtracking.services.packing_plans import apply_packing_plan, submit_plan_file

REFUSED_SHOWN = 100


class Command(BaseCommand):
    help = "Check a packing plan (CSV, TSV, XLSX) and, only with --apply, pack its cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", required=True, type=UUID)
        parser.add_argument("--file", required=True, type=Path, help="rows master,unit,unit,...")
        parser.add_argument("--apply", action="store_true", help="pack what the check found ready")
        parser.add_argument(
            "--skip-case-validation",
            action="store_true",
            help="take units planned for other cases as well",
        )
        parser.add_argument("--user", help="who packs; default: the first member who may")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = get_batch(options["batch"])
        actor = get_actor(batch, options["user"])
        try:
            plan = _check(batch, actor, options)
            if options["apply"] and plan.state is State.DONE:
                plan = _work_off(apply_packing_plan(plan=plan, actor=actor))
        except DomainError as error:
            raise CommandError(str(error)) from error
        write(self, _facts(plan), as_json=options["json"])
        if plan.state is State.FAILED:
            raise CommandError(plan.error_message or plan.error_code)


def _check(batch: Batch, actor: User, options: dict[str, Any]) -> PackingPlan:
    path: Path = options["file"]
    try:
        file = path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    with file:
        plan = submit_plan_file(
            actor=actor,
            batch_id=batch.pk,
            file=File(file),
            file_name=path.name,
            skip_case_validation=options["skip_case_validation"],
        )
    return _work_off(plan)


def _work_off(plan: PackingPlan) -> PackingPlan:
    while plan.state in {State.WAITING, State.ACTIVE}:
        worked = run_job(plan)
        if worked is None:
            raise CommandError("Another worker has this plan, or its type is paused.")
        plan = worked
    return plan


def _facts(plan: PackingPlan) -> dict[str, Any]:
    refused = list_lines(plan=plan, outcome=PlanOutcome.REFUSED, limit=REFUSED_SHOWN)
    return {
        "plan_id": str(plan.pk),
        "phase": plan.phase,
        "status": plan.status,
        "rows": plan.row_count,
        "ready": plan.ready_count,
        "refused": plan.refused_count,
        "packed": plan.packed_count,
        "cases": plan.case_count,
        "reasons": (plan.result_summary or {}).get("reasons", {}),
        "refused_rows": [
            {"row": line.row_no, "master": line.master, "unit": line.unit, "reason": line.reason}
            | {"text": line.text}
            for line in refused
        ],
    }
