"""The admin theme's parts that we use. No other module imports the theme."""

from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.checks import UnfoldModelAdminChecks
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm
from unfold.decorators import action, display
from unfold.forms import (
    AdminPasswordChangeForm,
    PaginationInlineFormSet,
    UserChangeForm,
    UserCreationForm,
)
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

__all__ = [
    "AdminPasswordChangeForm",
    "AutocompleteDropdownForm",
    "AutocompleteSelectFilter",
    "ChangeList",
    "ChoicesDropdownFilter",
    "InfinitePaginator",
    "ModelAdmin",
    "PaginationInlineFormSet",
    "StackedInline",
    "TabularInline",
    "UnfoldAdminIntegerFieldWidget",
    "UnfoldAdminTextInputWidget",
    "UnfoldModelAdminChecks",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
]
