from django.contrib import admin
from django.utils.html import format_html

from accounts.unfold import display
from inventory.admin.base import ORGANIZATION, list_url
from inventory.admin.device_filters import PLACE
from inventory.admin.rules_base import OwnedAdmin
from inventory.forms.rules import LocationForm, WarehouseForm
from inventory.models import Location, Warehouse
from inventory.services.places import save_warehouse
from jobs.admin_base import ORGANIZATION_FILTER


class PlaceAdmin(OwnedAdmin):
    """Places are never deleted here: devices and their movements name them."""

    def has_view_permission(self, request, obj=None):
        """Who may see devices sees where they are."""
        may_see_devices = request.user.has_perm("inventory.view_device")
        return may_see_devices or super().has_view_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Warehouse)
class WarehouseAdmin(PlaceAdmin):
    form = WarehouseForm
    list_display = ["name", "is_default", "organization", "created_at"]
    search_fields = ["name"]
    ordering = ["organization", "name", "id"]

    def save_model(self, request, obj, form, change):
        save_warehouse(obj)


@admin.register(Location)
class LocationAdmin(PlaceAdmin):
    form = LocationForm
    list_display = ["name", "warehouse", "devices", "auto_created", "is_active", "organization"]
    list_filter = ["is_active", "auto_created", ORGANIZATION_FILTER]
    list_select_related = ["warehouse", "organization"]
    autocomplete_fields = ["warehouse"]
    search_fields = ["name"]
    ordering = ["organization", "name", "id"]

    @display(description="devices")
    def devices(self, location):
        query = {ORGANIZATION: location.organization_id, f"{PLACE}__id__exact": location.pk}
        url = list_url("device", **query)
        return format_html('<a class="job-link" href="{}">show</a>', url)

    def get_readonly_fields(self, request, obj=None):
        # Devices stay where they are; a place of another warehouse is another place.
        return ["warehouse"] if obj else []

    def save_model(self, request, obj, form, change):
        obj.organization_id = obj.warehouse.organization_id
        super().save_model(request, obj, form, change)
