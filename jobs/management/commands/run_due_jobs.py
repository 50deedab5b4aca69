import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from jobs.runner import run_due_jobs


class Command(BaseCommand):
    help = "Work off every due job in this process, for cron without workers and for debugging."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = run_due_jobs()
        text = json.dumps({"runs": runs}) if options["json"] else f"Ran {runs} due jobs."
        self.stdout.write(text)
