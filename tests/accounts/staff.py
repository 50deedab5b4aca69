"""Staff at the admin's pages, of any app."""

import re
from typing import Any

from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from tests.accounts.factories import grant, make_member


def log_in_staff(organization: Organization, *codenames: str, **user_fields: str) -> Client:
    """Staff who act for the organization."""
    client = Client()
    member = make_member("viewer", organization=organization, is_staff=True, **user_fields)
    client.force_login(grant(member, *codenames))
    return client


def page_of(row: Model, name: str = "change") -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{name}", args=[row.pk])


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
    url = f"admin:{rows[0]._meta.label_lower.replace('.', '_')}_changelist"
    return client.post(reverse(url, query=query), body)


def words_of(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def text_of(answer: Any) -> str:
    """What a person reads, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
