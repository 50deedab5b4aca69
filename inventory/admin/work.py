from django.contrib import admin

from inventory.models import QueueDrain
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
    empty_text = "One starts by itself when items are due, and ends when none is."
    counter_fields = ["claimed", "completed", "failed", "retried"]
