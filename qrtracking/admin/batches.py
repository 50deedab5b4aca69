from django.contrib import admin, messages
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin_base import confirm_action
from accounts.errors import DomainError
from accounts.unfold import action, display
from jobs.admin_base import (
    ORGANIZATION_FILTER,
    ConstantFilter,
    JobAdmin,
    StateFilter,
    preset_range,
)
from jobs.models.job import HIGH, LOW
from qrtracking.models import Batch, MasterCode, Order, ReverseJob
from qrtracking.services.generation import start_generation
from qrtracking.services.label_sheets import create_all_sheets


class PriorityFilter(ConstantFilter):
    title = "priority"
    parameter_name = "priority"

    def lookups(self, request, model_admin):
        return [(number, str(number)) for number in range(HIGH, LOW + 1)]

    def apply(self, queryset, value):
        return queryset.filter(priority=value)


class OrderNumberSearch:
    """Finds jobs by their id or the number of their order."""

    search_help_text = "Finds: exact id, exact order number"

    def get_search_results(self, request, queryset, search_term):
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, may_have_duplicates
        number = search_term.strip().upper().removeprefix("BATCH-")
        orders = Order.objects.visible_to(request.user).filter(order_no=number)
        ids = list(orders.values_list("pk", flat=True)[:100])
        return (queryset.filter(order_id__in=ids) if ids else found), False


@admin.register(Batch)
class BatchAdmin(OrderNumberSearch, JobAdmin):
    list_display = [
        "batch_code",
        "organization",
        "status_text",
        "progress_bar",
        "planned_unique_codes",
        "spares",
        "packed_cases",
        "created",
    ]
    list_filter = [StateFilter, "status", ORGANIZATION_FILTER, preset_range("created_at")]
    list_select_related = ["organization", "order"]
    verbs = ["retry", "cancel", "requeue", "run"]
    counter_fields = ["total_master_codes", "planned_unique_codes", "total_unique_codes"]
    actions = ["generate_selected", "label_selected"]
    error_advice = {
        "hash_secret_missing": "Set QR_HASH_SECRET in the environment, restart, then retry.",
    }

    @display(description="batch")
    def batch_code(self, batch):
        return format_html('<span class="job-nowrap">{}</span>', batch.batch_code)

    @display(description="status")
    def status_text(self, batch):
        return batch.get_status_display()

    @display(description="spares")
    def spares(self, batch):
        return batch.spare_count

    @display(description="cases packed")
    def packed_cases(self, batch):
        return f"{batch.packed_case_count:,} of {batch.total_master_codes:,}"

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

    def has_generate_permission(self, request):
        return request.user.has_perm("qrtracking.generate_batch")

    @action(description="Generate codes", permissions=["generate"])
    def generate_selected(self, request, queryset):
        question = "Generate the codes of these batches?"
        page = confirm_action(
            self, request, queryset, action="generate_selected", question=question
        )
        if page is not None:
            return page
        for batch in queryset.order_by("pk"):
            try:
                start_generation(batch=batch)
            except DomainError as error:
                text = f"{batch.batch_code}: {error.message}."
                self.message_user(request, text, messages.ERROR)
            else:
                text = f"{batch.batch_code}: codes are generated in the background."
                self.message_user(request, text, messages.SUCCESS)
        return None

    @action(description="Make all labels", permissions=["generate"])
    def label_selected(self, request, queryset):
        question = "Make sheets of all labels of these batches: units, spares and cases?"
        page = confirm_action(self, request, queryset, action="label_selected", question=question)
        if page is not None:
            return page
        for batch in queryset.order_by("pk"):
            try:
                sheets = create_all_sheets(actor=request.user, batch=batch)
            except DomainError as error:
                text = f"{batch.batch_code}: {error.message}."
                self.message_user(request, text, messages.ERROR)
            else:
                text = (
                    f"{batch.batch_code}: {len(sheets):,} label sheets are drawn in the background."
                )
                self.message_user(request, text, messages.SUCCESS)
        return None


@admin.register(ReverseJob)
class ReverseJobAdmin(OrderNumberSearch, JobAdmin):
    list_display = [
        "short_id",
        "order_no",
        "organization",
        "state_badge",
        "progress_bar",
        "prepared_of_total",
        "excluded",
        "attempt_count",
        "waited",
        "ran",
        "created_by",
        "created",
    ]
    list_filter = [StateFilter, PriorityFilter, ORGANIZATION_FILTER, preset_range("created_at")]
    list_select_related = ["organization", "order", "created_by"]
    counter_fields = [
        "total_available_in_batch",
        "prepared_count",
        "remaining_to_prepare",
        "duplicate_count",
        "invalid_count",
        "excluded_matched_count",
        "invalidated_count",
    ]
    error_advice = {
        "batch_not_ready": "The batch may not be packed any more. If that was a mistake, open it "
        "again and retry the job.",
        "batch_missing": "The batch was deleted. There is nothing left to do.",
    }

    @display(description="order")
    def order_no(self, job):
        return format_html('<span class="job-nowrap">{}</span>', job.order.order_no)

    @display(description="prepared")
    def prepared_of_total(self, job):
        total = job.total_available_in_batch
        return f"{job.prepared_count:,} of {total:,}" if total is not None else "not counted yet"

    @display(description="excluded")
    def excluded(self, job):
        return f"{job.excluded_matched_count:,}"

    def get_queryset(self, request):
        # Up to 100,000 texts that no list shows.
        return super().get_queryset(request).defer("cursor", "exclude_codes")

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "excludes", "prepared_list"]

    def get_fieldsets(self, request, obj=None):
        own, *rest = super().get_fieldsets(request, obj)
        names = [name for name in own[1]["fields"] if name != "exclude_codes"]
        return [(own[0], {"fields": [*names, "excludes", "prepared_list"]}), *rest]

    @display(description="excludes")
    def excludes(self, job):
        """The first entries as they were typed."""
        shown = [entry.removeprefix("?") for entry in job.exclude_codes[:100]]
        more = len(job.exclude_codes) - len(shown)
        text = ", ".join(shown) or "none"
        return f"{text} … and {more:,} more" if more else text

    @display(description="prepared codes")
    def prepared_list(self, job):
        url = reverse("admin:qrtracking_preparedcode_changelist")
        return format_html('<a href="{}?job__id__exact={}">Open the list</a>', url, job.pk)
