"""`/api/v1/inventory/locations` and `/movements`: where devices can be, and where they have been."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api.v1_devices import LocationSerializer, MovementSerializer
from inventory.api.v1_filters import LocationFilter, MovementFilter
from inventory.api.views.v1 import TAG, InventoryList, NewestFirst
from inventory.models import Location, Movement


class ByName(NewestFirst):
    ordering = ("name_key", "id")
    position = serializers.CharField()


class LocationsView(InventoryList):
    queryset = Location.objects.none()
    serializer_class = LocationSerializer
    pagination_class = ByName
    filterset_class = LocationFilter

    def list_rows(self) -> "QuerySet[Location]":
        rows: QuerySet[Location] = Location.objects.filter(organization_id=self.organization_id)
        return rows.select_related("warehouse")

    @extend_schema(
        operation_id="inventory_locations_list",
        tags=[TAG],
        responses=LocationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Places by name."""
        return self.page(request)


class MovementsView(InventoryList):
    queryset = Movement.objects.none()
    serializer_class = MovementSerializer
    filterset_class = MovementFilter

    def list_rows(self) -> "QuerySet[Movement]":
        rows: QuerySet[Movement] = Movement.objects.filter(organization_id=self.organization_id)
        return rows.select_related("from_location", "to_location", "moved_by")

    @extend_schema(
        operation_id="inventory_movements_list",
        tags=[TAG],
        responses=MovementSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Movements of devices, the newest first."""
        return self.page(request)
