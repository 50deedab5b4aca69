from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from qrtracking.management.arguments import write
from qrtracking.services.retention import (
    count_expired,
    delete_expired_files,
    delete_expired_jobs,
    delete_refused_scans,
)


class Command(BaseCommand):
    help = "Delete finished jobs of long ago with their rows and files, and old refused scans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than", type=int, default=settings.QR_JOB_RETENTION_DAYS, metavar="DAYS"
        )
        parser.add_argument("--dry-run", action="store_true", help="count only")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        facts = count_expired(older_than_days=days) if options["dry_run"] else _delete(days)
        write(self, {**facts, "dry_run": options["dry_run"]}, as_json=options["json"])


def _delete(days: int) -> dict[str, int]:
    return {
        **delete_expired_jobs(older_than_days=days),
        **delete_expired_files(older_than_days=days),
        "scans": delete_refused_scans(),
    }
