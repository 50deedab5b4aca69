"""`/api/v1/qr/label-sheets`: labels are drawn in the background, each page is read back."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED
from rest_framework.viewsets import GenericViewSet

from accounts.api.files import AnyAccept
from accounts.api.permissions import OrganizationPermission
from accounts.api.schema import IDEMPOTENCY_KEY
from jobs.models import JobQuerySet
from qrtracking.api.filters import LabelSheetFilter
from qrtracking.api.label_answers import (
    LabelPrinterSerializer,
    LabelSheetSerializer,
    NewLabelSheetSerializer,
)
from qrtracking.api.pagination import NewestFirst
from qrtracking.api.views.jobs import JobVerbsMixin, describe_verbs
from qrtracking.models import LabelPrinter, LabelSheet
from qrtracking.selectors.labels import list_sheets
from qrtracking.services.label_sheets import (
    create_label_sheet,
    file_name,
    file_type,
    open_label_file,
)


class LabelPrinterViewSet(ListModelMixin, GenericViewSet[LabelPrinter]):
    """The printers that staff have set up."""

    queryset = LabelPrinter.objects.none()
    serializer_class = LabelPrinterSerializer
    permission_classes = [OrganizationPermission]
    pagination_class = NewestFirst
    filterset_class = None

    def get_queryset(self) -> QuerySet[LabelPrinter]:
        return LabelPrinter.objects.visible_to(self.request.user)


@describe_verbs(LabelSheetSerializer)
class LabelSheetViewSet(JobVerbsMixin, ListModelMixin, RetrieveModelMixin):
    queryset = LabelSheet.objects.none()
    serializer_class = LabelSheetSerializer
    pagination_class = NewestFirst
    filterset_class = LabelSheetFilter

    def get_queryset(self) -> JobQuerySet:
        return list_sheets(user=self._user)

    @extend_schema(
        request=NewLabelSheetSerializer,
        responses={202: LabelSheetSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Draw the labels with these numbers of their kind. Operators: one case's label again."""
        body = NewLabelSheetSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        sheet = create_label_sheet(actor=self._user, **body.validated_data)
        location = reverse("qrtracking:label-sheet-detail", args=[sheet.pk])
        answer = self.get_serializer(self.get_queryset().get(pk=sheet.pk))
        return Response(answer.data, status=HTTP_202_ACCEPTED, headers={"Location": location})

    @extend_schema(
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "text/plain"): OpenApiTypes.BINARY,
        },
        filters=False,
    )
    @action(
        detail=True,
        methods=["get"],
        content_negotiation_class=AnyAccept,
        pagination_class=None,
        filterset_class=None,
    )
    def file(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The sheet as PDF or ZPL; 409 until every page was drawn and read back."""
        sheet = self.get_object()
        content = open_label_file(sheet=sheet, actor=self._user)
        return FileResponse(
            content,
            as_attachment=True,
            filename=file_name(sheet),
            content_type=file_type(sheet),
            headers={"Cache-Control": "no-store"},
        )
