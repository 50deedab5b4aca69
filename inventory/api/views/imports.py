"""`/api/v1/inventory/imports`: files and lists of phones, tried before they are queued."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED

from accounts.api.files import FileView
from accounts.api.parsers import JSONObjectParser
from accounts.api.schema import IDEMPOTENCY_KEY
from inventory.api import error_files
from inventory.api.v1_imports import (
    FileRequest,
    ImportSerializer,
    MappingRequest,
    PasteRequest,
    QueuedSerializer,
    QueueImportRequest,
)
from inventory.api.views.v1 import TAG, InventoryView, read_body
from inventory.errors import MappingInvalid
from inventory.models import QueueImport
from inventory.selectors.imports import (
    InvalidRow,
    get_import,
    get_preview,
    list_import_errors,
    read_import_errors,
)
from inventory.services.importing import (
    answer_question,
    create_import,
    create_import_from_text,
    queue_import,
    set_mapping,
)


class ImportsView(InventoryView):
    parser_classes = [JSONObjectParser, MultiPartParser]

    @extend_schema(
        operation_id="inventory_imports_create",
        tags=[TAG],
        request={"application/json": PasteRequest, "multipart/form-data": FileRequest},
        responses={202: ImportSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Read and judge a file, or a pasted list, in the background. Nothing is queued by that.

        A file that was queued within 30 days is refused with `import_repeated`, unless `confirmed`.
        """
        whose: dict[str, Any] = {
            "organization_id": self.organization_id,
            "actor": self.actor,
            "now": timezone.now(),
        }
        is_form = (request.content_type or "").startswith("multipart/")
        if "file" in request.FILES or (is_form and "text" not in request.data):
            body = read_body(FileRequest, request)
            row = create_import(file_name=body["file"].name or "", **whose, **body)
        else:
            row = create_import_from_text(**whose, **read_body(PasteRequest, request))
        return _accepted(row)


class ImportView(InventoryView):
    @extend_schema(
        operation_id="inventory_imports_retrieve", tags=[TAG], responses=ImportSerializer
    )
    def get(self, request: Request, import_id: UUID) -> Response:
        """How far an import is: its question, its columns with three samples, its dry run."""
        return Response(_answer_of(get_import(self.organization_id, import_id)))


class ImportErrorsView(FileView, InventoryView):
    @extend_schema(
        operation_id="inventory_imports_errors",
        tags=[TAG],
        parameters=error_files.PARAMETERS,
        responses=error_files.ANSWERS,
    )
    def get(self, request: Request, import_id: UUID) -> HttpResponseBase:
        """The rows that would fail, with their reasons, streamed.

        As CSV or XLSX with the columns of the file: it can be corrected and sent again.
        """
        kind = error_files.read_format(request)
        row = get_import(self.organization_id, import_id)
        return error_files.error_answer(
            kind,
            stem=f"import-{row.pk}",
            rows=lambda: map(_as_result, list_import_errors(row)),
            table=lambda: read_import_errors(row),
        )


class ImportMappingView(InventoryView):
    @extend_schema(
        operation_id="inventory_imports_mapping",
        tags=[TAG],
        request=MappingRequest,
        responses={202: ImportSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def put(self, request: Request, import_id: UUID) -> Response:
        """Say which columns fill which fields, or answer the question; it is judged anew."""
        row = get_import(self.organization_id, import_id)
        body = read_body(MappingRequest, request)
        mapping = body.pop("mapping", None)
        if (mapping is None) != bool(body):
            raise MappingInvalid
        if mapping is not None:
            return _accepted(set_mapping(queue_import=row, actor=self.actor, mapping=mapping))
        return _accepted(answer_question(queue_import=row, actor=self.actor, **body))


class QueueImportView(InventoryView):
    @extend_schema(
        operation_id="inventory_imports_queue",
        tags=[TAG],
        request=QueueImportRequest,
        responses=QueuedSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, import_id: UUID) -> Response:
        """Queue all rows but the invalid ones as one batch that can be undone."""
        row = get_import(self.organization_id, import_id)
        confirmed: bool = read_body(QueueImportRequest, request)["confirmed"]
        added = queue_import(
            queue_import=row, actor=self.actor, confirmed=confirmed, now=timezone.now()
        )
        answer = {
            "batch_id": added.batch.batch_id,
            "added": added.added,
            "is_stopped": added.is_stopped,
            "starts_at": added.starts_at,
        }
        return Response(QueuedSerializer(answer).data)


def _accepted(row: QueueImport) -> Response:
    row.refresh_from_db()
    location = reverse("inventory-import", args=[row.pk])
    return Response(_answer_of(row), status=HTTP_202_ACCEPTED, headers={"Location": location})


def _answer_of(row: QueueImport) -> Any:
    return ImportSerializer(get_preview(row)).data


def _as_result(row: InvalidRow) -> dict[str, Any]:
    return {
        "line": row.line_no,
        "errorCode": row.error_code,
        "reason": row.reason,
        "data": row.data,
    }
