"""Stock: how many devices are where, and how they tested."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin_base import ReadOnlyAdmin
from inventory.admin.base import ORGANIZATION, find_organization, list_url
from inventory.admin.device_filters import PLACE
from inventory.models import StockEntry, Warehouse
from inventory.selectors.queues import list_queues
from inventory.selectors.stock import LOCATION, SKU, add_up, sum_stock

WAYS = {
    "place": ([LOCATION], "By place"),
    "sku": ([SKU], "By SKU"),
    "both": ([LOCATION, SKU], "By both"),
}
# More rows than these are for a file.
SHOWN = 500


@admin.register(StockEntry)
class StockEntryAdmin(ReadOnlyAdmin):
    ordering = ["organization", "id"]

    class Media:
        css = {"all": ["jobs/admin.css", "inventory/stock_admin.css"]}

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        organization = find_organization(request)
        if organization is None:
            queues = [queue.organization for queue in list_queues(request.user)]
            organization = queues[0] if len(queues) == 1 else None
        else:
            queues = []
        context = {
            **self.admin_site.each_context(request),
            **(_stock_context(request, organization) if organization else {}),
            "title": "Stock",
            "opts": self.opts,
            "organization": organization,
            "organizations": [(one, f"?{ORGANIZATION}={one.pk}") for one in queues],
            "media": self.media,
        }
        return TemplateResponse(request, "inventory/admin/stock.html", context)


def _stock_context(request, organization) -> dict:
    way = request.GET.get("by") if request.GET.get("by") in WAYS else "place"
    warehouses = list(Warehouse.objects.filter(organization=organization).order_by("name", "id"))
    asked = request.GET.get("warehouse", "")
    chosen = next((one for one in warehouses if str(one.pk) == asked), None)
    groups, _ = WAYS[way]
    sums = sum_stock([organization.pk], by=groups, warehouse=chosen.name_key if chosen else "")

    def url(**changed):
        query = {ORGANIZATION: organization.pk, "by": way, "warehouse": asked, **changed}
        return list_url("stockentry", **query)

    return {
        "by": way,
        "ways": [(label, url(by=name), name == way) for name, (_, label) in WAYS.items()],
        "warehouses": [("All warehouses", url(warehouse=""), chosen is None)]
        + [(one.name, url(warehouse=one.pk), one == chosen) for one in warehouses],
        "rows": [(row, _devices_url(organization, row)) for row in sums[:SHOWN]],
        "row_count": len(sums),
        "shown": SHOWN,
        "total": add_up(sums),
        "may_export": request.user.has_perm("inventory.export_stock"),
        "export_url": _export_url(organization, chosen),
    }


def _devices_url(organization, row) -> str:
    """The devices that are counted; without a SKU there is no search for them."""
    query = {ORGANIZATION: organization.pk, "status": "active"}
    if row.location_id is not None:
        query[f"{PLACE}__id__exact"] = row.location_id
    if row.sku:
        query["q"] = row.sku
    return list_url("device", **query)


def _export_url(organization, warehouse) -> str:
    query = {"kind": "stock", "organization": organization.pk}
    if warehouse is not None:
        query["warehouse"] = warehouse.name
    return reverse("admin:inventory_stockjob_add", query=query)
