"""`/api/v1/inventory/stock`: how many devices are where, and how they tested."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.queries import refuse_unknown
from inventory.api.v1_devices import StockSerializer
from inventory.api.views.v1 import TAG, InventoryView
from inventory.errors import GroupsInvalid
from inventory.selectors.stock import GROUPS, add_up, sum_stock

BY = OpenApiParameter("by", str, default=",".join(GROUPS), description="location, sku or both")
WAREHOUSE = OpenApiParameter("warehouse", str, description="A warehouse by its name.")


class StockView(InventoryView):
    @extend_schema(
        operation_id="inventory_stock",
        tags=[TAG],
        parameters=[BY, WAREHOUSE],
        responses=StockSerializer,
    )
    def get(self, request: Request) -> Response:
        """Devices in stock, counted now."""
        refuse_unknown(request, ["by", "warehouse"])
        groups = request.query_params.get("by", ",".join(GROUPS)).split(",")
        if not set(groups) <= set(GROUPS):
            raise GroupsInvalid
        warehouse = request.query_params.get("warehouse", "")
        sums = sum_stock([self.organization_id], by=groups, warehouse=warehouse)
        return Response(StockSerializer({"totals": add_up(sums), "results": sums}).data)
