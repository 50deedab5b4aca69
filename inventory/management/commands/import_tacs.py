from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from accounts.models import Organization
from inventory.management.arguments import QueueCommand, opened
from inventory.services.tac_import import import_tacs


class Command(QueueCommand):
    help = "Take TACs as confirmed from CSV with the columns tac, brand and model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE")

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        with opened(options["file"]) as file:
            return {"imported": import_tacs(organization_id=organization.pk, file=file)}
