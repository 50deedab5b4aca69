"""The scan pages as a browser without JavaScript uses them."""

import re
from html import unescape

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Organization, Role, User
from tests.accounts.factories import make_member

HTMX = {"HX-Request": "true"}


def log_in(role: Role | str, organization: Organization, **fields: object) -> Client:
    client = Client()
    client.force_login(make_member(role, organization=organization, **fields))
    return client


def user_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def words(response: HttpResponse) -> str:
    """What a person reads: without tags, and with single spaces."""
    visible = re.sub(r"<(script|style|title)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", visible)).split())


def field_value(response: HttpResponse, name: str, *, form: str = "") -> str:
    """The value of a hidden field, in the form with this action."""
    text = response.text
    if form:
        text = text[text.index(f'action="{form}"') :]
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', text)
    assert found, f"no hidden field {name}"
    return found[1]


def submit(client: Client, batch, excludes: str = "", *, key: str | None = None, **fields):
    """Open the page and send its form; answers what the POST answers."""
    target = reverse("scan:rest-submit", args=[batch.pk])
    if key is None:
        key = field_value(client.get(reverse("scan:rest", args=[batch.pk])), "key", form=target)
    return client.post(target, {"excludes": excludes, "priority": "5", "key": key} | fields)


def scan_case(client: Client, batch, case: str, *, key: str | None = None, **fields):
    """Open the page, scan a case and follow the answer to the page that shows it."""
    target = reverse("scan:rest-link", args=[batch.pk])
    if key is None:
        key = field_value(client.get(reverse("scan:rest", args=[batch.pk])), "key", form=target)
    return client.post(target, {"case": case, "key": key} | fields, follow=True)
