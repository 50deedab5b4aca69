from functools import partial

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from accounts.admin_base import ReadOnlyAdmin, permission_view
from accounts.unfold import action, display
from inventory.admin.base import STYLE, badge, link, narrow_moment, page_url
from inventory.admin.batch_page import (
    answer_error_file,
    answer_live,
    answer_retry_code,
    batch_context,
    undo_preview,
)
from inventory.admin.batch_verbs import BATCH_VERBS, PERMISSIONS
from inventory.admin.filters import BatchStatusFilter, SourceFilter
from inventory.admin.item_states import batch_badge, duration_of
from inventory.models import QueueBatch
from inventory.selectors.batches import progress_of
from jobs.admin_base import (
    ORGANIZATION_FILTER,
    BigTableAdmin,
    VerbPages,
    format_duration,
    preset_range,
)


@admin.register(QueueBatch)
class QueueBatchAdmin(VerbPages, BigTableAdmin, ReadOnlyAdmin):
    list_display = [
        "name",
        "source",
        "who",
        "progress_bar",
        "counts",
        "state_badge",
        "started",
        "duration",
        "error_file",
        "organization",
    ]
    list_filter = [
        BatchStatusFilter,
        SourceFilter,
        preset_range("created_at"),
        ORGANIZATION_FILTER,
    ]
    list_select_related = ["organization", "created_by"]
    search_exact = ["batch_id"]
    empty_text = "One begins with an add by a program, with a file import, or with a scan."
    ordering = ["-id"]
    change_form_template = "inventory/admin/batch.html"
    verbs = list(BATCH_VERBS)
    verb_set = BATCH_VERBS
    verb_noun = "batch"
    id_converter = "str"
    actions = ["retry_selected", "cancel_selected", "start_selected", "undo_selected"]

    class Media:
        css = {"all": ["jobs/admin.css", STYLE]}
        js = ["jobs/live.js"]

    # The list

    @display(description="batch")
    def name(self, batch):
        return format_html('<span class="queue-id">{}</span>', batch.batch_id)

    @display(description="by")
    def who(self, batch):
        return batch.created_by or "a program"

    @display(description="progress")
    def progress_bar(self, batch):
        progress = progress_of(batch)
        return format_html(
            '<progress class="job-bar" max="100" value="{}" aria-label="{} per cent"></progress>'
            '<span class="job-percent">{} %</span>',
            progress,
            progress,
            f"{progress:.4g}",
        )

    @display(description="done / failed / all")
    def counts(self, batch):
        return format_html(
            '<span class="job-nowrap">{} / <span class="{}">{}</span> / {}</span>',
            f"{batch.processed_items:,}",
            "queue-bad" if batch.failed_items else "",
            f"{batch.failed_items:,}",
            f"{batch.total_items:,}",
        )

    @display(description="state")
    def state_badge(self, batch):
        return badge(*batch_badge(batch))

    @display(description="started")
    def started(self, batch):
        return narrow_moment(batch.started_at)

    @display(description="duration")
    def duration(self, batch):
        return format_html(
            '<span class="job-nowrap">{}</span>', format_duration(duration_of(batch))
        )

    @display(description="error file")
    def error_file(self, batch):
        if batch.failed_items <= batch.discarded_items:
            return "-"
        excel = link(page_url("queuebatch", batch.pk, "error_file_xlsx"), "Excel")
        csv = link(page_url("queuebatch", batch.pk, "error_file_csv"), "CSV")
        return format_html('<span class="job-nowrap">{} {}</span>', excel, csv)

    # Pages

    def get_fieldsets(self, request, obj=None):
        names = self.get_fields(request, obj)
        return [("Technical details", {"fields": names, "classes": ["collapse"]})]

    def get_urls(self):
        pages = [
            ("live/", "live", partial(answer_live, self), "view"),
            ("errors.csv", "error_file_csv", partial(answer_error_file, format="csv"), "view"),
            ("errors.xlsx", "error_file_xlsx", partial(answer_error_file, format="xlsx"), "view"),
            ("retry-code/", "retry_code", partial(answer_retry_code, self), "retry"),
        ]
        own = [
            path(
                f"<str:object_id>/{route}",
                permission_view(self, view, permission=permission),
                name=f"inventory_queuebatch_{name}",
            )
            for route, name, view, permission in pages
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request, context, *args, **kwargs):
        batch = kwargs["obj"]
        context.update(batch_context(self, request, batch))
        context["title"] = batch.batch_id
        context["subtitle"] = None
        return super().render_change_form(request, context, *args, **kwargs)

    def verb_view(self, request, row, *, verb):
        answer = super().verb_view(request, row, verb=verb)
        if verb.name == "undo" and isinstance(answer, TemplateResponse):
            # An undo shows first what it would do.
            answer.template_name = "inventory/admin/undo.html"
            answer.context_data.update(undo_preview(row))
        return answer

    def get_row_title(self, row):
        failed = f", {row.failed_items:,} failed" if row.failed_items else ""
        return f"{row.batch_id}: {row.total_items:,} items{failed}"

    def get_badge(self, row):
        return batch_badge(row)

    def get_verb_initial(self, row):
        return {"at": row.scheduled_at}

    # Who may do what

    def permission_of(self, verb):
        return PERMISSIONS[verb]

    @action(description="Undo", permissions=["undo"])
    def undo_selected(self, request, queryset):
        chosen = list(queryset[:2])
        if len(chosen) == 1:
            return HttpResponseRedirect(self.page_url("undo", chosen[0]))
        text = "Choose one batch: an undo shows first what it would do."
        return self.message_user(request, text, messages.WARNING)
