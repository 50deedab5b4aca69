from argparse import ArgumentParser
from typing import Any

from accounts.models import Organization
from inventory.management.arguments import QueueCommand
from inventory.selectors.control import is_halted
from inventory.services.draining import drain_here


class Command(QueueCommand):
    help = "Work an organization's queue off in this process, as workers do, until nothing is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--limit", type=int, metavar="N", help="at most so many items")
        parser.add_argument(
            "--until-empty",
            action="store_true",
            help="wait for planned retries and for what other workers have in hand",
        )

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        count = drain_here(
            organization_id=organization.pk,
            limit=options["limit"],
            until_empty=options["until_empty"],
        )
        return {**vars(count), "stopped": is_halted(organization.pk)}
