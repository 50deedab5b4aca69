from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from qrtracking.management.arguments import write
from qrtracking.services.retention import delete_expired_jobs, list_expired_jobs


class Command(BaseCommand):
    help = "Delete finished reverse jobs without live rows that are past their time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than", type=int, default=settings.QR_JOB_RETENTION_DAYS, metavar="DAYS"
        )
        parser.add_argument("--dry-run", action="store_true", help="count only")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if options["dry_run"]:
            facts = {"jobs": list_expired_jobs(older_than_days=days).count(), "dry_run": True}
        else:
            facts = {**delete_expired_jobs(older_than_days=days), "dry_run": False}
        write(self, facts, as_json=options["json"])
