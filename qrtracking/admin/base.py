"""What the lists of codes share: they are searched by whole codes and seen a batch at a time."""

from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models.functions import Upper

from accounts.models import Organization
from jobs.admin_base import BigTableAdmin
from qrtracking.rules.text import EntryKind, match_key, parse_entries


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

    def changelist_view(self, request, extra_context=None):
        noun = self.opts.get_field(self.parent).verbose_name
        context = {"parent_noun": noun, "is_parent_missing": not self._is_narrowed(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset if self._is_narrowed(request) else queryset.none()

    def _is_narrowed(self, request):
        """Only the list asks: a row's own page is found by its key."""
        is_list = request.resolver_match and request.resolver_match.url_name.endswith("_changelist")
        if not is_list:
            return True
        asked = request.GET
        chosen = any(name.startswith(f"{self.parent}__") and asked[name] for name in asked)
        return chosen or bool(asked.get(SEARCH_VAR, "").strip())
