"""`/api/v1/inventory/batches`: what was queued together."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.files import FileView, file_answer
from accounts.api.queries import refuse_unknown
from accounts.api.schema import IDEMPOTENCY_KEY
from inventory.api.v1_filters import BatchFilter
from inventory.api.v1_serializers import (
    CancelledSerializer,
    QueueBatchSerializer,
    UndoneSerializer,
    UndoRequest,
)
from inventory.api.views.v1 import TAG, InventoryList, InventoryView, read_body
from inventory.errors import FormatInvalid
from inventory.models import QueueBatch
from inventory.selectors.batch_errors import list_batch_errors, read_batch_errors
from inventory.selectors.batches import get_batch
from inventory.services.cancelling import cancel_batch
from inventory.services.undoing import preview_undo, undo_batch
from tables.streaming import (
    CSV_CONTENT_TYPE,
    XLSX_CONTENT_TYPE,
    Sheet,
    stream_csv,
    stream_xlsx,
)

JSON_CONTENT_TYPE = "application/json"
ROWS_A_PIECE = 500


class BatchesView(InventoryList):
    queryset = QueueBatch.objects.none()
    serializer_class = QueueBatchSerializer
    filterset_class = BatchFilter

    def list_rows(self) -> "QuerySet[QueueBatch]":
        rows: QuerySet[QueueBatch] = QueueBatch.objects.filter(
            organization_id=self.organization_id
        ).select_related("created_by")
        return rows

    @extend_schema(
        operation_id="inventory_batches_list",
        tags=[TAG],
        responses=QueueBatchSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Batches, the newest first."""
        return self.page(request)


class BatchErrorsView(FileView, InventoryView):
    @extend_schema(
        operation_id="inventory_batch_errors",
        tags=[TAG],
        parameters=[OpenApiParameter("format", str, enum=["json", "csv", "xlsx"], default="json")],
        responses={
            (200, JSON_CONTENT_TYPE): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, XLSX_CONTENT_TYPE): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, batch_id: str) -> HttpResponseBase:
        """The failed items of a batch with their reasons, streamed.

        As CSV or XLSX with the posted columns: such a file can be corrected and sent again.
        """
        refuse_unknown(request, ["format"])
        batch = get_batch(self.organization_id, batch_id)
        kind = request.query_params.get("format", "json")
        if kind not in ("json", "csv", "xlsx"):
            raise FormatInvalid
        if kind == "json":
            answer = file_answer(_as_json(batch), name="", content_type=JSON_CONTENT_TYPE)
            del answer.headers["Content-Disposition"]
            return answer
        table = read_batch_errors(batch)
        name = f"{batch.batch_id}-errors.{kind}"
        if kind == "csv":
            pieces = stream_csv(table.header, table.rows)
            return file_answer(pieces, name=name, content_type=CSV_CONTENT_TYPE)
        pieces = stream_xlsx([Sheet(table.title, table.header, table.rows)])
        return file_answer(pieces, name=name, content_type=XLSX_CONTENT_TYPE)


def _as_json(batch: QueueBatch) -> Iterator[bytes]:
    """`{"results": [{itemId, line, errorCode, reason, data}]}`, some rows a piece."""
    render = JSONRenderer().render
    piece, comma = [b'{"results":['], b""
    for error in list_batch_errors(batch):
        row = {
            "itemId": error.item_id,
            "line": error.line_no,
            "errorCode": error.error_code,
            "reason": error.reason,
            "data": error.data,
        }
        piece += [comma, render(row)]
        comma = b","
        if len(piece) > 2 * ROWS_A_PIECE:
            yield b"".join(piece)
            piece = []
    yield b"".join([*piece, b"]}"])


class CancelBatchView(InventoryView):
    # Pending items are cancelled piece by piece, each committed.
    idempotency_atomic: ClassVar[bool] = False

    @extend_schema(
        operation_id="inventory_batch_cancel",
        tags=[TAG],
        request=None,
        responses=CancelledSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, batch_id: str) -> Response:
        """Fail the pending items of a batch with the code `cancelled`."""
        batch = get_batch(self.organization_id, batch_id)
        count = cancel_batch(
            organization_id=self.organization_id, batch_id=batch.batch_id, actor=self.actor
        )
        return Response(CancelledSerializer({"cancelled": count}).data)


class UndoBatchView(InventoryView):
    @extend_schema(
        operation_id="inventory_batch_undo",
        tags=[TAG],
        request=UndoRequest,
        responses=UndoneSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, batch_id: str) -> Response:
        """Undo a batch: what it made goes, what it changed is as before; or only tell, `dryRun`."""
        batch = get_batch(self.organization_id, batch_id)
        is_dry: bool = read_body(UndoRequest, request)["dry_run"]
        which: dict[str, Any] = {
            "organization_id": self.organization_id,
            "batch_id": batch.batch_id,
            "now": timezone.now(),
        }
        undone = preview_undo(**which) if is_dry else undo_batch(actor=self.actor, **which)
        return Response(
            UndoneSerializer(
                {
                    "dry_run": is_dry,
                    "deleted": undone.deleted,
                    "restored": undone.restored,
                    "left": undone.left,
                    "changed_since": undone.changed_since,
                }
            ).data
        )
