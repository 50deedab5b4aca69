from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from jobs.admin_base import ORGANIZATION_FILTER, BigTableAdmin, ConstantFilter, preset_range
from jobs.models import JobEvent, Level


class TroubleFilter(ConstantFilter):
    title = "level"
    parameter_name = "level"

    def lookups(self, request, model_admin):
        return [("trouble", "Warnings and errors"), (Level.ERROR, "Errors")]

    def apply(self, queryset, value):
        # Written as the condition of the partial index, which finds the few among the many.
        queryset = queryset.filter(level__in=[Level.WARN, Level.ERROR])
        return queryset if value == "trouble" else queryset.filter(level=value)


@admin.register(JobEvent)
class JobEventAdmin(BigTableAdmin, ReadOnlyAdmin):
    list_display = ["created_at", "level", "message", "job_label", "job_id", "organization"]
    list_filter = [TroubleFilter, preset_range("created_at"), ORGANIZATION_FILTER]
    search_exact = ["job_id"]
    ordering = ["-id"]
    fields = [
        "created_at",
        "level",
        "message",
        "job_label",
        "job_id",
        "organization",
        "correlation_id",
    ]
