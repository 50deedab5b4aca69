from typing import Any

from accounts.models import Organization
from inventory.management.arguments import QueueCommand
from inventory.services.learning import learn_tacs


class Command(QueueCommand):
    help = "Learn from the devices in stock which model is behind which TAC, and suggest models."

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        return {"learned": learn_tacs(organization_id=organization.pk)}
