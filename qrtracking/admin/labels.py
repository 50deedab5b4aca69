from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin_base import TenantAdmin
from accounts.unfold import display
from jobs.admin_base import ORGANIZATION_FILTER, JobAdmin, StateFilter, preset_range
from qrtracking.admin.base import OrderNumberSearch
from qrtracking.models import LabelPrinter, LabelSheet


@admin.register(LabelSheet)
class LabelSheetAdmin(OrderNumberSearch, JobAdmin):
    list_display = [
        "short_id",
        "order_no",
        "organization",
        "labels",
        "layout",
        "state_badge",
        "progress_bar",
        "pages",
        "created_by",
        "created",
    ]
    list_filter = [
        StateFilter,
        "kind",
        "layout",
        ORGANIZATION_FILTER,
        preset_range("created_at"),
    ]
    list_select_related = ["organization", "order", "created_by"]
    counter_fields = ["label_count", "page_count", "verified_count"]
    error_advice = {
        "label_verification_failed": "A page could not be read back. Retry: it is drawn anew. If it "
        "fails again, look at the codes of that page.",
        "label_printer_silent": "Switch the printer on and look at its address, then retry.",
        "label_printing_interrupted": "Look at what was printed. A retry sends all labels again.",
        "label_codes_missing": "Codes of this sheet were deleted. Ask for a new one.",
    }

    @display(description="order")
    def order_no(self, sheet):
        return format_html('<span class="job-nowrap">{}</span>', sheet.order.order_no)

    @display(description="labels")
    def labels(self, sheet):
        return str(sheet)

    @display(description="pages checked")
    def pages(self, sheet):
        return f"{sheet.verified_count:,} of {sheet.page_count:,}"

    @display(description="file")
    def download(self, sheet):
        if not sheet.is_ready:
            return "not ready"
        url = reverse("qrtracking:label-sheet-file", args=[sheet.pk])
        size = filesizeformat(sheet.file_size)
        return format_html('<a href="{}">Download {}</a>', url, size)

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "download"]

    def get_fieldsets(self, request, obj=None):
        own, *rest = super().get_fieldsets(request, obj)
        # The file's own address is that of the storage, which serves nobody.
        names = [name for name in own[1]["fields"] if name not in ("file", "file_size")]
        return [(own[0], {"fields": [*names, "download"]}), *rest]


@admin.register(LabelPrinter)
class LabelPrinterAdmin(TenantAdmin):
    list_display = ["name", "host", "port", "dots_per_inch", "is_active", "organization"]
    list_filter = [ORGANIZATION_FILTER, "is_active"]
    list_select_related = ["organization"]
    search_fields = ["name", "host"]
    autocomplete_fields = ["organization"]
    ordering = ["name", "id"]

    def get_readonly_fields(self, request, obj=None):
        # Sheets that were sent to it belong to its organization.
        return ["organization"] if obj else []
