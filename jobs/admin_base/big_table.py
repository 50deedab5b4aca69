"""The base of every admin list over a table that grows without end.

A list stays under 200 ms at ten million rows, because nothing in it reads the whole table: see
`jobs.admin_base.checks` for what is refused.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.contrib.admin import ShowFacets
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Q

from accounts.admin_base import ReadOnlyAdmin, TenantAdmin
from accounts.unfold import ChangeList
from jobs.admin_base.checks import BigTableChecks, indexed_fields
from jobs.admin_base.counting import BoundedPaginator


class BigTableChangeList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        if self.page_num == 1:
            self.result_list = self.paginator.head[: self.list_per_page]
        if not self.query and not self.has_active_filters:
            # The theme offers "Show all" wherever the two numbers differ.
            self.full_result_count = self.result_count


class BigTableAdmin(TenantAdmin):
    """`search_exact` and `search_prefix` name the columns that the search box looks in.

    Prefix columns need an index `OpClass(Upper("column"), "text_pattern_ops")`.
    """

    search_exact: Sequence[str] = ()
    search_prefix: Sequence[str] = ()

    checks_class = BigTableChecks
    paginator = BoundedPaginator
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    ordering = ["-pk"]

    @property
    def is_read_only(self) -> bool:
        return isinstance(self, ReadOnlyAdmin)

    def __init__(self, model, admin_site):
        super().__init__(model, admin_site)
        self.search_fields = [*self.search_exact, *self.search_prefix]
        if self.search_fields and not self.search_help_text:
            self.search_help_text = self._search_help()

    def _search_help(self) -> str:
        label = self.opts.get_field
        parts = [f"exact {label(name).verbose_name}" for name in self.search_exact]
        parts += [f"start of {label(name).verbose_name}" for name in self.search_prefix]
        return f"Finds: {', '.join(parts)}"

    def get_changelist(self, request, **kwargs):
        return BigTableChangeList

    def get_sortable_by(self, request):
        """Only columns that an index can deliver in order."""
        sortable = {"pk", *indexed_fields(self.model)}
        return [name for name in self.get_list_display(request) if self._order_of(name) in sortable]

    def _order_of(self, column) -> str | None:
        function = getattr(self, column, None) if isinstance(column, str) else column
        order = getattr(function, "admin_order_field", None) if callable(function) else column
        return order.lstrip("-") if isinstance(order, str) else None

    def get_list_select_related(self, request):
        """What is set, and every foreign key that the list shows: one query, not one per row."""
        if self.list_select_related is True:
            return True
        keys = {field.name for field in self.opts.fields if isinstance(field, ForeignKey)}
        shown = [name for name in self.get_list_display(request) if name in keys]
        return [*(self.list_select_related or []), *shown]

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip()
        if not term:
            return queryset, False
        conditions = [
            *self._exact(term),
            *(Q(**{f"{n}__istartswith": term}) for n in self.search_prefix),
        ]
        if not conditions:
            return queryset.none(), False
        return queryset.filter(reduce(or_, conditions)), False

    def _exact(self, term: str):
        for name in self.search_exact:
            try:
                yield Q(**{name: self.opts.get_field(name).to_python(term)})
            except ValidationError:
                # A text that is no uuid or number is none of this column's values.
                continue
