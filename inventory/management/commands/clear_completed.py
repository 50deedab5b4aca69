from argparse import ArgumentParser
from typing import Any

from accounts.models import Organization
from inventory.api.wire import cleared_body
from inventory.management.arguments import QueueCommand, flat
from inventory.services.clearing import clear_completed


class Command(QueueCommand):
    help = "Move completed items to the archive, at most 200,000 a call."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--older-than-days", type=int, metavar="DAYS", help="only what ended so long ago"
        )

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        cleared = clear_completed(
            organization_id=organization.pk, older_than_days=options["older_than_days"]
        )
        return flat(cleared_body(cleared))
