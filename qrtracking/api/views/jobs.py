"""The app's own views of its jobs: what may be done to them is the kernel's."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_200_OK, HTTP_202_ACCEPTED
from rest_framework.viewsets import GenericViewSet

from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role, User
from jobs.api.permissions import JobPermission, require_verb
from jobs.api.serializers import JobLogSerializer, ReasonSerializer
from jobs.models import Job
from jobs.services import cancel_job, retry_job
from jobs.states import State
from qrtracking.api.exclude_answers import ExcludeSerializer
from qrtracking.api.filters import PreparedFilter, ReverseJobFilter
from qrtracking.api.pagination import LogOrder, NewestFirst, PositionPages, SequenceOrder
from qrtracking.api.serializers import (
    PreparedCodeSerializer,
    ReverseJobChangeSerializer,
    ReverseJobSerializer,
)
from qrtracking.api.views.lists import ListsBelow
from qrtracking.models import ReverseJob, ReverseJobLog
from qrtracking.selectors.excludes import list_excludes
from qrtracking.selectors.units import list_prepared
from qrtracking.selectors.visible import list_jobs
from qrtracking.services.reverse_job_changes import change_reverse_job


class JobVerbsMixin(IdempotentCreateMixin, ListsBelow, GenericViewSet[Any]):
    permission_classes = [JobPermission]
    lookup_value_converter = "uuid"
    required_roles: ClassVar[dict[str, Role]] = {"cancel": Role.OPERATOR, "retry": Role.MANAGER}

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Cancel: 200 when that ended it, 202 while its worker still has to see it."""
        return self._job_response(cancel_job(self._get_for("cancel"), actor=self._user))

    @action(detail=True, methods=["post"])
    def retry(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send a failed job to work again, from its last committed step on."""
        job = self._get_for("retry")
        body = ReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._job_response(
            retry_job(job, actor=self._user, reason=body.validated_data["reason"])
        )

    @property
    def _user(self) -> User:
        return cast(User, self.request.user)

    def _get_for(self, verb: str) -> Any:
        job = self.get_object()
        require_verb(user=self._user, verb=verb, job=job)
        return job

    def _job_response(self, job: Job) -> Response:
        unfinished = job.state in {State.WAITING, State.ACTIVE}
        code = HTTP_202_ACCEPTED if unfinished else HTTP_200_OK
        return Response(self.get_serializer(job).data, status=code)


def describe_verbs(serializer: type[Any]) -> Any:
    """The schema of a view set with the verbs above."""
    return extend_schema_view(
        cancel=extend_schema(
            request=None,
            responses={200: serializer, 202: serializer},
            parameters=[IDEMPOTENCY_KEY],
        ),
        retry=extend_schema(
            request=ReasonSerializer,
            responses={202: serializer},
            parameters=[IDEMPOTENCY_KEY],
        ),
    )


@describe_verbs(ReverseJobSerializer)
class ReverseJobViewSet(JobVerbsMixin, ListModelMixin, RetrieveModelMixin):
    queryset = ReverseJob.objects.none()
    serializer_class = ReverseJobSerializer
    pagination_class = NewestFirst
    filterset_class = ReverseJobFilter

    def get_queryset(self) -> QuerySet[ReverseJob]:
        return list_jobs(user=self._user)

    @extend_schema(
        request=ReverseJobChangeSerializer,
        responses=ReverseJobSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the priority, while the job is queued, or the label."""
        job = self._get_for("prioritise")
        changes = ReverseJobChangeSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        changed = change_reverse_job(job=job, actor=self._user, **changes.validated_data)
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses=JobLogSerializer(many=True), filters=False)
    @action(
        detail=True,
        methods=["get"],
        pagination_class=LogOrder,
        filterset_class=None,
        serializer_class=JobLogSerializer,
    )
    def logs(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What happened to the job, oldest first."""
        return self.page_of(ReverseJobLog.objects.filter(job=self.get_row()))

    @extend_schema(responses=PreparedCodeSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        pagination_class=SequenceOrder,
        filterset_class=PreparedFilter,
        serializer_class=PreparedCodeSerializer,
    )
    def prepared(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The units that the job has prepared, in the order in which cases take them."""
        return self.page_of(list_prepared(job=self.get_row()))

    @extend_schema(responses=ExcludeSerializer(many=True), filters=False)
    @action(
        detail=True,
        methods=["get"],
        pagination_class=PositionPages,
        filterset_class=None,
        serializer_class=ExcludeSerializer,
    )
    def excludes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What each exclude entry of the job means, by the units as they are now."""
        job, pages = self.get_row(), PositionPages()
        first, most = pages.read_query(request)
        page = list_excludes(job=job, first=first, most=most)
        rows = self.get_serializer(page.lines, many=True).data
        return pages.answer(rows, following=page.following)
