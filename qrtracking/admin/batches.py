from functools import partial

from django.contrib import admin
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from accounts.admin_base import permission_view
from accounts.unfold import display
from jobs.admin_base import ORGANIZATION_FILTER, JobAdmin, StateFilter
from qrtracking.admin.base import OrderNumberSearch
from qrtracking.admin.batch_verbs import BATCH_VERBS
from qrtracking.admin.progress import progress_context
from qrtracking.models import Batch, MasterCode


@admin.register(Batch)
class BatchAdmin(OrderNumberSearch, JobAdmin):
    """`progress` shows how far the packing is; the row's own page is that of its generation."""

    list_display = [
        "batch_code",
        "organization",
        "status_text",
        "units",
        "spares",
        "packed_cases",
    ]
    list_filter = [StateFilter, "status", ORGANIZATION_FILTER]
    list_select_related = ["organization", "order"]
    change_form_template = "qrtracking/admin/batch.html"
    verbs = ["generate", "label", "complete", "retry", "cancel", "requeue", "run"]
    verb_set = BATCH_VERBS
    verb_noun = "batch"
    verb_home = "progress"
    counter_fields = ["total_master_codes", "planned_unique_codes", "total_unique_codes"]
    error_advice = {
        "hash_secret_missing": "Set QR_HASH_SECRET in the environment, restart, then retry.",
    }

    class Media:
        css = {"all": ["qrtracking/admin.css"]}

    @display(description="batch")
    def batch_code(self, batch):
        return format_html('<span class="job-nowrap">{}</span>', batch.batch_code)

    @display(description="status")
    def status_text(self, batch):
        return batch.get_status_display()

    @display(description="units")
    def units(self, batch):
        return f"{batch.planned_unique_codes:,}"

    @display(description="spares")
    def spares(self, batch):
        return f"{batch.spare_count:,}"

    @display(description="cases packed")
    def packed_cases(self, batch):
        return format_html(
            '<a class="job-link job-nowrap" href="{}">{} / {}</a>',
            self.page_url("progress", batch),
            f"{batch.packed_case_count:,}",
            f"{batch.total_master_codes:,}",
        )

    def get_queryset(self, request):
        packed = (
            MasterCode.objects.filter(
                batch=OuterRef("pk"), actual_unit_count__gte=F("expected_unit_count")
            )
            .order_by()
            .values("batch")
            .annotate(number=Count("pk"))
            .values("number")
        )
        queryset = super().get_queryset(request)
        return queryset.annotate(packed_case_count=Coalesce(Subquery(packed), 0))

    def get_row_title(self, row):
        return row.batch_code

    def get_urls(self):
        pages = [
            path(
                f"<uuid:object_id>/{route}/",
                permission_view(
                    self, partial(self.progress_view, template=template), permission="view"
                ),
                name=f"qrtracking_batch_{name}",
            )
            for route, name, template in (
                ("progress", "progress", "qrtracking/admin/progress.html"),
                ("progress/live", "progress_live", "qrtracking/admin/progress_panel.html"),
            )
        ]
        return [*pages, *super().get_urls()]

    def progress_view(self, request, batch, *, template):
        context = {
            **self.admin_site.each_context(request),
            **progress_context(self, request, batch),
            "title": batch.batch_code,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, template, context)

    # Who may do what

    def permission_of(self, verb):
        return "qrtracking.complete_batch" if verb == "complete" else "qrtracking.generate_batch"
