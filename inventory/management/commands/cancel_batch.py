from argparse import ArgumentParser
from typing import Any

from accounts.models import Organization
from inventory.management.arguments import QueueCommand
from inventory.services.cancelling import cancel_batch


class Command(QueueCommand):
    help = "Fail the pending items of a batch; what a worker has in hand goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("batch", metavar="ID")

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        batch_id = options["batch"]
        count = cancel_batch(organization_id=organization.pk, batch_id=batch_id, actor=None)
        return {"batchId": batch_id, "cancelled": count}
