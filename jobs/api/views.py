from typing import Any, cast

from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.viewsets import GenericViewSet

from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.parsers import JSONObjectParser
from accounts.api.queries import refuse_unknown
from accounts.api.schema import IDEMPOTENCY_KEY, ErrorSerializer
from accounts.models import Role, User
from jobs import services
from jobs.api.filters import JobQuerySerializer, encode_cursor
from jobs.api.permissions import JobPermission, require_verb
from jobs.api.serializers import (
    JobDetailSerializer,
    JobSerializer,
    ReasonSerializer,
    job_url,
)
from jobs.models import Job
from jobs.selectors import Position, get_visible_job, list_jobs
from jobs.states import State

JOB_ID = OpenApiParameter("job_id", str, OpenApiParameter.PATH)
ERRORS: dict[int, Any] = dict.fromkeys((401, 403, 404), ErrorSerializer)


# Of a list view the generator would make a list of pages.
@extend_schema_serializer(many=False)
class JobPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = JobSerializer(many=True)


class JobViewSet(IdempotentCreateMixin, GenericViewSet[Any]):
    """Jobs of every kind, in one list."""

    permission_classes = [JobPermission]
    parser_classes = [JSONObjectParser]
    serializer_class = JobSerializer
    filter_backends = []
    pagination_class = None
    required_roles = {"cancel": Role.OPERATOR, "retry": Role.MANAGER}

    @extend_schema(
        operation_id="jobs_list",
        parameters=[JobQuerySerializer],
        responses={
            200: JobPageSerializer,
            400: ErrorSerializer,
            401: ErrorSerializer,
            403: ErrorSerializer,
        },
    )
    def list(self, request: Request) -> Response:
        """The jobs that you may see, newest first."""
        refuse_unknown(request, JobQuerySerializer().fields)
        query = JobQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = list_jobs(
            user=request.user,
            limit=query.validated_data["limit"],
            wanted=query.job_filter,
            position=query.validated_data.get("cursor"),
        )
        return Response(
            {
                "next": _link(request, page.next),
                "previous": _link(request, page.previous),
                "results": JobSerializer(page.jobs, many=True).data,
            }
        )

    @extend_schema(
        operation_id="jobs_retrieve",
        parameters=[JOB_ID],
        responses={200: JobDetailSerializer, **ERRORS},
    )
    def retrieve(self, request: Request, job_id: str) -> Response:
        """One job with the end of its log."""
        job = get_visible_job(user=request.user, job_id=job_id)
        return Response(JobDetailSerializer(job).data)

    @extend_schema(
        operation_id="jobs_cancel",
        parameters=[JOB_ID, IDEMPOTENCY_KEY],
        request=None,
        responses={200: JobSerializer, 202: JobSerializer, 409: ErrorSerializer, **ERRORS},
    )
    def cancel(self, request: Request, job_id: str) -> Response:
        """Cancel a job: 200 when that ended it, 202 while its worker still has to see it."""
        job = self._get_for(request, job_id, "cancel")
        return _job_response(services.cancel_job(job, actor=_actor(request)))

    @extend_schema(
        operation_id="jobs_retry",
        parameters=[JOB_ID, IDEMPOTENCY_KEY],
        request=ReasonSerializer,
        responses={202: JobSerializer, 400: ErrorSerializer, 409: ErrorSerializer, **ERRORS},
    )
    def retry(self, request: Request, job_id: str) -> Response:
        """Send a failed job to work again, from its last committed step on."""
        job = self._get_for(request, job_id, "retry")
        body = ReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        reason = body.validated_data["reason"]
        return _job_response(services.retry_job(job, actor=_actor(request), reason=reason))

    def _get_for(self, request: Request, job_id: str, verb: str) -> Job:
        job = get_visible_job(user=request.user, job_id=job_id)
        require_verb(user=_actor(request), verb=verb, job=job)
        return job


def _actor(request: Request) -> User:
    """The permission class lets nobody else through."""
    return cast(User, request.user)


def _job_response(job: Job) -> Response:
    """202 and where to look while there is something left to wait for."""
    body = JobSerializer(job).data
    if job.state in {State.WAITING, State.ACTIVE}:
        headers = {"Location": job_url(job)}
        return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)
    return Response(body)


def _link(request: Request, position: Position | None) -> str | None:
    if position is None:
        return None
    url = request.build_absolute_uri()
    return str(replace_query_param(url, "cursor", encode_cursor(position)))
