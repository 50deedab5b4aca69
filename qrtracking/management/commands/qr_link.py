import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import DomainError
from accounts.models import User
from qrtracking.management.arguments import case_numbers, get_actor, get_batch
from qrtracking.models import Batch
from qrtracking.services.linking import LinkResult, link_from_queue


class Command(BaseCommand):
    help = "Link cases of a batch from its queue, one after the other."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", required=True, type=UUID)
        parser.add_argument("--cases", required=True, type=case_numbers, help="for example 1-5,7")
        parser.add_argument(
            "--units", type=int, help="at most so many a case; default: all it takes"
        )
        parser.add_argument(
            "--same-case", action="store_true", help="only units planned for the case"
        )
        parser.add_argument("--user", help="who links; default: the first member who may")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = get_batch(options["batch"])
        actor = get_actor(batch, options["user"])
        cases = [
            _link_case(batch, actor, number, units=options["units"], same_case=options["same_case"])
            for number in options["cases"]
        ]
        failed = sum(1 for case in cases if not case["success"])
        facts = {
            "batch_id": str(batch.pk),
            "linked_cases": len(cases) - failed,
            "linked_count": sum(case.get("linked_count", 0) for case in cases),
            "failed": failed,
            "cases": cases,
        }
        self.stdout.write(json.dumps(facts) if options["json"] else _text(facts))
        if failed:
            raise CommandError(f"{failed} of {len(cases)} cases failed.")


def _link_case(
    batch: Batch, actor: User, number: int, *, units: int | None, same_case: bool
) -> dict[str, Any]:
    try:
        linked = link_from_queue(
            actor=actor,
            batch_id=batch.pk,
            order_id=batch.order_id,
            master_code=f"CASE:{number}",
            target_units=units,
            same_case=same_case,
        )
    except DomainError as error:
        return {
            "case_number": number,
            "success": False,
            "error": error.message,
            "code": error.code,
            **error.extra,
        }
    return {"case_number": number, "success": True, **_numbers(linked)}


def _numbers(linked: LinkResult) -> dict[str, Any]:
    return {
        "master_code": linked.case.master_code,
        "linked_count": linked.linked_count,
        "unused_count": len(linked.unused_codes),
        "actual_units": linked.case.actual_unit_count,
        "expected_units": linked.case.expected_unit_count,
        "is_complete": linked.is_complete,
        "status": linked.case.status,
        "event_id": str(linked.event_id),
    }


def _text(facts: dict[str, Any]) -> str:
    lines = [
        f"Case #{case['case_number']}: {case['linked_count']} units"
        if case["success"]
        else f"Case #{case['case_number']}: {case['error']}"
        for case in facts["cases"]
    ]
    return "\n".join([*lines, f"{facts['linked_count']} units in {facts['linked_cases']} cases"])
