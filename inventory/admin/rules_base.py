"""What the pages of rules share: who manages them, and whose they are."""

from django.core.exceptions import ValidationError

from accounts.admin_base import TenantAdmin
from jobs.admin_base import ORGANIZATION_FILTER

PERMISSION = "inventory.manage_rules"
CSS = ["jobs/admin.css", "inventory/stock_admin.css"]


class OwnedAdmin(TenantAdmin):
    """Rows that people of an organization keep; they stay in the one they were made in."""

    list_filter = [ORGANIZATION_FILTER]
    list_select_related = ["organization"]
    autocomplete_fields = ["organization"]

    class Media:
        css = {"all": CSS}

    def get_readonly_fields(self, request, obj=None):
        return ["organization"] if obj else []

    def get_changeform_initial_data(self, request):
        asked = super().get_changeform_initial_data(request)
        own = request.user.organization
        return {
            **{name: value for name, value in asked.items() if self._may_be(name, value)},
            **({"organization": own.pk} if own else {}),
        }

    def _may_be(self, name, value) -> bool:
        """An address may hold anything; the list of choices looks for keys only."""
        if name in self.autocomplete_fields:
            try:
                self.opts.get_field(name).target_field.to_python(value)
            except ValidationError:
                return False
        return True


class RulesAdmin(OwnedAdmin):
    """One right for all of it, as managers have it; to see it is Django's own right."""

    def has_manage_permission(self, request, obj=None):
        return request.user.has_perm(PERMISSION)

    def has_view_permission(self, request, obj=None):
        return self.has_manage_permission(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return self.has_manage_permission(request)

    def has_change_permission(self, request, obj=None):
        return self.has_manage_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_manage_permission(request)
