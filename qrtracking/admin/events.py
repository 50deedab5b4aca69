from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import display
from jobs.admin_base import ORGANIZATION_FILTER, AutocompleteFilter, format_moment
from qrtracking.admin.base import ParentFirst
from qrtracking.models import ScanEvent


@admin.register(ScanEvent)
class ScanEventAdmin(ReadOnlyAdmin, ParentFirst):
    list_display = ["created", "kind", "case", "unit_count", "actor", "note", "undone"]
    list_filter = [("batch", AutocompleteFilter), "kind", ORGANIZATION_FILTER]
    list_select_related = ["master_code", "actor", "undone_by_event__actor"]
    search_exact = ["id"]
    ordering = ["batch", "-id"]

    @display(description="when")
    def created(self, event):
        return format_moment(event.created_at)

    @display(description="case")
    def case(self, event):
        return f"#{event.master_code.case_number}" if event.master_code else ""

    @display(description="undone by")
    def undone(self, event):
        undoing = event.undone_by_event
        return (
            f"{undoing.actor or 'somebody'}, {format_moment(undoing.created_at)}" if undoing else ""
        )
