"""What the lists of codes share: they are searched by whole codes and seen a batch at a time."""

from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models.functions import Upper

from accounts.models import Organization
from jobs.admin_base import BigTableAdmin
from qrtracking.models import Order
from qrtracking.rules.text import EntryKind, match_key, parse_entries

# The newest parents, to be chosen by one press.
SUGGESTED = 10


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


class CodeSearch:
    """Finds a row by its whole code, however it was scanned: the text, or the address on a label.

    The index on codes starts with the organization: naming those that the user may see lets it be
    used, also by people who see all of them.
    """

    code_field = "code"

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        codes = [match_key(e.text) for e in parse_entries(search_term) if e.kind is EntryKind.CODE]
        visible = Organization.objects.visible_to(request.user)
        return queryset.annotate(upper_code=Upper(self.code_field)).filter(
            organization__in=list(visible.values_list("pk", flat=True)), upper_code__in=codes
        ), False


class ParentFirst(BigTableAdmin):
    """A list over millions of rows that shows nothing before its `parent` is chosen."""

    parent = "batch"
    list_before_template = "qrtracking/admin/choose_first.html"

    class Media:
        css = {"all": ["jobs/admin.css", "qrtracking/admin.css"]}

    def changelist_view(self, request, extra_context=None):
        is_narrowed = self._is_narrowed(request)
        context = {
            "parent_noun": self._parent_field.verbose_name,
            "is_parent_missing": not is_narrowed,
            "suggestions": [] if is_narrowed else self._suggest(request),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_changelist_instance(self, request):
        changes = super().get_changelist_instance(request)
        if not self._is_narrowed(request):
            changes.choose_first = self._parent_field.verbose_name
        return changes

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset if self._is_narrowed(request) else queryset.none()

    @property
    def _parent_field(self):
        return self.opts.get_field(self.parent)

    def _suggest(self, request):
        parents = self._parent_field.related_model.objects.visible_to(request.user)
        newest = parents.select_related("order", "organization").defer("cursor")
        return [
            {"row": row, "query": f"?{self.parent}__id__exact={row.pk}"}
            for row in newest.order_by("-created_at", "-id")[:SUGGESTED]
        ]

    def get_parent_id(self, request):
        return request.GET.get(f"{self.parent}__id__exact", "")

    def _is_narrowed(self, request):
        """Only the list asks: a row's own page is found by its key."""
        is_list = request.resolver_match and request.resolver_match.url_name.endswith("_changelist")
        if not is_list:
            return True
        asked = request.GET
        chosen = any(name.startswith(f"{self.parent}__") and asked[name] for name in asked)
        return chosen or bool(asked.get(SEARCH_VAR, "").strip())
