from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from accounts.models import Organization
from inventory.management.arguments import QueueCommand
from inventory.services.undoing import preview_undo, undo_batch


class Command(QueueCommand):
    help = "Undo an undoable batch: devices that it made go, others are as they were before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("batch", metavar="ID")
        parser.add_argument("--dry-run", action="store_true", help="only tell what would happen")

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        wanted = {"organization_id": organization.pk, "batch_id": options["batch"]}
        now = timezone.now()
        if options["dry_run"]:
            undone = preview_undo(**wanted, now=now)
        else:
            undone = undo_batch(**wanted, actor=None, now=now)
        return {
            "batchId": options["batch"],
            "dryRun": options["dry_run"],
            "deleted": undone.deleted,
            "restored": undone.restored,
            "changedSince": undone.left,
            "changedImeis": list(undone.changed_since),
        }
