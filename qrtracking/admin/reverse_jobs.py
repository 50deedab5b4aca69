from django.contrib import admin
from django.utils.html import format_html

from accounts.unfold import display
from jobs.admin_base import (
    ORGANIZATION_FILTER,
    ConstantFilter,
    JobAdmin,
    StateFilter,
    preset_range,
)
from jobs.models.job import HIGH, LOW
from qrtracking.admin.base import OrderNumberSearch
from qrtracking.models import ReverseJob
from qrtracking.selectors.excludes import list_excludes
from qrtracking.selectors.monitor import get_queue_states

EXCLUDES_SHOWN = 100
# The first five add up to the first; the last tells of rows of earlier jobs.
COUNTERS = {
    "total_available_in_batch": "Available units",
    "prepared_count": "Prepared",
    "duplicate_count": "Already in the queue",
    "invalid_count": "No longer available",
    "excluded_matched_count": "Excluded",
    "remaining_to_prepare": "Remaining",
    "invalidated_count": "Taken out of earlier jobs",
}


class PriorityFilter(ConstantFilter):
    title = "priority"
    parameter_name = "priority"

    def lookups(self, request, model_admin):
        return [(number, str(number)) for number in range(HIGH, LOW + 1)]

    def apply(self, queryset, value):
        return queryset.filter(priority=value)


@admin.register(ReverseJob)
class ReverseJobAdmin(OrderNumberSearch, JobAdmin):
    list_display = [
        "short_id",
        "organization",
        "order_no",
        "state_badge",
        "progress_bar",
        "prepared_of_total",
        "excluded",
        "attempt_count",
        "waited",
        "ran",
        "created_by",
        "created",
    ]
    list_filter = [StateFilter, PriorityFilter, ORGANIZATION_FILTER, preset_range("created_at")]
    list_select_related = ["organization", "order", "created_by"]
    change_form_template = "qrtracking/admin/reverse_job.html"
    counter_fields = list(COUNTERS)
    error_advice = {
        "batch_not_ready": "The batch may not be packed any more. If that was a mistake, open it "
        "again and retry the job.",
        "batch_missing": "The batch was deleted. There is nothing left to do.",
    }

    class Media:
        css = {"all": ["qrtracking/admin.css"]}

    @display(description="order")
    def order_no(self, job):
        return format_html('<span class="job-nowrap">{}</span>', job.order.order_no)

    @display(description="prepared")
    def prepared_of_total(self, job):
        total = job.total_available_in_batch
        text = f"{job.prepared_count:,} / {total:,}" if total is not None else "not counted yet"
        return format_html('<span class="job-nowrap">{}</span>', text)

    @display(description="excluded")
    def excluded(self, job):
        return f"{job.excluded_matched_count:,}"

    def get_queryset(self, request):
        # Up to 100,000 texts that no list shows.
        return super().get_queryset(request).defer("cursor", "exclude_codes")

    def get_counters(self, job):
        return [(words, getattr(job, name)) for name, words in COUNTERS.items()]

    def get_fieldsets(self, request, obj=None):
        own, *rest = super().get_fieldsets(request, obj)
        names = [name for name in own[1]["fields"] if name != "exclude_codes"]
        return [(own[0], {"fields": names}), *rest]

    def render_change_form(self, request, context, *args, **kwargs):
        job = kwargs["obj"]
        asked = request.GET.get("excludes", "")
        first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
        context["excludes"] = list_excludes(job=job, first=first, most=EXCLUDES_SHOWN)
        context["excludes_from_start"] = first == 0
        context["queue_state"] = get_queue_states(jobs=[job])[job.pk]
        return super().render_change_form(request, context, *args, **kwargs)
