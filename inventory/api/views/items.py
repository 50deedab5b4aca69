"""`/api/v1/inventory/items`: what was posted, in the order in which it is worked off."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.api.queries import refuse_unknown
from inventory.api.answers import item_fields, shape
from inventory.api.views.v1 import TAG, InventoryView, NewestFirst
from inventory.api.wire import item_row
from inventory.errors import AfterInvalid
from inventory.selectors.items import ItemFilter, list_items

FILTERS = ("status", "batchId", "source", "imei", "errorCode")
PARAMETERS = (*FILTERS, "cursor", NewestFirst.page_size_query_param)


# Of a list view the generator would make a list of pages.
@extend_schema_serializer(many=False)
class ItemPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = serializers.ListField(child=shape("QueueItemRow", **item_fields()))


class ItemsView(InventoryView):
    @extend_schema(
        operation_id="inventory_items_list",
        tags=[TAG],
        parameters=[OpenApiParameter(name) for name in PARAMETERS],
        responses=ItemPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Queue items. Pages lead forward only; each is read from an index."""
        refuse_unknown(request, PARAMETERS)
        query = request.query_params
        wanted = ItemFilter(
            status=query.get("status"),
            batch_id=query.get("batchId"),
            source=query.get("source"),
            imei=query.get("imei"),
            error_code=query.get("errorCode"),
        )
        size = NewestFirst().get_page_size(request) or NewestFirst.page_size
        try:
            page = list_items(self.organization_id, wanted, limit=size, after=query.get("cursor"))
        except AfterInvalid:
            raise ValidationError({"cursor": "Invalid cursor"}) from None
        following = None
        if page.next_after is not None:
            url = request.build_absolute_uri()
            following = replace_query_param(url, "cursor", page.next_after)
        rows = [item_row(item) for item in page.items]
        return Response({"next": following, "previous": None, "results": rows})
