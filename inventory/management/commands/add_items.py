from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from django.utils import timezone

from accounts.models import Organization
from inventory.api.add_bodies import AddBody, read_values
from inventory.api.wire import added_body
from inventory.errors import BodyNotJson, ItemsRequired
from inventory.management.arguments import QueueCommand, flat, opened
from inventory.services.adding import add_items

# The names of the contract and ours.
NAMES = {
    "source": "source",
    "priority": "priority",
    "batchId": "batch_id",
    "maxRetries": "max_retries",
    "validation": "validation",
    "scheduledAt": "scheduled_at",
}


class Command(QueueCommand):
    help = "Add phones from a file: a JSON list, an object with `items`, or JSON lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--source")
        parser.add_argument("--priority", type=int, help="1 first, 5 normal, 10 last")
        parser.add_argument("--validation", help="warn or strict")
        parser.add_argument("--scheduled-at", metavar="TIME", help="ISO 8601 with offset")
        parser.add_argument("--batch-id", metavar="ID", help="a batch to join")

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        with opened(options["file"]) as file:
            values, items = read_file(file)
            given = {name: options[name] for name in NAMES.values() if options.get(name)}
            added = add_items(
                organization_id=organization.pk,
                actor=None,
                items=items,
                now=timezone.now(),
                **{**values, **given},
            )
        return flat(added_body(added))


def read_file(file: IO[bytes]) -> tuple[dict[str, Any], Iterable[Any]]:
    """What the file itself asks for, and its phones as they come."""
    try:
        body = AddBody(file)
    except (BodyNotJson, ItemsRequired):
        # No single object with a list of items: a list, or objects one after the other.
        return {}, read_values(file)
    values = {ours: body.options.get(name) for name, ours in NAMES.items()}
    return {**values, "undoable": body.options.get("undoable") is True}, body.items()
