"""Endpoints whose paths, names and texts a fixed contract gives."""

from typing import cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import (
    BearerTokenAuthentication,
    ContractSessionAuthentication,
)
from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import User
from qrtracking import errors
from qrtracking.api import wire
from qrtracking.api.answers import (
    LinkAnswer,
    LinkRequest,
    StatusAnswer,
    SubmitAnswer,
    SubmitRequest,
)
from qrtracking.api.permissions import ContractPermission
from qrtracking.selectors.visible import get_job_status
from qrtracking.services.linking import link_from_queue
from qrtracking.services.reverse_jobs import submit_reverse_job


class ContractView(IdempotentCreateMixin):
    envelope = "success"
    authentication_classes = [BearerTokenAuthentication, ContractSessionAuthentication]
    permission_classes = [ContractPermission]


class SubmitView(ContractView):
    @extend_schema(
        request=SubmitRequest,
        responses=SubmitAnswer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Prepare every unit of a batch but the excluded ones, in the background."""
        user = cast(User, request.user)
        body = wire.read_body(request)
        wire.require_fields(body, wire.SUBMIT_FIELDS)
        if user.organization is None:
            raise errors.ProfileNotFound
        wire.require_organization(body, user)
        job = submit_reverse_job(actor=user, **wire.read_submission(body))
        return Response(SubmitAnswer(job).data)


class StatusView(ContractView):
    @extend_schema(
        responses=StatusAnswer,
        parameters=[OpenApiParameter("job_id", str, required=True)],
    )
    def get(self, request: Request) -> Response:
        """How far a job is; cheap enough to ask every few seconds."""
        job_id = request.query_params.get("job_id")
        if not job_id:
            raise errors.MissingJobId
        job = get_job_status(user=cast(User, request.user), job_id=wire.read_id(job_id))
        return Response(StatusAnswer(job).data)


class LinkView(ContractView):
    @extend_schema(
        request=LinkRequest,
        responses=LinkAnswer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Pack the next units of the queue into a case."""
        user = cast(User, request.user)
        body = wire.read_body(request)
        wire.require_fields(body, wire.LINK_FIELDS)
        wire.require_organization(body, user)
        result = link_from_queue(actor=user, **wire.read_link(body))
        return Response(LinkAnswer(result).data)
