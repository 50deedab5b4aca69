from django.contrib import admin
from django.core.exceptions import ValidationError

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import display
from jobs.admin_base import AutocompleteFilter, format_moment
from qrtracking.admin.base import CodeSearch, ParentFirst
from qrtracking.admin.units import UnitCodeAdmin
from qrtracking.models import PreparedCode, UnitCode
from qrtracking.selectors.monitor import get_queue_states
from qrtracking.selectors.visible import list_jobs


@admin.register(PreparedCode)
class PreparedCodeAdmin(CodeSearch, ReadOnlyAdmin, ParentFirst):
    parent = "job"
    list_before_template = "qrtracking/admin/queue_head.html"
    search_help_text = "Finds: a whole unit code or the address on its label"
    list_display = [
        "code",
        "sequence_number",
        "variant",
        "status",
        "reason",
        "case",
        "consumed",
    ]
    list_filter = [("job", AutocompleteFilter), "status", "invalid_reason"]
    list_select_related = ["variant", "master_code"]
    search_exact = ["id"]
    ordering = ["job", "sequence_number"]

    @display(description="reason")
    def reason(self, row):
        return row.get_invalid_reason_display() or ""

    @display(description="case")
    def case(self, row):
        return f"#{row.master_code.case_number}" if row.master_code else ""

    @display(description="consumed")
    def consumed(self, row):
        return format_moment(row.consumed_at)

    def changelist_view(self, request, extra_context=None):
        context = {**self._queue_context(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _queue_context(self, request):
        """What has become of the rows of the chosen job."""
        jobs = list_jobs(user=request.user).select_related("order")
        try:
            job = jobs.filter(pk=self.get_parent_id(request) or None).first()
        except ValidationError:
            # A text that is no id is no job's.
            job = None
        if job is None:
            return {}
        state = get_queue_states(jobs=[job])[job.pk]
        return {"queue_job": job, "queue_state": state}

    def get_search_results(self, request, queryset, search_term):
        """By the unit: the queue has no index of its own on codes."""
        units = UnitCodeAdmin(UnitCode, self.admin_site)
        found, _ = units.get_search_results(
            request, UnitCode.objects.visible_to(request.user), search_term
        )
        if not search_term.strip():
            return queryset, False
        return queryset.filter(unit__in=list(found.values_list("pk", flat=True)[:100])), False
