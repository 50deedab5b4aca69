from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.html import format_html

from accounts.admin_base import ReadOnlyAdmin, permission_view
from accounts.models import Organization
from accounts.unfold import action, display
from inventory.admin.base import (
    ORGANIZATION,
    OneOrganization,
    badge,
    find_organization,
    halt_text,
    is_list,
    is_search,
    list_url,
    narrow_moment,
    search_items,
)
from inventory.admin.filters import (
    BatchFilter,
    DelayedFilter,
    ErrorCodeFilter,
    SourceFilter,
    StatusFilter,
)
from inventory.admin.item_page import answer_correction, item_context
from inventory.admin.item_states import item_badge, wait_of
from inventory.admin.item_verbs import ITEM_VERBS, PERMISSIONS
from inventory.models import ItemStatus, QueueItem
from inventory.selectors.queue import QueueStats, get_stats
from jobs.admin_base import ORGANIZATION_FILTER, VerbPages, format_duration

ERROR_SHOWN = 80
# The end of a batch id: its beginning is the time, alike for batches of one day.
BATCH_SHOWN = 9
CANCELLED = "cancelled"
# The order of each status in iq_list_idx and iq_batch_idx; of all of them, what is in hand first.
_IN_ORDER = ["organization", "priority", "created_at", "id"]
_ALL_BACKWARDS = ["-organization", "-status", "-priority", "-created_at", "-id"]


