from django.urls import path

from inventory.api.views.queue import (
    AddView,
    BatchView,
    ClearCompletedView,
    ItemsView,
    ItemView,
    ProcessNextView,
    RetryFailedView,
    StartView,
    StatsView,
    StatusView,
    StopView,
)

QUEUE = "api/hybrid-queue"

urlpatterns = [
    path(f"{QUEUE}/add", AddView.as_view(), name="queue-add"),
    path(f"{QUEUE}/stats", StatsView.as_view(), name="queue-stats"),
    path(f"{QUEUE}/status", StatusView.as_view(), name="queue-status"),
    path(f"{QUEUE}/process-next", ProcessNextView.as_view(), name="queue-process-next"),
    path(f"{QUEUE}/items", ItemsView.as_view(), name="queue-items"),
    path(f"{QUEUE}/items/<str:item_id>", ItemView.as_view(), name="queue-item"),
    path(f"{QUEUE}/retry-failed", RetryFailedView.as_view(), name="queue-retry-failed"),
    path(f"{QUEUE}/clear-completed", ClearCompletedView.as_view(), name="queue-clear-completed"),
    path(f"{QUEUE}/batch/<str:batch_id>", BatchView.as_view(), name="queue-batch"),
    path(f"{QUEUE}/start", StartView.as_view(), name="queue-start"),
    path(f"{QUEUE}/stop", StopView.as_view(), name="queue-stop"),
]
