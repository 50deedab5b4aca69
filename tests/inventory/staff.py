"""Staff at the admin's pages of the queue."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from tests.accounts.staff import choose, log_in_staff, page_of, text_of, words_of

__all__ = ["RIGHTS", "choose", "list_of", "of", "page_of", "staff_client", "text_of", "words_of"]

VIEWS = (
    "view_queueitem",
    "view_queuebatch",
    "view_queuecontrol",
    "view_queuearchive",
    "view_organization",
)
RIGHTS = (
    *("retry_item", "cancel_batch", "change_queueitem", "process_queue", "clear_completed"),
    *("change_queuebatch", "undo_batch", "control_queue"),
)


def staff_client(organization: Organization, *codenames: str, username: str = "ada") -> Client:
    """Staff who act for one organization, and may look at its queue."""
    name = f"{username}-{organization.pk}"
    return log_in_staff(organization, *VIEWS, *codenames, username=name)


def list_of(model: str, **query: Any) -> str:
    return reverse(f"admin:inventory_{model}_changelist", query=query)


def of(organization: Organization) -> dict[str, Any]:
    return {"organization__id__exact": organization.pk}
