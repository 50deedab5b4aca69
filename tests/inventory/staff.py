"""Staff at the admin's pages of the queue."""

import re
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from tests.accounts.factories import grant, make_member

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
    client = Client()
    member = make_member(
        "viewer", organization=organization, is_staff=True, username=f"{username}-{organization.pk}"
    )
    client.force_login(grant(member, *VIEWS, *codenames))
    return client


def page_of(row: Any, name: str = "change") -> str:
    return reverse(f"admin:inventory_{row._meta.model_name}_{name}", args=[row.pk])


def list_of(model: str, **query: Any) -> str:
    return reverse(f"admin:inventory_{model}_changelist", query=query)


def of(organization: Organization) -> dict[str, Any]:
    return {"organization__id__exact": organization.pk}


def choose(client: Client, verb: str, rows: Any, *, query: dict[str, Any], **data: str) -> Any:
    """Press the verb in the list with these rows ticked."""
    rows = list(rows)
    body = {
        "action": f"{verb}_selected",
        "_selected_action": [str(row.pk) for row in rows],
        "select_across": "0",
        "index": "0",
        **data,
    }
    return client.post(list_of(rows[0]._meta.model_name, **query), body)


def words_of(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def text_of(answer: Any) -> str:
    """What a person reads, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
