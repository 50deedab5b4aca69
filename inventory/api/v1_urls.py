"""`/api/v1/inventory`: stock, batches and what is set for the queue. Additions to the contract."""

from typing import Any

from django.urls import path

from inventory.api.views.analytics import AnalyticsView
from inventory.api.views.batches import (
    BatchErrorsView,
    BatchesView,
    CancelBatchView,
    UndoBatchView,
)
from inventory.api.views.devices import (
    DevicesView,
    DeviceView,
    MoveDeviceView,
    RemoveDeviceView,
    RestoreDeviceView,
)
from inventory.api.views.exports import ExportFileView, ExportsView, ExportView
from inventory.api.views.imports import (
    ImportErrorsView,
    ImportMappingView,
    ImportsView,
    ImportView,
    QueueImportView,
)
from inventory.api.views.items import ItemsView
from inventory.api.views.places import LocationsView, MovementsView
from inventory.api.views.rules import SkuRuleViewSet, SourceViewSet, TacModelViewSet
from inventory.api.views.stock import StockView

V1 = "api/v1/inventory"

ROWS: dict[str, Any] = {"get": "list", "post": "create"}
ROW: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
RULES = {"sources": SourceViewSet, "sku-rules": SkuRuleViewSet, "tac-models": TacModelViewSet}

urlpatterns = [
    path(f"{V1}/analytics", AnalyticsView.as_view(), name="inventory-analytics"),
    path(f"{V1}/batches", BatchesView.as_view(), name="inventory-batches"),
    path(f"{V1}/batches/<str:batch_id>/errors", BatchErrorsView.as_view()),
    path(f"{V1}/batches/<str:batch_id>/cancel", CancelBatchView.as_view()),
    path(f"{V1}/batches/<str:batch_id>/undo", UndoBatchView.as_view()),
    path(f"{V1}/devices", DevicesView.as_view(), name="inventory-devices"),
    path(f"{V1}/devices/<str:imei>", DeviceView.as_view(), name="inventory-device"),
    path(f"{V1}/devices/<str:imei>/move", MoveDeviceView.as_view()),
    path(f"{V1}/devices/<str:imei>/remove", RemoveDeviceView.as_view()),
    path(f"{V1}/devices/<str:imei>/restore", RestoreDeviceView.as_view()),
    path(f"{V1}/exports", ExportsView.as_view(), name="inventory-exports"),
    path(f"{V1}/exports/<uuid:export_id>", ExportView.as_view(), name="inventory-export"),
    path(
        f"{V1}/exports/<uuid:export_id>/file",
        ExportFileView.as_view(),
        name="inventory-export-file",
    ),
    path(f"{V1}/imports", ImportsView.as_view(), name="inventory-imports"),
    path(f"{V1}/imports/<uuid:import_id>", ImportView.as_view(), name="inventory-import"),
    path(f"{V1}/imports/<uuid:import_id>/errors", ImportErrorsView.as_view()),
    path(f"{V1}/imports/<uuid:import_id>/mapping", ImportMappingView.as_view()),
    path(f"{V1}/imports/<uuid:import_id>/queue", QueueImportView.as_view()),
    path(f"{V1}/items", ItemsView.as_view(), name="inventory-items"),
    path(f"{V1}/locations", LocationsView.as_view(), name="inventory-locations"),
    path(f"{V1}/movements", MovementsView.as_view(), name="inventory-movements"),
    path(f"{V1}/stock", StockView.as_view(), name="inventory-stock"),
    *(path(f"{V1}/{name}", rules.as_view(ROWS)) for name, rules in RULES.items()),
    *(path(f"{V1}/{name}/<int:pk>", rules.as_view(ROW)) for name, rules in RULES.items()),
]
