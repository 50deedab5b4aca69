"""What staff do to a queue, one line a press: kept in the admin's own log, under the queue's switch."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from inventory.models import QueueControl

SHOWN = 20


def log_press(actor, organization_id, text: str, reason: str = "") -> None:
    """`text` is what was done, in the words of a sentence: "Retried 12 items"."""
    LogEntry.objects.create(
        user=actor,
        content_type=ContentType.objects.get_for_model(QueueControl),
        object_id=str(organization_id),
        object_repr="Queue",
        action_flag=CHANGE,
        change_message=f"{text}. Reason: {reason}" if reason else f"{text}.",
    )


def list_presses(organization) -> list[LogEntry]:
    """The latest first."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(QueueControl),
        object_id=str(organization.pk),
    )
    return list(entries.select_related("user").order_by("-action_time", "-pk")[:SHOWN])
