"""The admin theme's parts that we use. No other module imports the theme."""

from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.checks import UnfoldModelAdminChecks
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.paginator import InfinitePaginator

__all__ = [
    "AdminPasswordChangeForm",
    "InfinitePaginator",
    "ModelAdmin",
    "StackedInline",
    "TabularInline",
    "UnfoldModelAdminChecks",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
]
