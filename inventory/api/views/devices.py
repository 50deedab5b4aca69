"""`/api/v1/inventory/devices`: the phones, one per IMEI, and what people do to them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.queries import refuse_unknown
from accounts.api.schema import IDEMPOTENCY_KEY
from inventory.api.v1_devices import (
    DeviceDetailSerializer,
    DeviceQuery,
    DeviceSerializer,
    MoveRequest,
    RemoveRequest,
    RestoreRequest,
)
from inventory.api.views.v1 import TAG, InventoryList, InventoryView, LastChangedFirst
from inventory.models import Device
from inventory.selectors.device_detail import get_device_detail
from inventory.selectors.devices import find_device, list_devices
from inventory.services.moving import move_device, remove_device, restore_device


class DevicesView(InventoryList):
    queryset = Device.objects.none()
    serializer_class = DeviceSerializer
    pagination_class = LastChangedFirst
    filter_backends = []
    query_serializer = DeviceQuery

    def list_rows(self) -> "QuerySet[Device]":
        query = DeviceQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return list_devices([self.organization_id], query.filters)

    @extend_schema(
        operation_id="inventory_devices_list",
        tags=[TAG],
        parameters=[DeviceQuery],
        responses=DeviceSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Devices, the last changed first."""
        return self.page(request)


class DeviceView(InventoryView):
    @extend_schema(
        operation_id="inventory_devices_retrieve", tags=[TAG], responses=DeviceDetailSerializer
    )
    def get(self, request: Request, imei: str) -> Response:
        """A device with its last tests and movements, by any spelling of its IMEI."""
        refuse_unknown(request, [])
        detail = get_device_detail(find_device(self.organization_id, imei))
        return Response(DeviceDetailSerializer(detail.device, context={"detail": detail}).data)


class _VerbView(InventoryView):
    def act(self, imei: str, body: dict[str, Any], **common: Any) -> None:
        raise NotImplementedError

    def answer(self, request: Request, imei: str) -> Response:
        """Unknown before wrong: what is asked of a device that is not there is not looked at."""
        device = find_device(self.organization_id, imei)
        common = {
            "organization_id": self.organization_id,
            "actor": self.actor,
            "now": timezone.now(),
        }
        self.act(device.imei, dict(request.data), **common)
        return Response(DeviceSerializer(find_device(self.organization_id, device.imei)).data)


class MoveDeviceView(_VerbView):
    @extend_schema(
        operation_id="inventory_devices_move",
        tags=[TAG],
        request=MoveRequest,
        responses=DeviceSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, imei: str) -> Response:
        """Put a device to another place, which is made when it is new; 409 when it is there."""
        return self.answer(request, imei)

    def act(self, imei: str, body: dict[str, Any], **common: Any) -> None:
        move_device(
            imei=imei,
            location=body.get("location"),
            warehouse=body.get("warehouse"),
            note=body.get("note"),
            **common,
        )


class RemoveDeviceView(_VerbView):
    @extend_schema(
        operation_id="inventory_devices_remove",
        tags=[TAG],
        request=RemoveRequest,
        responses=DeviceSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, imei: str) -> Response:
        """Take a device out of stock; 409 when it is out."""
        return self.answer(request, imei)

    def act(self, imei: str, body: dict[str, Any], **common: Any) -> None:
        remove_device(imei=imei, reason=body.get("reason"), **common)


class RestoreDeviceView(_VerbView):
    @extend_schema(
        operation_id="inventory_devices_restore",
        tags=[TAG],
        request=RestoreRequest,
        responses=DeviceSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, imei: str) -> Response:
        """Bring a removed device back to where it was; 409 when it is in stock."""
        return self.answer(request, imei)

    def act(self, imei: str, body: dict[str, Any], **common: Any) -> None:
        restore_device(imei=imei, note=body.get("note"), **common)
