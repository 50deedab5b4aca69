"""What every admin class of the product is built on.

Rows are scoped by `visible_to`, so foreign and unknown ids give the same 404. An action without
permissions is refused by `manage.py check`. Custom pages go through `permission_view`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import helpers
from django.contrib.auth import get_permission_codename
from django.core import checks
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.unfold import (
    ModelAdmin,
    PaginationInlineFormSet,
    TabularInline,
    UnfoldModelAdminChecks,
)

AdminView = Callable[..., HttpResponse]


class PermissionChecks(UnfoldModelAdminChecks):
    """Refuses actions that state no permission: Django would run them for view-only staff."""

    def check(self, admin_obj: ModelAdmin, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(admin_obj, **kwargs), *self._check_stated_permissions(admin_obj)]

    def _check_stated_permissions(self, admin_obj: ModelAdmin) -> list[checks.CheckMessage]:
        return [
            checks.Error(
                f"The action {name} of {type(admin_obj).__name__} states no permission.",
                hint="Give the action permissions=[...].",
                obj=type(admin_obj),
                id="accounts.E001",
            )
            for name, function in _all_actions(admin_obj)
            if not getattr(function, "allowed_permissions", None)
        ]


def _all_actions(admin_obj: ModelAdmin) -> list[tuple[str, Callable[..., Any]]]:
    """Django's actions and those of the theme: above the list, per row, on the page, on its form."""
    theme_actions = (
        *admin_obj._get_base_actions_list(),
        *admin_obj._get_base_actions_row(),
        *admin_obj._get_base_actions_detail(),
        *admin_obj._get_base_actions_submit_line(),
    )
    return [
        *((name, function) for function, name, _ in admin_obj._get_base_actions()),
        *((action.action_name, action.method) for action in theme_actions),
    ]


class ScopedChoicesMixin:
    """Offers only rows that the user may see as the target of a foreign key."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        manager = db_field.remote_field.model._default_manager
        if "queryset" not in kwargs and hasattr(manager, "visible_to"):
            kwargs["queryset"] = manager.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class NewParentFormSet(PaginationInlineFormSet):
    """Works on the page that adds the parent.

    A key that the database will make counts as set for Django, which then looks for its children.
    """

    def __init__(self, *args: Any, instance: Model | None = None, **kwargs: Any) -> None:
        instance = instance or self.fk.remote_field.model()
        if instance._state.adding:
            instance.pk = None
        super().__init__(*args, instance=instance, **kwargs)


class TenantTabularInline(ScopedChoicesMixin, TabularInline):
    formset = NewParentFormSet
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).visible_to(request.user)


class TenantAdmin(ScopedChoicesMixin, ModelAdmin):
    checks_class = PermissionChecks
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).visible_to(request.user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without `delete_selected`: it loads every row and all that hangs on it."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404

    def has_named_permission(self, request: HttpRequest, name: str) -> bool:
        """Whether the user holds `<app>.<name>_<model>`, as declared in the model's Meta."""
        codename = get_permission_codename(name, self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def get_visible_object(self, request: HttpRequest, object_id: Any) -> Model:
        """The row for a custom page, or 404 when it is unknown or foreign."""
        obj = self.get_object(request, str(object_id))
        if obj is None:
            raise Http404
        return obj


class ReadOnlyAdmin(TenantAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def permission_view(model_admin: TenantAdmin, view: AdminView, *, permission: str) -> AdminView:
    """A custom admin page: anonymous to the login, staff without `has_<permission>_permission` 403.

    A page about one row takes `object_id` from its URL; it gets the row as its second argument when
    the user can see it, else the answer is 404.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_allowed = getattr(model_admin, f"has_{permission}_permission")
        if not is_allowed(request):
            raise PermissionDenied
        if "object_id" not in kwargs:
            return view(request, *args, **kwargs)
        obj = model_admin.get_visible_object(request, kwargs.pop("object_id"))
        if not is_allowed(request, obj):
            raise PermissionDenied
        return view(request, obj, *args, **kwargs)

    return model_admin.admin_site.admin_view(guarded)


def confirm_action(
    model_admin: TenantAdmin,
    request: HttpRequest,
    queryset: QuerySet[Model],
    *,
    action: str,
    question: str,
) -> TemplateResponse | None:
    """The page that asks before an action runs, or None when the person has said yes.

    if page := confirm_action(self, request, queryset, action="retry", question="Retry?"):
        return page
    """
    if request.POST.get("confirmed") == "yes":
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": question,
        "opts": model_admin.opts,
        "action": action,
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "count": queryset.count(),
        "examples": queryset[:20],
    }
    return TemplateResponse(request, "accounts/admin/confirm_action.html", context)
