"""`/api/v1/inventory`: stock, batches and what is set for the queue. Additions to the contract."""

from django.urls import path

from inventory.api.views.analytics import AnalyticsView
from inventory.api.views.batches import (
    BatchErrorsView,
    BatchesView,
    CancelBatchView,
    UndoBatchView,
)
from inventory.api.views.exports import ExportFileView, ExportsView, ExportView

V1 = "api/v1/inventory"

urlpatterns = [
    path(f"{V1}/analytics", AnalyticsView.as_view(), name="inventory-analytics"),
    path(f"{V1}/batches", BatchesView.as_view(), name="inventory-batches"),
    path(f"{V1}/batches/<str:batch_id>/errors", BatchErrorsView.as_view()),
    path(f"{V1}/batches/<str:batch_id>/cancel", CancelBatchView.as_view()),
    path(f"{V1}/batches/<str:batch_id>/undo", UndoBatchView.as_view()),
    path(f"{V1}/exports", ExportsView.as_view(), name="inventory-exports"),
    path(f"{V1}/exports/<uuid:export_id>", ExportView.as_view(), name="inventory-export"),
    path(
        f"{V1}/exports/<uuid:export_id>/file",
        ExportFileView.as_view(),
        name="inventory-export-file",
    ),
]
