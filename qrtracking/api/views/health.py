from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from rest_framework.views import APIView

from accounts.api.authentication import (
    BearerTokenAuthentication,
    ContractSessionAuthentication,
)
from accounts.models import User
from qrtracking.api.answers import Success
from qrtracking.api.authentication import IsWorker, WorkerSecretAuthentication
from qrtracking.api.permissions import ContractPermission
from qrtracking.selectors.health import HealthStatus, get_health


class HealthAnswer(Success):
    status = serializers.CharField()
    worker_alive = serializers.BooleanField()
    workers = serializers.IntegerField()
    last_heartbeat_at = serializers.DateTimeField(allow_null=True)
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    oldest_wait_seconds = serializers.IntegerField()
    failed_last_24h = serializers.IntegerField()
    stuck = serializers.IntegerField()
    checked_at = serializers.DateTimeField()


class HealthView(APIView):
    """For monitoring with the worker's secret, and for people who are signed in."""

    envelope = "success"
    authentication_classes = [
        WorkerSecretAuthentication,
        BearerTokenAuthentication,
        ContractSessionAuthentication,
    ]

    def get_permissions(self) -> list[BasePermission]:
        is_worker = IsWorker().has_permission(self.request, self)
        return [IsWorker()] if is_worker else [ContractPermission()]

    @extend_schema(responses={200: HealthAnswer, 503: HealthAnswer})
    def get(self, request: Request, *args: Any) -> Response:
        """Whether workers are alive and keep up; 503 when nobody works and jobs wait."""
        user = request.user if isinstance(request.user, User) else None
        health = get_health(user=user, now=timezone.now())
        is_down = health.status is HealthStatus.DOWN
        code = HTTP_503_SERVICE_UNAVAILABLE if is_down else HTTP_200_OK
        return Response(HealthAnswer(health).data, status=code)
