import secrets

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

WORKER = "worker"
SCHEME = b"Bearer "


class WorkerSecretAuthentication(BaseAuthentication):
    """`Authorization: Bearer <QR_WORKER_SECRET or CRON_SECRET>`, and nothing else."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, str] | None:
        return (AnonymousUser(), WORKER) if _has_secret(request) else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsWorker(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth == WORKER


def _has_secret(request: Request) -> bool:
    header = get_authorization_header(request)
    if not header.startswith(SCHEME):
        return False
    sent = header.removeprefix(SCHEME).strip()
    configured = (settings.QR_WORKER_SECRET, settings.CRON_SECRET)
    # Every secret is compared, so that the time tells nothing about which one was near.
    matches = [
        secrets.compare_digest(sent, secret.encode()) for secret in configured if secret.strip()
    ]
    return any(matches)


class WorkerSecretScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "qrtracking.api.authentication.WorkerSecretAuthentication"
    name = "workerSecret"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
