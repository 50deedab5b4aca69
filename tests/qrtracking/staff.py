"""Staff at the admin's pages."""

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from tests.accounts.factories import OrganizationFactory, grant, make_member


def staff_client(*codenames: str, organization: Organization | None = None) -> Client:
    """Staff who act for the operator, or for this organization."""
    organization = organization or OrganizationFactory(operator=True)
    client = Client()
    member = make_member("viewer", organization=organization, is_staff=True)
    client.force_login(grant(member, *codenames))
    return client


def page_of(row: Any, name: str = "change") -> str:
    return reverse(f"admin:qrtracking_{row._meta.model_name}_{name}", args=[row.pk])


def list_of(model: Any, **query: Any) -> str:
    return reverse(f"admin:qrtracking_{model._meta.model_name}_changelist", query=query)


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
    return client.post(list_of(type(rows[0]), **query), body)


def words_of(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]
