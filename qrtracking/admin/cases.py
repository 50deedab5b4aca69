from django.contrib import admin
from django.db.models import F
from django.urls import reverse

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import display
from jobs.admin_base import AutocompleteFilter, ConstantFilter, VerbPages, format_moment
from qrtracking.admin.base import CodeSearch, ParentFirst
from qrtracking.admin.case_verbs import CASE_VERBS
from qrtracking.models import LOCKED, MasterCode
from qrtracking.selectors.scan import (
    get_planned_units,
    list_case_events,
    list_spoiled_of,
    list_units_in,
)

EVENTS_SHOWN = 50


class FillFilter(ConstantFilter):
    title = "fill"
    parameter_name = "fill"

    def lookups(self, request, model_admin):
        return [("full", "Full"), ("partial", "Partly filled"), ("empty", "Empty")]

    def apply(self, queryset, value):
        full = {"actual_unit_count__gte": F("expected_unit_count")}
        match value:
            case "full":
                return queryset.filter(**full)
            case "partial":
                return queryset.filter(actual_unit_count__gt=0).exclude(**full)
            case _:
                return queryset.filter(actual_unit_count=0)


class ShortFilter(ConstantFilter):
    title = "short"
    parameter_name = "short"

    def lookups(self, request, model_admin):
        return [("yes", "Closed short"), ("no", "Not closed short")]

    def apply(self, queryset, value):
        return queryset.filter(short_reason__isnull=value == "no")


@admin.register(MasterCode)
class MasterCodeAdmin(CodeSearch, VerbPages, ReadOnlyAdmin, ParentFirst):
    code_field = "master_code"
    search_help_text = "Finds: a whole case code or the address on its label"
    list_display = [
        "master_code",
        "case_number",
        "units",
        "status",
        "manufacturer_scanned_by",
        "scanned",
    ]
    list_filter = [("batch", AutocompleteFilter), "status", ShortFilter, FillFilter]
    search_exact = ["id"]
    ordering = ["batch", "case_number"]
    change_form_template = "qrtracking/admin/case.html"
    verbs = list(CASE_VERBS)
    verb_set = CASE_VERBS
    verb_noun = "case"
    actions = ["unlink_selected", "close_selected", "receive_selected"]

    @display(description="actual / expected")
    def units(self, case):
        return f"{case.actual_unit_count:,} / {case.expected_unit_count:,}"

    @display(description="scanned at")
    def scanned(self, case):
        return format_moment(case.manufacturer_scanned_at)

    def get_queryset(self, request):
        related = "organization", "order", "manufacturer_scanned_by"
        return super().get_queryset(request).select_related(*related)

    def get_fieldsets(self, request, obj=None):
        details = {"fields": self.get_fields(request, obj), "classes": ["collapse"]}
        return [("Details", details)]

    def get_row_title(self, row):
        return f"Case #{row.case_number} {row.master_code}"

    def get_badge(self, row):
        if row.status in LOCKED:
            return "warning", row.get_status_display()
        return ("success" if row.is_full else "", row.get_status_display())

    def render_change_form(self, request, context, *args, **kwargs):
        case = kwargs["obj"]
        context.update(self._case_context(request, case))
        context["title"] = f"Case #{case.case_number} of {case.order.order_no}"
        context["subtitle"] = None
        return super().render_change_form(request, context, *args, **kwargs)

    def _case_context(self, request, case):
        asked = request.GET.get("from", "")
        first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
        units, following = list_units_in(case=case, first=first)
        return {
            "case": case,
            "badge": self.get_badge(case),
            "buttons": self.get_verb_buttons(request, case),
            "planned": get_planned_units(case=case),
            "spoiled": list_spoiled_of(case=case),
            "units": units,
            "following": following,
            "is_first_page": first <= 1,
            "events": list_case_events(case=case, limit=EVENTS_SHOWN),
            "batch_url": reverse("admin:qrtracking_batch_progress", args=[case.batch_id]),
        }
