"""Messages to the outside: written with their cause, sent by a worker, never doubled by us.

The key is unique, so a cause that happens again writes nothing. Receivers get the key as the
message's id and can drop what a crash between sending and recording makes us send again.
"""

import base64
import json
import secrets
import socket
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q
from standardwebhooks.webhooks import Webhook

from accounts.errors import DomainError
from jobs.dispatch import ring
from jobs.logs import get_correlation_id
from jobs.models import OutboxMessage, WebhookEndpoint

WEBHOOK_TIMEOUT_SECONDS = 10.0


class WebhookRefused(DomainError):
    """The receiver of the webhook refused it."""

    code = "webhook_refused"


class EndpointGone(DomainError):
    """The webhook's address was removed or switched off."""

    code = "webhook_endpoint_gone"


class WebhookUnavailable(Exception):
    """The receiver asks to come back later: 408, 429 or 5xx."""

    def __init__(self, status: int) -> None:
        self.status_code: int = status
        super().__init__(f"HTTP {status}")


def new_webhook_secret() -> str:
    """A signing secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def queue_email(
    *, organization_id: UUID, to: Sequence[str], subject: str, body: str, key: str
) -> OutboxMessage | None:
    """Write an e-mail in the caller's transaction; None when this key was written before."""
    payload = {"to": list(to), "subject": subject, "body": body}
    return _queue(OutboxMessage.Kind.EMAIL, organization_id, key, payload)


def queue_event(
    *, organization_id: UUID, event: str, data: dict[str, Any], key: str, at: datetime
) -> list[OutboxMessage]:
    """Write one message per active webhook of the organization that wants this event."""
    wanting = Q(events=[]) | Q(events__contains=[event])
    endpoints = WebhookEndpoint.objects.filter(
        wanting, organization_id=organization_id, is_active=True
    )
    body = {"type": event, "timestamp": at.isoformat(), "data": data}
    queued = [
        _queue(
            OutboxMessage.Kind.WEBHOOK,
            organization_id,
            f"{key}:{endpoint.pk}",
            {"endpoint_id": str(endpoint.pk), "body": body},
        )
        for endpoint in endpoints.order_by("created_at", "id")
    ]
    return [message for message in queued if message is not None]


def send_message(message: OutboxMessage, *, now: datetime) -> dict[str, Any]:
    """Send one message; returns what is worth keeping of the answer.

    Raises WebhookRefused or EndpointGone for good, other exceptions for another try.
    """
    if message.kind == OutboxMessage.Kind.EMAIL:
        return _send_email(message)
    return _send_webhook(message, now)


def _queue(
    kind: str, organization_id: UUID, key: str, payload: dict[str, Any]
) -> OutboxMessage | None:
    message = OutboxMessage(
        kind=kind,
        organization_id=organization_id,
        key=key,
        payload=payload,
        correlation_id=get_correlation_id(),
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        if OutboxMessage.objects.filter(key=key).exists():
            return None
        raise
    ring(message)
    return message


def _send_email(message: OutboxMessage) -> dict[str, Any]:
    payload = message.payload
    email = EmailMessage(
        subject=payload["subject"],
        body=payload["body"],
        to=payload["to"],
        headers={"X-Idempotency-Key": message.key},
    )
    return {"accepted": email.send()}


def _send_webhook(message: OutboxMessage, now: datetime) -> dict[str, Any]:
    endpoint = WebhookEndpoint.objects.filter(
        pk=message.payload["endpoint_id"],
        organization_id=message.organization_id,
        is_active=True,
    ).first()
    if endpoint is None:
        raise EndpointGone
    body = json.dumps(message.payload["body"], separators=(",", ":"), ensure_ascii=False)
    headers = {
        "content-type": "application/json",
        "webhook-id": message.key,
        # Of this try, not of the event: receivers refuse what was signed minutes ago.
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(endpoint.secret).sign(message.key, now, body),
    }
    if not settings.WEBHOOK_PRIVATE_ADDRESSES:
        _require_public(endpoint.url)
    answer = _post(endpoint.url, body.encode(), headers)
    if answer.status_code in {408, 429} or answer.status_code >= 500:
        raise WebhookUnavailable(answer.status_code)
    if not answer.is_success:
        raise WebhookRefused(f"The receiver of the webhook answered {answer.status_code}.")
    return {"status": answer.status_code}


def _require_public(url: str) -> None:
    """Refuse receivers inside our own network, also behind a public name."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ConnectionError("The receiver of the webhook has no address.") from error
    if not all(ip_address(str(address[0]).split("%")[0]).is_global for *_, address in found):
        raise WebhookRefused("The webhook's address is not on the public internet.")


def _post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    try:
        # A redirect would carry the signed body to an address that nobody entered here.
        return httpx.post(
            url,
            content=body,
            headers=headers,
            timeout=WEBHOOK_TIMEOUT_SECONDS,
            follow_redirects=False,
        )
    except httpx.TransportError as error:
        raise ConnectionError("The receiver of the webhook cannot be reached.") from error
