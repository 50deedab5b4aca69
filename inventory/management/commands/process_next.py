from typing import Any

from accounts.models import Organization
from inventory.api.wire import attempt_body
from inventory.management.arguments import QueueCommand, flat
from inventory.services.next_item import process_next


class Command(QueueCommand):
    help = "Work off the first due item, also while the queue is stopped."

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        return flat(attempt_body(process_next(organization_id=organization.pk)))
