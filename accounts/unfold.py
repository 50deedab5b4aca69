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
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

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
    "UnfoldAdminSelectWidget",
    "UnfoldAdminTextInputWidget",
    "UnfoldAdminTextareaWidget",
    "UnfoldBooleanWidget",
    "UnfoldModelAdminChecks",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
]
