from django.contrib import admin
from django.db.models import F

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import display
from jobs.admin_base import ORGANIZATION_FILTER, AutocompleteFilter, ConstantFilter
from qrtracking.admin.base import CodeSearch, ParentFirst
from qrtracking.models import MasterCode, PreparedCode, ScanEvent, UnitCode


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


@admin.register(MasterCode)
class MasterCodeAdmin(CodeSearch, ReadOnlyAdmin, ParentFirst):
    code_field = "master_code"
    search_help_text = "Finds: a whole case code or the address on its label"
    list_display = [
        "master_code",
        "case_number",
        "units",
        "status",
        "manufacturer_scanned_by",
        "manufacturer_scanned_at",
    ]
    list_filter = [("batch", AutocompleteFilter), "status", FillFilter]
    list_select_related = ["manufacturer_scanned_by"]
    search_exact = ["id"]
    ordering = ["batch", "case_number"]

    @display(description="units")
    def units(self, case):
        return f"{case.actual_unit_count:,} of {case.expected_unit_count:,}"


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
    list_filter = [("batch", AutocompleteFilter), "status", "is_buffer"]
    list_select_related = ["variant", "master_code"]
    search_exact = ["id"]
    ordering = ["batch", "sequence_number"]

    @display(description="packed in")
    def packed_in(self, unit):
        return f"Case #{unit.master_code.case_number}" if unit.master_code else ""


@admin.register(PreparedCode)
class PreparedCodeAdmin(CodeSearch, ReadOnlyAdmin, ParentFirst):
    parent = "job"
    search_help_text = "Finds: a whole unit code or the address on its label"
    list_display = [
        "code",
        "sequence_number",
        "variant",
        "status",
        "invalid_reason",
        "case",
        "consumed_at",
    ]
    list_filter = [("job", AutocompleteFilter), "status", "invalid_reason"]
    list_select_related = ["variant", "master_code"]
    search_exact = ["id"]
    ordering = ["job", "sequence_number"]

    @display(description="case")
    def case(self, row):
        return f"#{row.master_code.case_number}" if row.master_code else ""

    def get_search_results(self, request, queryset, search_term):
        """By the unit: the queue has no index of its own on codes."""
        units = UnitCodeAdmin(UnitCode, self.admin_site)
        found, _ = units.get_search_results(
            request, UnitCode.objects.visible_to(request.user), search_term
        )
        if not search_term.strip():
            return queryset, False
        return queryset.filter(unit__in=list(found.values_list("pk", flat=True)[:100])), False


@admin.register(ScanEvent)
class ScanEventAdmin(ReadOnlyAdmin, ParentFirst):
    list_display = ["created_at", "kind", "case", "unit_count", "actor", "note"]
    list_filter = [("batch", AutocompleteFilter), "kind", ORGANIZATION_FILTER]
    list_select_related = ["master_code", "actor"]
    search_exact = ["id"]
    ordering = ["batch", "-id"]

    @display(description="case")
    def case(self, event):
        return f"#{event.master_code.case_number}" if event.master_code else ""
