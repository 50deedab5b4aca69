from argparse import ArgumentParser
from typing import Any

from accounts.models import Organization
from inventory.api.wire import control_body, status_body
from inventory.management.arguments import QueueCommand, flat
from inventory.selectors.queue import get_status
from inventory.services.control import start_queue, stop_queue

VERBS = {"start": start_queue, "stop": stop_queue}


class Command(QueueCommand):
    help = "Start or stop an organization's queue, kept over restarts; or show how it stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=[*VERBS, "status"])

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        verb = options["verb"]
        if verb == "status":
            return flat(status_body(get_status(organization.pk)))
        return flat(control_body(VERBS[verb](organization_id=organization.pk, actor=None)))
