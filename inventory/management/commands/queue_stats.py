from typing import Any

from accounts.models import Organization
from inventory.api.wire import stats_body
from inventory.management.arguments import QueueCommand, flat
from inventory.selectors.queue import get_stats


class Command(QueueCommand):
    help = "Show how many items are in which state, and since when the oldest waits."

    def run(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        return flat(stats_body(get_stats(organization.pk)))
