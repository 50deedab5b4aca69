"""List filters whose choices are constants: a SELECT DISTINCT of a big table costs half a second."""

from datetime import timedelta

from django.contrib.admin import SimpleListFilter
from django.db.models.functions import Now

from accounts.unfold import AutocompleteDropdownForm, AutocompleteSelectFilter
from jobs.registry import list_handlers
from jobs.states import State

PRESETS = {
    "1h": ("Last hour", timedelta(hours=1)),
    "24h": ("Last 24 hours", timedelta(hours=24)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
    "90d": ("Last 90 days", timedelta(days=90)),
}


class ConstantFilter(SimpleListFilter):
    """A filter that shows nothing for a value that nobody offered."""

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        if self.value() not in {str(key) for key, _ in self.lookup_choices}:
            return queryset.none()
        return self.apply(queryset, self.value())


class PresetRangeFilter(ConstantFilter):
    """Rows since a while ago, on the database's clock. Stands in for `date_hierarchy`."""

    field = "created_at"

    def lookups(self, request, model_admin):
        return [(key, label) for key, (label, _) in PRESETS.items()]

    def apply(self, queryset, value):
        return queryset.filter(**{f"{self.field}__gte": Now() - PRESETS[value][1]})


def preset_range(field: str, *, title: str | None = None) -> type[PresetRangeFilter]:
    """A preset filter for an indexed datetime column."""
    attributes = {
        "field": field,
        "title": title or field.removesuffix("_at"),
        "parameter_name": field.removesuffix("_at"),
    }
    return type("PresetRangeFilter", (PresetRangeFilter,), attributes)


class StateFilter(ConstantFilter):
    """The kernel's five states, whatever the model calls them, and what needs somebody's eyes."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        words = model_admin.model.states
        return [
            ("trouble", "Failed or stuck"),
            ("stuck", "Stuck"),
            *((state.value, words.word_for(state).capitalize()) for state in State),
        ]

    def apply(self, queryset, value):
        match value:
            case "trouble":
                return queryset.in_state(State.FAILED) | queryset.lease_expired()
            case "stuck":
                return queryset.lease_expired()
            case _:
                return queryset.in_state(State(value))


class KindFilter(ConstantFilter):
    """The kinds of a job model with several handlers."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request, model_admin):
        names = [h.name for h in list_handlers() if h.model is model_admin.model and ":" in h.name]
        kinds = [name.partition(":")[2] for name in names]
        return [(kind, kind.replace("_", " ").capitalize()) for kind in kinds]

    def apply(self, queryset, value):
        return queryset.filter(**{queryset.model.type_field: value})


class ScopedAutocompleteForm(AutocompleteDropdownForm):
    """Names the chosen row only to those who may see it."""

    def __init__(self, request, name, label, choices, field, model_admin, *args, **kwargs):
        super().__init__(request, name, label, choices, field, model_admin, *args, **kwargs)
        manager = field.remote_field.model._default_manager
        if hasattr(manager, "visible_to"):
            self.fields[name].queryset = manager.visible_to(request.user)


class AutocompleteFilter(AutocompleteSelectFilter):
    """A foreign key chosen by typing; not offered to people who may not look its rows up."""

    form_class = ScopedAutocompleteForm

    def has_output(self):
        target = self.field.remote_field.model
        target_admin = self.model_admin.admin_site._registry.get(target)
        return target_admin is not None and target_admin.has_view_permission(self.request)


ORGANIZATION_FILTER = ("organization", AutocompleteFilter)
