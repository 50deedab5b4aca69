import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from jobs.schedules import sync_schedules


class Command(BaseCommand):
    help = "Make the engine's schedules equal to those declared in code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = sync_schedules(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        done = ", ".join(f"{number} {verb}" for verb, number in counts.items())
        self.stdout.write(f"Schedules: {done}.")
