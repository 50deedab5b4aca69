"""Cases and units, each a resource of its own."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.permissions import OrganizationPermission
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role, User
from qrtracking import errors
from qrtracking.api import packing_wire, wire
from qrtracking.api.filters import CaseFilter, CaseUnitFilter, UnitFilter
from qrtracking.api.pagination import CaseOrder, SequenceOrder
from qrtracking.api.scanning_wire import CloseShortRequest
from qrtracking.api.serializers import CaseSerializer, UnitSerializer
from qrtracking.api.views.lists import ListsBelow
from qrtracking.models import MasterCode, UnitCode
from qrtracking.selectors.units import list_units
from qrtracking.selectors.visible import list_cases
from qrtracking.services.closing import close_case_short


class CaseViewSet(
    IdempotentCreateMixin, ListsBelow, ListModelMixin, RetrieveModelMixin, GenericViewSet[Any]
):
    queryset = MasterCode.objects.none()
    serializer_class = CaseSerializer
    permission_classes = [OrganizationPermission]
    required_roles = {"close_short": Role.MANAGER}
    lookup_value_converter = "uuid"
    pagination_class = CaseOrder
    filterset_class = CaseFilter

    def get_queryset(self) -> QuerySet[MasterCode]:
        return list_cases(user=cast(User, self.request.user))

    @extend_schema(responses=UnitSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        pagination_class=SequenceOrder,
        filterset_class=CaseUnitFilter,
        serializer_class=UnitSerializer,
    )
    def units(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The units that lie in a case."""
        units = list_units(user=cast(User, request.user))
        return self.page_of(units.filter(master_code=self.get_row()))

    @extend_schema(
        request=CloseShortRequest, responses=CaseSerializer, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"], url_path="close-short")
    def close_short(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a case full with the units that it holds."""
        case = self.get_row()
        reason = packing_wire.read_text(wire.read_body(request), "reason")
        close_case_short(actor=cast(User, request.user), case_id=case.pk, reason=reason)
        return Response(self.get_serializer(self.get_row()).data)


class UnitViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[UnitCode]):
    queryset = UnitCode.objects.none()
    serializer_class = UnitSerializer
    permission_classes = [OrganizationPermission]
    lookup_value_converter = "uuid"
    pagination_class = SequenceOrder
    filterset_class = UnitFilter

    def get_queryset(self) -> QuerySet[UnitCode]:
        return list_units(user=cast(User, self.request.user))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The units of a batch, or the one with this label."""
        # An empty filter filters nothing, and this table is not read as a whole.
        if not any(request.query_params.get(name, "").strip() for name in ("batch", "code")):
            raise errors.FieldMissing("Give a batch or a code")
        return super().list(request, *args, **kwargs)
