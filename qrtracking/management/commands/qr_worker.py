import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.runner import run_next
from jobs.states import State
from qrtracking.management.arguments import write
from qrtracking.models import ReverseJob

NOTHING = "No jobs to process"


class Command(BaseCommand):
    help = "Work off due reverse jobs in this process, for cron without HTTP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        how_long = parser.add_mutually_exclusive_group(required=True)
        how_long.add_argument("--once", action="store_true", help="one job, to its end")
        how_long.add_argument("--seconds", type=int, help="whatever is due, for so long")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        deadline = time.monotonic() + (options["seconds"] or 0)
        worked: list[ReverseJob] = []
        while not worked or time.monotonic() < deadline:
            budget = float("inf") if options["once"] else deadline - time.monotonic()
            job = run_next(ReverseJob, budget_seconds=budget)
            if job is None:
                break
            worked.append(job)
        facts = {"jobs": [_describe(job) for job in worked]}
        write(self, facts if worked else {"message": NOTHING}, as_json=options["json"])
        failed = sum(1 for job in worked if job.state is State.FAILED)
        if failed:
            raise CommandError(f"{failed} of {len(worked)} jobs failed.")


def _describe(job: ReverseJob) -> dict[str, Any]:
    facts = {"job_id": str(job.pk), "status": job.status, "result": job.result_summary}
    if job.state is State.FAILED:
        facts |= {"error": job.error_message, "code": job.error_code}
    return facts
