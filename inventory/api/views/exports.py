"""`/api/v1/inventory/exports`: files of devices, stock or items, written in the background."""

from pathlib import Path
from typing import cast
from uuid import UUID

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED
from rest_framework.views import APIView

from accounts.api.files import FileView
from accounts.api.permissions import OrganizationPermission
from accounts.api.schema import IDEMPOTENCY_KEY
from inventory.api import v1_links
from inventory.api.v1_exports import ExportRequest, ExportSerializer, read_filters
from inventory.api.views.v1 import TAG, InventoryView, read_body
from inventory.models import StockJob
from inventory.selectors.export_jobs import get_export, get_finished_export, open_export
from inventory.services.exporting import submit_export
from tables.streaming import CSV_CONTENT_TYPE, XLSX_CONTENT_TYPE

CONTENT_TYPES = {"csv": CSV_CONTENT_TYPE, "xlsx": XLSX_CONTENT_TYPE}
LINK = "link"


class ExportsView(InventoryView):
    @extend_schema(
        operation_id="inventory_exports_create",
        tags=[TAG],
        request=ExportRequest,
        responses={202: ExportSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Write a file in the background; `filters` are those of the list of its kind."""
        body = read_body(ExportRequest, request)
        job = submit_export(
            organization_id=self.organization_id,
            actor=self.actor,
            kind=body["kind"],
            format=body["format"],
            filters=read_filters(body["kind"], body.get("filters", {})),
        )
        job.refresh_from_db()
        location = reverse("inventory-export", args=[job.pk])
        answer = _as_answer(job, request)
        return Response(answer, status=HTTP_202_ACCEPTED, headers={"Location": location})


class ExportView(InventoryView):
    @extend_schema(
        operation_id="inventory_exports_retrieve", tags=[TAG], responses=ExportSerializer
    )
    def get(self, request: Request, export_id: UUID) -> Response:
        """How far an export is, and a link to its file."""
        return Response(_as_answer(get_export(self.organization_id, export_id), request))


class _LinkOrMember(OrganizationPermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return _has_link(request, view.kwargs["export_id"]) or super().has_permission(request, view)


class ExportFileView(FileView, InventoryView):
    permission_classes = [_LinkOrMember]

    @extend_schema(
        operation_id="inventory_exports_file",
        tags=[TAG],
        parameters=[OpenApiParameter(LINK, str, description="Instead of a token.")],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, XLSX_CONTENT_TYPE): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, export_id: UUID) -> HttpResponseBase:
        """The file; 409 until it is written."""
        owner = None if _has_link(request, export_id) else self.organization_id
        job = get_finished_export(owner, export_id)
        return FileResponse(
            open_export(job),
            as_attachment=True,
            filename=Path(str(job.file.name)).name,
            content_type=CONTENT_TYPES[job.options["format"]],
            headers={"Cache-Control": "no-store"},
        )


def _has_link(request: Request, export_id: UUID) -> bool:
    return v1_links.is_valid(request.query_params.get(LINK, ""), export_id)


def _as_answer(job: StockJob, request: Request) -> dict[str, object]:
    url = None
    if job.file:
        path = reverse("inventory-export-file", args=[job.pk], query={LINK: v1_links.sign(job.pk)})
        url = request.build_absolute_uri(path)
    answer = ExportSerializer(job, context={"download_url": url}).data
    return cast(dict[str, object], answer)
