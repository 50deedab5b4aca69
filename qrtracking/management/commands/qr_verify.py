from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from qrtracking.management.arguments import write
from qrtracking.services.verifying import fix_case_counts, list_differences


class Command(BaseCommand):
    help = "Check that counters and rows agree; exit 1 if any differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=UUID, help="default: all batches")
        parser.add_argument("--fix-counts", action="store_true", help="recount wrong cases first")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        fixed = fix_case_counts(batch_id=options["batch"]) if options["fix_counts"] else 0
        differences = [d.as_dict() for d in list_differences(batch_id=options["batch"])]
        write(self, {"fixed": fixed, "differences": differences}, as_json=options["json"])
        if differences:
            raise CommandError(f"{len(differences)} differences found.")
