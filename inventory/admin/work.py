from django.contrib import admin

from inventory.models import QueueDrain, StockJob
from jobs.admin_base import JobAdmin


@admin.register(QueueDrain)
class QueueDrainAdmin(JobAdmin):
    list_display = [
        "short_id",
        "organization",
        "lane",
        "state_badge",
        "claimed",
        "completed",
        "failed",
        "retried",
        "waited",
        "ran",
        "created",
    ]
    counter_fields = ["claimed", "completed", "failed", "retried"]


@admin.register(StockJob)
class StockJobAdmin(JobAdmin):
    list_display = [
        "short_id",
        "organization",
        "kind",
        "state_badge",
        "row_count",
        "waited",
        "ran",
        "created_by",
        "created",
    ]
    list_select_related = ["organization", "created_by"]
    counter_fields = ["row_count"]
