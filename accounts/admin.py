from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from accounts.admin_base import (
    NewParentFormSet,
    PermissionChecks,
    ReadOnlyAdmin,
    TenantAdmin,
    TenantTabularInline,
    confirm_action,
)
from accounts.models import ApiToken, Membership, Organization, User
from accounts.services import remove_member, revoke_token
from accounts.unfold import (
    AdminPasswordChangeForm,
    ModelAdmin,
    UserChangeForm,
    UserCreationForm,
    action,
    display,
)

admin.site.unregister(Group)

# Whoever sets these gives rights away, so only superusers do.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class MembershipFormSet(NewParentFormSet):
    def delete_existing(self, obj, commit=True):  # noqa: FBT002 - Django's signature
        if commit:
            remove_member(membership=obj)


class MembershipInline(TenantTabularInline):
    model = Membership
    formset = MembershipFormSet
    fields = ["organization", "user", "role"]
    autocomplete_fields = ["organization", "user"]


@admin.register(Organization)
class OrganizationAdmin(TenantAdmin):
    list_display = ["name", "kind", "slug", "email", "created_at"]
    list_filter = ["kind"]
    search_fields = ["name", "slug", "email"]
    ordering = ["name", "id"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, TenantAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["username", "email", "first_name", "last_name"]
    ordering = ["username"]
    # The theme's two lists side by side are wider than the page.
    filter_horizontal = []
    autocomplete_fields = ["groups", "user_permissions"]
    inlines = [MembershipInline]

    def get_readonly_fields(self, request, obj=None):
        readonly = super().get_readonly_fields(request, obj)
        return readonly if request.user.is_superuser else (*readonly, *RIGHTS)

    def has_change_permission(self, request, obj=None):
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._may_touch(request, obj) and super().has_delete_permission(request, obj)

    def _may_touch(self, request, obj):
        """Staff could otherwise take a superuser's account over by setting its password."""
        return request.user.is_superuser or obj is None or not obj.is_superuser


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    checks_class = PermissionChecks
    filter_horizontal = []
    autocomplete_fields = ["permissions"]

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


@admin.register(Permission)
class PermissionAdmin(ModelAdmin):
    """Only there to be searched where rights are given."""

    checks_class = PermissionChecks
    search_fields = ["name", "codename", "content_type__app_label"]
    ordering = ["content_type__app_label", "content_type__model", "codename"]
    list_select_related = ["content_type"]

    def has_module_permission(self, request):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    list_display = ["user", "organization", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user", "organization"]
    search_fields = ["user__username", "organization__name", "organization__slug"]
    autocomplete_fields = ["user", "organization"]
    ordering = ["-created_at", "-id"]

    def delete_model(self, request, obj):
        remove_member(membership=obj)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = [
        "name",
        "user",
        "organization",
        "token_key",
        "is_live",
        "expiry",
        "last_used_at",
    ]
    list_select_related = ["user", "organization"]
    search_fields = ["name", "user__username", "token_key"]
    ordering = ["-created_at", "-id"]
    fields = [
        "name",
        "user",
        "organization",
        "token_key",
        "created_by",
        "created_at",
        "expiry",
        "last_used_at",
    ]
    actions = ["revoke_tokens"]

    @display(description="works", boolean=True)
    def is_live(self, token):
        return token.expiry > timezone.now()

    def has_revoke_permission(self, request, obj=None):
        return self.has_named_permission(request, "revoke")

    @action(description="Revoke selected tokens", permissions=["revoke"])
    def revoke_tokens(self, request, queryset):
        question = "Revoke these tokens? Programs that use them are locked out at once."
        if page := confirm_action(
            self, request, queryset, action="revoke_tokens", question=question
        ):
            return page
        tokens = list(queryset)
        for token in tokens:
            revoke_token(token=token, actor=request.user)
        text = ngettext_lazy("%d token revoked.", "%d tokens revoked.", len(tokens)) % len(tokens)
        self.message_user(request, text, messages.SUCCESS)
        return None
