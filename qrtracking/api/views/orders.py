from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED, HTTP_202_ACCEPTED
from rest_framework.viewsets import GenericViewSet

from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.permissions import ManagerWrites
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Organization, OrganizationKind, Role, User
from jobs.api.permissions import JobPermission
from qrtracking.api.filters import BatchCaseFilter, BatchFilter, BatchUnitFilter, OrderFilter
from qrtracking.api.pagination import CaseOrder, NewestFirst, OrderOrder, SequenceOrder
from qrtracking.api.serializers import (
    BatchSerializer,
    CaseSerializer,
    NewBatchSerializer,
    NewOrderSerializer,
    OrderSerializer,
    QueueSerializer,
    UnitSerializer,
)
from qrtracking.api.views.jobs import JobVerbsMixin, describe_verbs
from qrtracking.models import Batch, Order
from qrtracking.selectors.counts import count_queue
from qrtracking.selectors.units import list_units
from qrtracking.selectors.visible import (
    get_own_order,
    get_partner,
    list_batches,
    list_cases,
    list_orders,
    list_variants,
)
from qrtracking.services.generation import create_batch
from qrtracking.services.orders import NewItem, NewOrder, create_order


class OrderViewSet(
    IdempotentCreateMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Order]
):
    queryset = Order.objects.none()
    serializer_class = OrderSerializer
    permission_classes = [ManagerWrites]
    lookup_value_converter = "uuid"
    pagination_class = OrderOrder
    filterset_class = OrderFilter

    def get_queryset(self) -> QuerySet[Order]:
        return list_orders(user=cast(User, self.request.user))

    @extend_schema(
        request=NewOrderSerializer,
        responses={201: OrderSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Write an order with its items."""
        organization = cast(User, request.user).organization
        assert organization is not None  # noqa: S101 - the permission lets members only through
        body = NewOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        order = _new_order(organization, body.validated_data)
        written = create_order(organization=organization, order=order, now=timezone.now())
        answer = self.get_serializer(self.get_queryset().get(pk=written.pk))
        location = reverse("qrtracking:order-detail", args=[written.pk])
        return Response(answer.data, status=HTTP_201_CREATED, headers={"Location": location})


def _new_order(organization: Organization, data: dict[str, Any]) -> NewOrder:
    buyer, warehouse = data.pop("buyer_org_id", None), data.pop("warehouse_org_id", None)
    return NewOrder(
        **data | {"items": _new_items(organization, data["items"])},
        buyer_org=_partner("buyer_org_id", OrganizationKind.BUYER, buyer),
        warehouse_org=_partner("warehouse_org_id", OrganizationKind.WAREHOUSE, warehouse),
    )


def _new_items(organization: Organization, items: list[dict[str, Any]]) -> list[NewItem]:
    ids = {item["variant_id"] for item in items}
    variants = list_variants(organization=organization, ids=ids)
    if missing := ids - variants.keys():
        raise ValidationError({"items": f"No variant {min(missing)} in your organization."})
    return [
        NewItem(variants[item["variant_id"]], item["qty"], item["units_per_case"]) for item in items
    ]


def _partner(field: str, kind: OrganizationKind, key: UUID | None) -> Organization | None:
    if key is None:
        return None
    partner = get_partner(kind=kind, organization_id=key)
    if partner is None:
        raise ValidationError({field: f"No {kind.label.lower()} has this id."})
    return partner


@describe_verbs(BatchSerializer)
class BatchViewSet(JobVerbsMixin, ListModelMixin, RetrieveModelMixin):
    queryset = Batch.objects.none()
    serializer_class = BatchSerializer
    required_roles = JobVerbsMixin.required_roles | {"create": Role.MANAGER}
    pagination_class = NewestFirst
    filterset_class = BatchFilter

    def get_permissions(self) -> list[Any]:
        return [ManagerWrites()] if self.action == "create" else [JobPermission()]

    def get_queryset(self) -> QuerySet[Batch]:
        return list_batches(user=self._user)

    @extend_schema(
        request=NewBatchSerializer,
        responses={202: BatchSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Give an approved order its batch; the codes are made in the background."""
        body = NewBatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        choices = dict(body.validated_data)
        order = get_own_order(user=self._user, order_id=choices.pop("order_id"))
        batch = create_batch(order=order, actor=self._user, **choices)
        location = reverse("qrtracking:batch-detail", args=[batch.pk])
        answer = self.get_serializer(self.get_queryset().get(pk=batch.pk))
        return Response(answer.data, status=HTTP_202_ACCEPTED, headers={"Location": location})

    @extend_schema(responses=CaseSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        pagination_class=CaseOrder,
        filterset_class=BatchCaseFilter,
        serializer_class=CaseSerializer,
    )
    def cases(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The cases of a batch by number."""
        batch = self.get_row()
        return self.page_of(list_cases(user=self._user).filter(batch=batch))

    @extend_schema(responses=UnitSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        pagination_class=SequenceOrder,
        filterset_class=BatchUnitFilter,
        serializer_class=UnitSerializer,
    )
    def codes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The units of a batch by sequence."""
        batch = self.get_row()
        return self.page_of(list_units(user=self._user).filter(batch=batch))

    @extend_schema(responses=QueueSerializer)
    @action(detail=True, methods=["get"], serializer_class=QueueSerializer, pagination_class=None)
    def queue(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Units that are ready to be packed."""
        return Response(self.get_serializer(count_queue(batch=self.get_row())).data)
