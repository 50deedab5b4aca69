"""What is worth a warning before the program starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register
def warn_of_open_access(**_: Any) -> list[CheckMessage]:
    if not settings.QUEUE_API_ANONYMOUS_ORG:
        return []
    return [
        Warning(
            "Anybody can read and add to the queue of one organization without a token.",
            hint="Leave QUEUE_API_ANONYMOUS_ORG empty, and give each client a token.",
            id="inventory.W001",
        )
    ]
