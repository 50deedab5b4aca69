"""`/api/v1/qr/packing-plans`: checked in the background, applied when a manager says so."""

from typing import Any, cast
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED

from accounts.api.files import file_answer, file_schema
from accounts.api.parsers import JSONObjectParser
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role
from qrtracking import errors
from qrtracking.api import wire
from qrtracking.api.filters import PackingPlanFilter
from qrtracking.api.pagination import NewestFirst
from qrtracking.api.plan_answers import (
    NewPlanFileSerializer,
    NewPlanSerializer,
    PackingPlanDetailSerializer,
    PackingPlanSerializer,
)
from qrtracking.api.views.exports import DownloadView
from qrtracking.api.views.jobs import JobVerbsMixin, describe_verbs
from qrtracking.errors.plans import PlanFileOrText
from qrtracking.exports import plan_result
from qrtracking.models import PackingPlan
from qrtracking.models.packing_plan import PackingPlanQuerySet
from qrtracking.selectors.plans import get_plan, list_plans
from qrtracking.services.packing_plans import (
    apply_packing_plan,
    submit_plan_file,
    submit_plan_text,
)
from tables.streaming import XLSX_CONTENT_TYPE, stream_xlsx


@describe_verbs(PackingPlanDetailSerializer)
class PackingPlanViewSet(JobVerbsMixin, ListModelMixin, RetrieveModelMixin):
    queryset = PackingPlan.objects.none()
    parser_classes = [JSONObjectParser, MultiPartParser]
    pagination_class = NewestFirst
    filterset_class = PackingPlanFilter
    required_roles = JobVerbsMixin.required_roles | {
        "create": Role.MANAGER,
        "apply": Role.MANAGER,
    }

    def get_queryset(self) -> PackingPlanQuerySet:
        return list_plans(user=self._user)

    def get_serializer_class(self) -> type[PackingPlanSerializer]:
        return PackingPlanSerializer if self.action == "list" else PackingPlanDetailSerializer

    @extend_schema(
        request={
            "application/json": NewPlanSerializer,
            "multipart/form-data": NewPlanFileSerializer,
        },
        responses={202: PackingPlanDetailSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Check a plan in the background: which units can be packed, and why others cannot.

        Nothing is packed. Without a case that it knows the first row is taken for a header.
        """
        plan = self._submit(request)
        location = reverse("qrtracking:packing-plan-detail", args=[plan.pk])
        answer = self.get_serializer(self.get_queryset().get(pk=plan.pk))
        return Response(answer.data, status=HTTP_202_ACCEPTED, headers={"Location": location})

    @extend_schema(
        request=None,
        responses={202: PackingPlanDetailSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pack what the check found ready, in the background; each unit is judged again. Once."""
        plan = apply_packing_plan(plan=self._get_for("apply"), actor=self._user)
        return self._job_response(plan)

    def _submit(self, request: Request) -> PackingPlan:
        body = cast(wire.Body, request.data)
        wire.require_fields(body, ["batch_id"])
        options: dict[str, Any] = {
            "actor": self._user,
            "batch_id": wire.read_id(body["batch_id"]),
            "skip_case_validation": _read_flag(body),
        }
        file, text = request.FILES.get("file"), body.get("text")
        if (file is None) == (text is None):
            raise PlanFileOrText
        if file is not None:
            return submit_plan_file(file=file, file_name=file.name or "", **options)
        if not isinstance(text, str):
            raise errors.FieldInvalid("text must be a string")
        return submit_plan_text(text=text, **options)


class PlanResultView(DownloadView):
    @extend_schema(responses=file_schema(XLSX_CONTENT_TYPE))
    def get(self, request: Request, plan_id: UUID) -> HttpResponseBase:
        """Every unit of the plan with its outcome, as a workbook."""
        plan = get_plan(user=self._user, plan_id=plan_id)
        return file_answer(
            stream_xlsx([plan_result.plan_sheet(plan=plan)]),
            name=f"{plan_result.file_stem(plan=plan)}.xlsx",
            content_type=XLSX_CONTENT_TYPE,
        )


def _read_flag(body: wire.Body) -> bool:
    """A form has no booleans, only texts."""
    name = "skip_case_validation"
    words = {"true": True, "on": True, "1": True, "false": False, "": False, "0": False}
    value = body.get(name)
    known = words.get(value.lower(), value) if isinstance(value, str) else value
    return wire.read_flag({name: known}, name, default=False)
