from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import display
from jobs.admin_base import (
    ORGANIZATION_FILTER,
    BigTableAdmin,
    ConstantFilter,
    format_moment,
    preset_range,
)
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
    list_display = ["created", "level", "message", "job", "organization"]
    list_filter = [TroubleFilter, preset_range("created_at"), ORGANIZATION_FILTER]
    list_display_links = ["created"]
    search_exact = ["job_id"]
    ordering = ["-id"]
    fields = [
        "created_at",
        "level",
        "message",
        "job",
        "job_id",
        "organization",
        "correlation_id",
    ]

    class Media:
        css = {"all": ["jobs/admin.css"]}

    @display(description="created", ordering="created_at")
    def created(self, event):
        return format_moment(event.created_at)

    @display(description="job")
    def job(self, event):
        """A link to the job's page, unless its model has none here."""
        text = f"{event.job_label} …{str(event.job_id)[-12:]}"
        name = f"{self.admin_site.name}:{event.job_label.replace('.', '_')}_change"
        try:
            url = reverse(name, args=[event.job_id])
        except NoReverseMatch:
            return text
        return format_html('<a class="job-link" href="{}">{}</a>', url, text)
