from argparse import ArgumentParser
from itertools import count
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.models import Organization
from inventory.management.arguments import QueueCommand
from inventory.selectors.exports import read_table
from inventory.services.exporting import FORMATS, stream_table


class Command(QueueCommand):
    help = "Write the devices in stock to a file; our own import reads it back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--format", choices=FORMATS, default=FORMATS[0])
        parser.add_argument("--to", type=Path, required=True, metavar="FILE")

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        path: Path = options["to"]
        counter = count()
        try:
            with path.open("wb") as file:
                table = read_table(organization.pk, "devices", {})
                for piece in stream_table(table, options["format"], counter):
                    file.write(piece)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        return {"file": str(path), "devices": next(counter)}
