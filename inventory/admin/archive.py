from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from accounts.unfold import display
from inventory.admin.base import OneOrganization, badge, is_list, moment, search_items
from inventory.admin.filters import SourceFilter
from inventory.admin.item_page import find_batch, log_lines, posted_context
from inventory.models import ItemStatus, QueueArchive
from inventory.selectors.items import LOG_SHOWN, list_log
from jobs.admin_base import ORGANIZATION_FILTER, ConstantFilter, format_moment, preset_range


class OutcomeFilter(ConstantFilter):
    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request, model_admin):
        return [
            (status.value, status.label) for status in (ItemStatus.COMPLETED, ItemStatus.FAILED)
        ]

    def apply(self, queryset, value):
        return queryset.filter(processing_status=value)


@admin.register(QueueArchive)
class QueueArchiveAdmin(ReadOnlyAdmin, OneOrganization):
    list_display = ["item", "imei_text", "outcome", "source", "batch", "error", "ended", "archived"]
    list_filter = [OutcomeFilter, SourceFilter, preset_range("archived_at"), ORGANIZATION_FILTER]
    search_exact = ["id"]
    search_help_text = "Finds: IMEI as it is written, item id"
    ordering = ["organization", "-archived_at", "-id"]
    empty_text = "Completed items come here when they are cleared, by hand or when they are old."
    change_form_template = "inventory/admin/archived.html"

    @display(description="item")
    def item(self, row):
        return row.queue_id

    @display(description="IMEI")
    def imei_text(self, row):
        return row.imei or "-"

    @display(description="outcome")
    def outcome(self, row):
        is_completed = row.processing_status == ItemStatus.COMPLETED
        return badge("success" if is_completed else "danger", row.processing_status)

    @display(description="batch")
    def batch(self, row):
        return row.batch_id or "-"

    @display(description="error")
    def error(self, row):
        return row.error_message or "-"

    @display(description="ended")
    def ended(self, row):
        return moment(row.processed_at)

    @display(description="archived")
    def archived(self, row):
        return moment(row.archived_at)

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip()
        if not term:
            return queryset, False
        return search_items(queryset, term, imei="imei", pk="queue_id"), False

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.defer("raw_data") if is_list(request) else queryset

    def get_fieldsets(self, request, obj=None):
        names = [name for name in self.get_fields(request, obj) if name != "raw_data"]
        return [("Technical details", {"fields": names, "classes": ["collapse"]})]

    def render_change_form(self, request, context, *args, **kwargs):
        row = kwargs["obj"]
        context.update(
            row=row,
            badge=self.outcome(row),
            facts=_facts(row),
            batch=find_batch(row.organization_id, row.batch_id),
            log=log_lines(list_log(row.organization_id, row.queue_id)),
            log_limit=LOG_SHOWN,
            title=f"Item {row.queue_id}, archived",
            subtitle=None,
            **posted_context(row.raw_data),
        )
        return super().render_change_form(request, context, *args, **kwargs)


def _facts(row):
    took = row.processing_time_ms
    return [
        ("Organization", row.organization),
        ("Source", row.source),
        ("Added", format_moment(row.created_at)),
        ("Ended", format_moment(row.processed_at)),
        ("Archived", format_moment(row.archived_at)),
        ("Time of handling", "" if took is None else f"{took:,} ms"),
    ]
