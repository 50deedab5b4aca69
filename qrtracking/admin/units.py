from django.contrib import admin
from django.core.exceptions import ValidationError

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import display
from jobs.admin_base import AutocompleteFilter, ConstantFilter
from qrtracking.admin.base import CodeSearch, ParentFirst
from qrtracking.models import Batch, UnitCode
from qrtracking.selectors.monitor import list_unit_rows, list_unit_scans
from qrtracking.selectors.scan import list_case_events

EVENTS_SHOWN = 50


class SpareFilter(ConstantFilter):
    """Spares have the last sequences of their batch: the index leads there past all other units."""

    title = "spare"
    parameter_name = "spare"

    def lookups(self, request, model_admin):
        return [("yes", "Spares"), ("no", "Planned units")]

    def queryset(self, request, queryset):
        self.batch_id = request.GET.get("batch__id__exact", "")
        return super().queryset(request, queryset)

    def apply(self, queryset, value):
        if value == "no":
            return queryset.filter(is_buffer=False)
        return queryset.filter(is_buffer=True, sequence_number__gt=self._last_planned())

    def _last_planned(self):
        """A number, not a join: with it the planner knows that the range is short."""
        try:
            batches = Batch.objects.filter(pk=self.batch_id or None)
        except ValidationError:
            return 0
        return batches.values_list("planned_unique_codes", flat=True).first() or 0


@admin.register(UnitCode)
class UnitCodeAdmin(CodeSearch, ReadOnlyAdmin, ParentFirst):
    search_help_text = "Finds: a whole unit code or the address on its label"
    list_display = [
        "code",
        "sequence_number",
        "variant",
        "status",
        "planned_case_number",
        "packed_in",
    ]
    list_filter = [("batch", AutocompleteFilter), "status", SpareFilter]
    list_select_related = ["variant", "master_code"]
    search_exact = ["id"]
    ordering = ["batch", "sequence_number"]
    change_form_template = "qrtracking/admin/unit.html"

    @display(description="packed in")
    def packed_in(self, unit):
        return f"Case #{unit.master_code.case_number}" if unit.master_code else ""

    def get_fieldsets(self, request, obj=None):
        details = {"fields": self.get_fields(request, obj), "classes": ["collapse"]}
        return [("Details", details)]

    def render_change_form(self, request, context, *args, **kwargs):
        unit = kwargs["obj"]
        case = unit.master_code
        context.update(
            unit=unit,
            case=case,
            scans=list_unit_scans(unit=unit),
            queue_rows=list_unit_rows(unit=unit),
            events=list_case_events(case=case, limit=EVENTS_SHOWN) if case else [],
            title=f"Unit #{unit.sequence_number} of {unit.order.order_no}",
            subtitle=None,
        )
        return super().render_change_form(request, context, *args, **kwargs)
