from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from accounts.models import Organization
from inventory.api.wire import retried_body
from inventory.management.arguments import QueueCommand, flat
from inventory.services.retrying import retry_failed


def numbers(text: str) -> list[int]:
    ids = [one.strip() for one in text.split(",")]
    if not all(one.isascii() and one.isdigit() for one in ids):
        raise ArgumentTypeError(f"{text!r} is not a list of ids")
    return [int(one) for one in ids]


class Command(QueueCommand):
    help = "Queue failed items again: all, or those that every given condition fits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--batch", metavar="ID")
        parser.add_argument("--code", help="error code, for example imei_length")
        parser.add_argument("--ids", type=numbers, help="item ids, for example 17,18")

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        retried = retry_failed(
            organization_id=organization.pk,
            ids=options["ids"],
            batch_id=options["batch"],
            error_code=options["code"],
        )
        return flat(retried_body(retried))