@admin.register(QueueItem)
class QueueItemAdmin(VerbPages, ReadOnlyAdmin, OneOrganization):
    list_display = [
        "item",
        "imei",
        "state_badge",
        "place",
        "retries",
        "source",
        "batch",
        "error",
        "waiting_since",
    ]
    list_filter = [
        StatusFilter,
        DelayedFilter,
        SourceFilter,
        BatchFilter,
        ErrorCodeFilter,
        ORGANIZATION_FILTER,
    ]
    list_select_related = ["organization"]
    search_exact = ["id"]
    search_help_text = "Finds: IMEI as it is written, item id, whole batch id"
    ordering = _IN_ORDER
    empty_text = (
        "Phones come in by the programs of the test stations, by file imports, or by scans."
    )
    change_form_template = "inventory/admin/item.html"
    verbs = list(ITEM_VERBS)
    verb_set = ITEM_VERBS
    verb_noun = "item"
    id_converter = "str"
    actions = [f"{name}_selected" for name in ITEM_VERBS]

    # The list

    @display(description="id")
    def item(self, item):
        return item.pk

    @display(description="IMEI")
    def imei(self, item):
        return item.imei_norm or "-"

    @display(description="state")
    def state_badge(self, item):
        return badge(*item_badge(item))

    @display(description="priority")
    def place(self, item):
        return item.priority

    @display(description="retries")
    def retries(self, item):
        return f"{item.retry_count}/{item.max_retries}"

    @display(description="batch")
    def batch(self, item):
        if not item.batch_id:
            return "-"
        query = {ORGANIZATION: item.organization_id, "batch": item.batch_id, "status": "all"}
        return format_html(
            '<a class="job-link job-nowrap" href="{}" title="{}">…{}</a>',
            list_url("queueitem", **query),
            item.batch_id,
            item.batch_id[-BATCH_SHOWN:],
        )

    @display(description="error")
    def error(self, item):
        if not item.error_code and not item.error_message:
            return "-"
        text = item.error_message or ""
        short = text if len(text) <= ERROR_SHOWN else f"{text[:ERROR_SHOWN]}…"
        code = item.error_code or ""
        return format_html('<span class="queue-cell">{} <code>{}</code></span>', short, code)

    @display(description="waiting since")
    def waiting_since(self, item):
        return format_html(
            '<span class="queue-cell">{}<br><span class="job-note job-nowrap">{} {}</span></span>',
            narrow_moment(item.created_at),
            "took" if item.processed_at else "for",
            format_duration(wait_of(item)),
        )

    def get_queryset(self, request):
        # What was posted can be long, and no list shows it.
        queryset = super().get_queryset(request)
        return queryset.defer("raw_data", "warnings") if is_list(request) else queryset

    def get_ordering(self, request):
        if request.GET.get("delayed") == "yes":
            return ["organization", "run_after", "id"]
        has_status = request.GET.get("status", "all") != "all" or "error_code" in request.GET
        return _IN_ORDER if has_status else _ALL_BACKWARDS

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith("batch_"):
            return queryset.filter(batch_id=term), False
        return search_items(queryset, term, imei="imei_norm", pk="pk"), False

    def changelist_view(self, request, extra_context=None):
        organization = find_organization(request)
        if organization is None or not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        stats = get_stats(organization.pk)
        if request.method == "GET" and not _is_asked(request) and stats.failed:
            query = {"status": ItemStatus.FAILED.value, ORGANIZATION: organization.pk}
            return HttpResponseRedirect(list_url("queueitem", **query))
        context = {"presets": _list_presets(request, organization, stats)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    # The item's page

    def get_fieldsets(self, request, obj=None):
        names = [name for name in self.get_fields(request, obj) if name != "raw_data"]
        return [("Technical details", {"fields": names, "classes": ["collapse"]})]

    def render_change_form(self, request, context, *args, **kwargs):
        item = kwargs["obj"]
        context.update(item_context(self, request, item))
        context["title"] = self.get_row_title(item)
        context["subtitle"] = None
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self):
        correct = permission_view(self, self.correct_view, permission="correct")
        name = "inventory_queueitem_correct"
        return [path("<str:object_id>/correct/", correct, name=name), *super().get_urls()]

    def correct_view(self, request, item):
        return answer_correction(self, request, item)

    def get_row_title(self, row):
        return f"Item {row.pk}"

    def get_badge(self, row):
        return item_badge(row)

    def get_verb_initial(self, row):
        return {"priority": row.priority}

    # Who may do what

    def permission_of(self, verb):
        return PERMISSIONS[verb]

    def has_correct_permission(self, request, obj=None):
        return self.has_retry_permission(request, obj)

    @action(description="Retry", permissions=["retry"])
    def retry_selected(self, request, queryset):
        if request.POST.get("select_across") == "1" and request.GET.get("error_code") != CANCELLED:
            # What somebody gave up comes back only when it is meant.
            queryset = queryset.exclude(error_code=CANCELLED)
        page = self.answer_selected(request, queryset, "retry")
        organization = find_organization(request)
        if page is None and organization and (halt := halt_text(organization.pk)):
            self.message_user(request, halt, messages.WARNING)
        return page


def _is_asked(request) -> bool:
    """Whether the address asks for anything but an organization."""
    return any(name != ORGANIZATION and value for name, value in request.GET.items())


def _list_presets(request, organization: Organization, stats: QueueStats):
    """Links above the list, with the ledger's counts."""
    chosen = "delayed" if request.GET.get("delayed") == "yes" else request.GET.get("status", "all")
    if is_search(request):
        chosen = "all"
    presets = [
        ("failed", "Failed", stats.failed, {"status": "failed"}),
        ("pending", "Pending", stats.pending, {"status": "pending"}),
        ("delayed", "of these delayed", stats.delayed, {"delayed": "yes", "status": "pending"}),
        ("processing", "Processing", stats.processing, {"status": "processing"}),
        ("completed", "Completed", stats.completed, {"status": "completed"}),
        ("all", "All", stats.total, {"status": "all"}),
    ]
    return [
        {
            "query": list_url("queueitem", **query, **{ORGANIZATION: organization.pk}),
            "label": label,
            "count": f"{count:,}",
            "is_bad": name == "failed" and count > 0,
            "is_chosen": name == chosen,
        }
        for name, label, count, query in presets
    ]
