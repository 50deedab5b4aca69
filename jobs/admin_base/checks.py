"""What `manage.py check` demands of an admin class for a big table, so that no list grows slow."""

from django.contrib.admin import BooleanFieldListFilter, ChoicesFieldListFilter
from django.contrib.admin import ListFilter as DjangoListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, F, ForeignKey
from django.db.models.functions import Upper
from django.db.models.indexes import Index

from accounts.admin_base import PermissionChecks
from jobs.admin_base.filters import AutocompleteFilter, ConstantFilter


def indexed_fields(model) -> set[str]:
    """Columns by which the whole table can be read in order: they lead an unconditional index."""
    opts = model._meta
    names = {field.name for field in opts.fields if field.unique or field.db_index}
    leading = [_leading(index) for index in opts.indexes if index.condition is None]
    unique = [c.fields[0] for c in opts.total_unique_constraints if c.fields]
    together = [names[0] for names in opts.unique_together]
    return {opts.pk.name, *names, *unique, *together, *(name for name in leading if name)}


def prefix_fields(model) -> set[str]:
    """Columns with an index on `upper(column)`, which is what a prefix search reads."""
    return {
        source.name
        for index in model._meta.indexes
        for expression in index.expressions[:1]
        for upper in [_unwrapped(expression)]
        if isinstance(upper, Upper)
        for source in upper.get_source_expressions()
        if isinstance(source, F)
    }


def _leading(index: Index) -> str | None:
    if index.fields:
        return index.fields_orders[0][0]
    expression = _unwrapped(index.expressions[0])
    return expression.name if isinstance(expression, F) else None


def _unwrapped(expression):
    """The column or function inside of an ordering or an operator class."""
    while not isinstance(expression, F | Upper):
        sources = expression.get_source_expressions()
        if len(sources) != 1:
            return expression
        expression = sources[0]
    return expression


class BigTableChecks(PermissionChecks):
    code = "jobs.E001"

    def check(self, admin_obj, **kwargs):
        found = [
            *self._hierarchy_faults(admin_obj),
            *self._filter_faults(admin_obj),
            *self._search_faults(admin_obj),
            *self._ordering_faults(admin_obj),
            *self._foreign_key_faults(admin_obj),
        ]
        errors = [
            checks.Error(f"{type(admin_obj).__name__}: {text}", obj=type(admin_obj), id=self.code)
            for text in found
        ]
        return [*super().check(admin_obj, **kwargs), *errors]

    def _hierarchy_faults(self, admin_obj):
        if admin_obj.date_hierarchy:
            yield "date_hierarchy reads the whole table; use preset_range() as a filter."

    def _filter_faults(self, admin_obj):
        for item in admin_obj.list_filter:
            if not _is_constant_filter(admin_obj.model, item):
                yield f"the filter {item} reads its choices from a table; use AutocompleteFilter."

    def _search_faults(self, admin_obj):
        for name in admin_obj.search_exact:
            if name not in indexed_fields(admin_obj.model):
                yield f"search_exact: {name} leads no index."
        for name in admin_obj.search_prefix:
            if name not in prefix_fields(admin_obj.model):
                yield f"search_prefix: {name} has no index on upper({name}) text_pattern_ops."
        if set(admin_obj.search_fields) - {*admin_obj.search_exact, *admin_obj.search_prefix}:
            yield "search_fields are set by search_exact and search_prefix."

    def _ordering_faults(self, admin_obj):
        first = (admin_obj.ordering or ["pk"])[0]
        name = first.lstrip("-") if isinstance(first, str) else None
        if name not in {"pk", *indexed_fields(admin_obj.model)}:
            yield f"ordering starts with {first}, which leads no index."

    def _foreign_key_faults(self, admin_obj):
        chosen = {
            *admin_obj.autocomplete_fields,
            *admin_obj.raw_id_fields,
            *admin_obj.readonly_fields,
            *(admin_obj.exclude or ()),
        }
        for field in admin_obj.model._meta.fields:
            is_offered = isinstance(field, ForeignKey) and field.editable
            if is_offered and not admin_obj.is_read_only and field.name not in chosen:
                yield f"{field.name} loads all rows into a select; put it into autocomplete_fields."


def _is_constant_filter(model, item) -> bool:
    if isinstance(item, str):
        return _has_constant_choices(model, item)
    filter_class = item[1] if isinstance(item, tuple | list) else item
    constant = ConstantFilter, AutocompleteFilter, ChoicesFieldListFilter, BooleanFieldListFilter
    return issubclass(filter_class, constant) and issubclass(filter_class, DjangoListFilter)


def _has_constant_choices(model, path: str) -> bool:
    try:
        field = get_fields_from_path(model, path)[-1]
    except FieldDoesNotExist:
        return False
    return isinstance(field, BooleanField) or bool(field.flatchoices)


class JobChecks(BigTableChecks):
    """Besides: each verb's permission is declared, and jobs of one type are found by an index."""

    def check(self, admin_obj, **kwargs):
        errors = [*self._check_permissions(admin_obj), *self._check_type(admin_obj)]
        return [*super().check(admin_obj, **kwargs), *errors]

    def _check_type(self, admin_obj):
        kind = admin_obj.model.type_field
        if kind is not None and kind not in indexed_fields(admin_obj.model):
            yield checks.Error(
                f"{type(admin_obj).__name__}: lists and the API filter {admin_obj.opts.label} by "
                f"{kind}, which leads no index.",
                hint=f'Index("{kind}", "created_at", "id")',
                obj=type(admin_obj),
                id="jobs.E003",
            )

    def _check_permissions(self, admin_obj):
        declared = {codename for codename, _ in admin_obj.opts.permissions}
        missing = [
            permission
            for permission in map(admin_obj.permission_of, admin_obj.verbs)
            if permission.partition(".")[2] not in declared
        ]
        return [
            checks.Error(
                f"{type(admin_obj).__name__}: {admin_obj.opts.label} declares no {permission}.",
                hint="Declare it (kernel_permissions), name another one in the model's "
                "verb_permissions, or offer fewer verbs.",
                obj=type(admin_obj),
                id="jobs.E002",
            )
            for permission in missing
        ]
