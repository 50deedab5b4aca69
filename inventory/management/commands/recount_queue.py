from argparse import ArgumentParser
from typing import Any, ClassVar

from django.core.management.base import CommandError

from accounts.models import Organization
from inventory.management.arguments import QueueCommand
from inventory.services.recounting import fix_counts, list_differences


class Command(QueueCommand):
    help = "Check that ledger and batches count what the rows say; exit 1 if they do not."

    organization_required: ClassVar[bool] = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--fix", action="store_true", help="correct what differs first")

    def run(self, organization: Organization | None, options: dict[str, Any]) -> dict[str, Any]:
        which = organization.pk if organization else None
        fixed = fix_counts(organization_id=which) if options["fix"] else 0
        differences = list_differences(organization_id=which)
        return {"fixed": fixed, "differences": [one.as_dict() for one in differences]}

    def judge(self, facts: dict[str, Any]) -> None:
        if facts["differences"]:
            raise CommandError(f"{len(facts['differences'])} differences found.")
