import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from jobs.runner import run_next
from qrtracking.management.arguments import write
from qrtracking.models import ReverseJob


class Command(BaseCommand):
    help = "Work off due reverse jobs in this process, for cron without HTTP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        how_long = parser.add_mutually_exclusive_group(required=True)
        how_long.add_argument("--once", action="store_true", help="one job, to its end")
        how_long.add_argument("--seconds", type=int, help="whatever is due, for so long")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        deadline = time.monotonic() + (options["seconds"] or 0)
        worked: list[dict[str, str]] = []
        while not worked or time.monotonic() < deadline:
            budget = float("inf") if options["once"] else deadline - time.monotonic()
            job = run_next(ReverseJob, budget_seconds=budget)
            if job is None:
                break
            worked.append({"job_id": str(job.pk), "status": job.status})
        facts = {"message": "No jobs to process"} if not worked else {"jobs": worked}
        write(self, facts, as_json=options["json"])
