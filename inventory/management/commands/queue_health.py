from typing import Any

from django.core.management.base import CommandError

from accounts.models import Organization
from inventory.api.wire import status_body
from inventory.management.arguments import QueueCommand, flat
from inventory.selectors.queue import get_status


class Command(QueueCommand):
    help = "Show switch, drains and health; exit 1 when there is a warning, 2 without a database."

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        return flat(status_body(get_status(organization.pk)))

    def judge(self, facts: dict[str, Any]) -> None:
        warnings = facts["health"]["warnings"]
        if warnings:
            raise CommandError("; ".join(warnings))
