from django.contrib import admin

from accounts.admin_base import TenantAdmin
from jobs.admin_base import ORGANIZATION_FILTER
from qrtracking.models import SsccCounter


@admin.register(SsccCounter)
class SsccCounterAdmin(TenantAdmin):
    list_display = ["organization", "company_prefix", "extension_digit", "next_serial"]
    list_filter = [ORGANIZATION_FILTER]
    list_select_related = ["organization"]
    search_fields = ["company_prefix"]
    autocomplete_fields = ["organization"]
    ordering = ["company_prefix", "id"]

    def get_readonly_fields(self, request, obj=None):
        # A number that was given must never be given again: nobody sets a counter back.
        return ["organization", "next_serial"] if obj else []

    def has_delete_permission(self, request, obj=None):
        """A new counter would begin where this one began."""
        return False
