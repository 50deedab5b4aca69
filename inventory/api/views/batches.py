"""`/api/v1/inventory/batches`: what was queued together."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.files import FileView
from accounts.api.schema import IDEMPOTENCY_KEY
from inventory.api import error_files
from inventory.api.v1_filters import BatchFilter
from inventory.api.v1_serializers import (
    CancelledSerializer,
    QueueBatchSerializer,
    UndoneSerializer,
    UndoRequest,
)
from inventory.api.views.v1 import TAG, InventoryList, InventoryView, read_body
from inventory.models import QueueBatch
from inventory.selectors.batch_errors import BatchError, list_batch_errors, read_batch_errors
from inventory.selectors.batches import get_batch
from inventory.services.cancelling import cancel_batch
from inventory.services.undoing import preview_undo, undo_batch


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
        parameters=error_files.PARAMETERS,
        responses=error_files.ANSWERS,
    )
    def get(self, request: Request, batch_id: str) -> HttpResponseBase:
        """The failed items of a batch with their reasons, streamed.

        As CSV or XLSX with the posted columns: such a file can be corrected and sent again.
        """
        kind = error_files.read_format(request)
        batch = get_batch(self.organization_id, batch_id)
        return error_files.error_answer(
            kind,
            stem=batch.batch_id,
            rows=lambda: map(_as_result, list_batch_errors(batch)),
            table=lambda: read_batch_errors(batch),
        )


def _as_result(error: BatchError) -> dict[str, Any]:
    return {
        "itemId": error.item_id,
        "line": error.line_no,
        "errorCode": error.error_code,
        "reason": error.reason,
        "data": error.data,
    }


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
