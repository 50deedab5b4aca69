"""`/api/v1/inventory/analytics`: how the queue has done."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.queries import refuse_unknown
from inventory.api.v1_analytics import AnalyticsSerializer, analytics_body
from inventory.api.views.v1 import TAG, InventoryView
from inventory.selectors.analytics import DEFAULT_HOURS, MOST_HOURS, get_analytics, read_hours

HOURS = OpenApiParameter(
    "hours", {"type": "integer", "minimum": 1, "maximum": MOST_HOURS, "default": DEFAULT_HOURS}
)


class AnalyticsView(InventoryView):
    @extend_schema(
        operation_id="inventory_analytics",
        tags=[TAG],
        parameters=[HOURS],
        responses=AnalyticsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Throughput, waiting and failures of the last hours. Failures: what is failed now."""
        refuse_unknown(request, ["hours"])
        hours = read_hours(request.query_params.get("hours", DEFAULT_HOURS))
        found = get_analytics(self.organization_id, hours=hours, now=timezone.now())
        return Response(analytics_body(found))
